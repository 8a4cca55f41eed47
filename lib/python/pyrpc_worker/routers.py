"""Finds the pyRPC router whose procedures the backend serves."""

from __future__ import annotations

import sys

from .applications import wrapped_in
from .registry import router_class

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import ModuleType
    from typing import Any

MAX_DEPTH = 4


def default_router(module: ModuleType) -> Any:
    """Returns pyRPC's default router, or the module's own if only that one has procedures."""
    default = getattr(sys.modules.get("pyrpc_core"), "default_router", None)
    if getattr(default, "_procedures", None):
        return default
    router = router_class()
    if router is not None:
        own = {id(value): value for value in vars(module).values() if isinstance(value, router)}
        filled = [each for each in own.values() if each._procedures]
        if len(filled) == 1:
            return filled[0]
    return default


def router_of(app: Any, depth: int = 0) -> Any:
    """Returns the router that answers on /rpc of an application: a backend may mount its own."""
    router = router_class()
    if app is None or router is None or depth > MAX_DEPTH:
        return None
    try:
        own = getattr(app, "router", None)
        if isinstance(own, router):
            return own
        for endpoint in rpc_endpoints(app):
            for cell in getattr(endpoint, "__closure__", None) or ():
                if isinstance(cell.cell_contents, router):
                    return cell.cell_contents
        # Middleware wraps the application that has the route.
        for inner in wrapped_in(app):
            found = router_of(inner, depth + 1) if inner is not app else None
            if found is not None:
                return found
        return None
    except Exception:  # noqa: BLE001 (any access to the user's object may fail)
        return None


def rpc_endpoints(app: Any) -> Iterator[Any]:
    """Yields the functions that handle /rpc (Starlette and Flask)."""
    for route in getattr(app, "routes", None) or ():
        if getattr(route, "path", None) == "/rpc" and hasattr(route, "endpoint"):
            yield route.endpoint
    rules = getattr(app, "url_map", None)
    if rules is not None:
        for rule in rules.iter_rules():
            if rule.rule == "/rpc":
                yield app.view_functions.get(rule.endpoint)

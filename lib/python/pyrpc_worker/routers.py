"""Finds the pyRPC router whose procedures the backend serves."""

from __future__ import annotations

import inspect
import sys

from .applications import flat_routes, is_filled, mounted_in, wrapped_in
from .project import is_project
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
            found = router_in(endpoint)
            if found is not None:
                return found
        # Middleware wraps the application that has the route; another one may mount it.
        for inner in [*wrapped_in(app), *mounted_in(app)]:
            found = router_of(inner, depth + 1) if inner is not app else None
            if found is not None:
                return found
        return None
    except Exception:  # noqa: BLE001 (any access to the user's object may fail)
        return None


def router_in(endpoint: Any, depth: int = 0) -> Any:
    """Returns the router that a view uses, itself or through the functions that it refers to."""
    function = inspect.unwrap(endpoint)
    router = router_class()
    if router is None or depth > MAX_DEPTH or not inspect.isfunction(function):
        return None
    names = [name for name in function.__code__.co_names if name in function.__globals__]
    values = [cell.cell_contents for cell in function.__closure__ or () if is_filled(cell)]
    values += [function.__globals__[name] for name in names]
    for value in values:
        if isinstance(value, router):
            return value
    for value in values:
        if may_answer(value):
            found = router_in(value, depth + 1)
            if found is not None:
                return found
    return None


def may_answer(value: Any) -> bool:
    """Tests if a function is a view of the user's or of an adapter of pyRPC."""
    try:
        function = inspect.unwrap(value)
    except Exception:  # noqa: BLE001 (a proxy may fail on any access)
        return False
    if not inspect.isfunction(function):
        return False
    module = function.__module__ or ""
    is_adapter = module.startswith("pyrpc_") and not module.startswith("pyrpc_core.core")
    return is_adapter or is_project(function.__code__.co_filename)


def rpc_endpoints(app: Any) -> Iterator[Any]:
    """Yields the functions that handle /rpc (Starlette and Flask)."""
    for prefix, route in flat_routes(getattr(app, "routes", None) or ()):
        if prefix + getattr(route, "path", "") == "/rpc" and hasattr(route, "endpoint"):
            yield route.endpoint
    rules = getattr(app, "url_map", None)
    if rules is not None:
        for rule in rules.iter_rules():
            if rule.rule == "/rpc":
                yield app.view_functions.get(rule.endpoint)

"""Finds the paths at which an application answers the requests of pyRPC."""

from __future__ import annotations

import re
import sys

from .applications import class_names, flat_routes, is_foreign, wrapped_in
from .registry import router_class
from .routers import router_in

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Any

    from .django_project import DjangoProject
    from .protocol import Message

RPC = "/rpc"
BARE = "pyrpc_core.transport.asgi.PyRPCAsgiApp"


class Endpoints:
    """The paths of pyRPC in an application, as far as its routes are known."""

    def __init__(self) -> None:
        self.paths: list[str] = []
        # Some part of the application answers requests for /rpc in a way that only a request can show.
        self.is_unknown = False
        self.lacks_router = False
        # The first route that answers GET /rpc, if it comes before that of pyRPC.
        self.shadow: str | None = None
        self.seen: set[int] = set()

    def visit(self, app: Any, prefix: str) -> None:
        if id(app) in self.seen:
            return
        self.seen.add(id(app))
        names = class_names(app)
        if BARE in names:
            self.visit_bare(app, prefix)
        elif getattr(app, "url_map", None) is not None:
            self.visit_rules(app, prefix)
        elif isinstance(getattr(app, "routes", None), list):
            self.visit_routes(app.routes, prefix)
        else:
            self.visit_wrapper(app, prefix)

    def visit_bare(self, app: Any, prefix: str) -> None:
        # It compares the whole path.
        if prefix == "":
            self.paths.append(RPC)
            self.lacks_router = app.router is None

    def visit_routes(self, routes: Iterable[Any], prefix: str) -> None:
        """Visits the routes of Starlette and FastAPI."""
        for before, route in flat_routes(routes, prefix):
            endpoint = getattr(route, "endpoint", None)
            path = before + getattr(route, "path", "")
            if endpoint is not None:
                methods = getattr(route, "methods", None)
                self.visit_endpoint(path, endpoint, getattr(route, "path_regex", None), before)
                if self.is_unknown and methods is not None and "GET" not in methods:
                    continue
            elif getattr(route, "app", None) is not None:
                self.visit(route.app, path.rstrip("/"))
            # The first route that matches answers.
            if self.is_unknown and RPC not in self.paths and self.shadow is None:
                self.shadow = path or "/"

    def visit_endpoint(self, path: str, endpoint: Any, pattern: re.Pattern[str] | None, prefix: str) -> None:
        if path == RPC or path.endswith(RPC) and router_in(endpoint) is not None:
            self.paths.append(path)
        elif prefix == "" and pattern is not None and pattern.match(RPC):
            self.is_unknown = True

    def visit_rules(self, app: Any, prefix: str) -> None:
        """Visits the rules of Flask, and what is wrapped around its application."""
        for rule in app.url_map.iter_rules():
            view = app.view_functions.get(rule.endpoint)
            path = prefix + rule.rule
            if path == RPC or path.endswith(RPC) and view is not None and router_in(view) is not None:
                self.paths.append(path)
        outer = vars(app).get("wsgi_app")
        if outer is not None:
            self.visit_wrapper(outer, prefix)

    def visit_wrapper(self, app: Any, prefix: str) -> None:
        mounts = getattr(app, "mounts", None)
        mounts = mounts if isinstance(mounts, dict) else {}
        for path, inner in mounts.items():
            self.visit(inner, prefix + str(path).rstrip("/"))
        below = {id(inner) for inner in mounts.values()}
        inner_apps = [inner for inner in wrapped_in(app) if inner is not app and id(inner) not in below]
        for inner in inner_apps:
            self.visit(inner, prefix)
        if not inner_apps and RPC.startswith(prefix):
            self.is_unknown = True


def describe_endpoints(app: Any, django: DjangoProject | None, router: Any) -> Message | None:
    """Returns where an application answers pyRPC's requests; None if that is unknown."""
    try:
        if django is not None and not is_foreign(app):
            return describe_django(django, router)
        found = Endpoints()
        found.visit(app, "")
    except Exception:  # noqa: BLE001 (any access to the user's object may fail)
        return None
    if found.is_unknown and RPC not in found.paths:
        return None
    return {
        "paths": sorted(set(found.paths)),
        "fault": "router" if found.lacks_router else "shadowed" if found.shadow is not None else None,
        "shadow": found.shadow,
        "ownRouter": is_own_router(router),
        "urls": None,
    }


def describe_django(django: DjangoProject, router: Any) -> Message:
    paths = [path for path, pattern in django.patterns() if path.endswith(RPC)
             and router_in(pattern.callback) is not None]
    # The split of another path does not concern clients of /rpc.
    used = RPC if RPC in paths else min(paths, default=None)
    first = next((pattern for path, pattern in django.patterns() if path == RPC), None)
    is_shadowed = first is not None and RPC in paths and router_in(first.callback) is None
    is_split = any(path == used for path, _ in django.split_patterns())
    return {
        "paths": sorted(set(paths)),
        "fault": "shadowed" if is_shadowed else "split" if is_split else None,
        "shadow": str(first.name or first.pattern) if is_shadowed else None,
        "ownRouter": is_own_router(router),
        "urls": django.urls_name,
    }


def is_own_router(router: Any) -> bool:
    """Tests if a router is not the one that the adapters use by default."""
    kind = router_class()
    default = getattr(sys.modules.get("pyrpc_core"), "default_router", None)
    return kind is not None and isinstance(router, kind) and router is not default

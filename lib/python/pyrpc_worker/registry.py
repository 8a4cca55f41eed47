"""Reads and observes the procedures that the user's code registers in pyRPC."""

from __future__ import annotations

import inspect
import sys

from .adapters import share_adapters
from .imports import after_import
from .project import project_modules

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from types import FrameType, ModuleType
    from typing import Any

    from .protocol import Message


def router_class() -> Any:
    """Returns the class `pyrpc_core.Router`; None if the user's code did not import it."""
    return getattr(sys.modules.get("pyrpc_core"), "Router", None)


def has_procedures() -> bool:
    """Tests if the default router has procedures."""
    default = getattr(sys.modules.get("pyrpc_core"), "default_router", None)
    return bool(getattr(default, "_procedures", None))


def is_procedure(function: Callable[..., Any]) -> bool:
    """Tests if a function is registered as a procedure: it must never be called because of its name."""
    router = router_class()
    if router is None:
        return False
    routers = [value for module in project_modules() for value in vars(module).values() if isinstance(value, router)]
    for each in [sys.modules["pyrpc_core"].default_router, *routers]:
        for procedure in getattr(each, "_procedures", {}).values():
            if inspect.unwrap(procedure.fn) is function:
                return True
    return False


def observe_registrations() -> list[Message]:
    """Returns a list that receives each pair of functions registered under one name."""
    duplicates: list[Message] = []

    def observe(registry: ModuleType) -> None:
        record_duplicates(registry, duplicates)
        share_adapters()

    after_import("pyrpc_core.core.registry", observe)
    return duplicates


def record_duplicates(registry: Any, duplicates: list[Message]) -> None:
    register = registry.Router.register

    def recording_register(router: Any, name: Any, procedure: Any, *args: Any, **options: Any) -> Any:
        before = getattr(router, "_procedures", {}).get(name)
        if before is not None and before.fn is not procedure.fn:
            places = {"first": place_of(before.fn), "second": place_of(procedure.fn)}
            duplicates.append({"name": str(name), **places})
        if is_bare_decorator(sys._getframe(1)):
            procedure._pyrpc_undeclared = True
        return register(router, name, procedure, *args, **options)

    registry.Router.register = recording_register


def is_bare_decorator(frame: FrameType) -> bool:
    """Tests if `@rpc` calls, and not `@rpc.query` or `@rpc.mutation`; older versions have no kinds."""
    decorator = frame.f_locals.get("self")
    return type(decorator).__name__ == "RpcDecorator" and getattr(decorator, "_kind", "") is None


def place_of(function: Callable[..., Any]) -> Message | None:
    """Returns the file and the line of a function's definition."""
    try:
        code = inspect.unwrap(function).__code__
        return {"file": code.co_filename, "line": code.co_firstlineno}
    except (AttributeError, ValueError):
        return None

"""Detects a server that the user's module starts while it is imported: the import would never end."""

from __future__ import annotations

from .errors import ServerStarted
from .imports import after_import

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from types import ModuleType
    from typing import Any, NoReturn

    from .imports import AfterImport


# Package -> (class or None for the package itself, function, the call as users write it).
CALLS: dict[str, tuple[tuple[str | None, str, str], ...]] = {
    "uvicorn": (
        (None, "run", "uvicorn.run()"),
        ("Server", "run", "uvicorn.Server.run()"),
        ("Server", "serve", "uvicorn.Server.serve()"),
    ),
    "flask": (("Flask", "run", "app.run()"),),
    "waitress": ((None, "serve", "waitress.serve()"),),
}


class ServerGuard:
    """Makes the functions of CALLS raise ServerStarted in a `with` block."""

    def __init__(self) -> None:
        self.finders: list[AfterImport] = []
        self.originals: list[tuple[Any, str, Any]] = []

    def __enter__(self) -> None:
        for name in CALLS:
            finder = after_import(name, self.replace)
            if finder is not None:
                self.finders.append(finder)

    def __exit__(self, *_: object) -> None:
        for finder in self.finders:
            finder.remove()
        for owner, name, original in self.originals:
            setattr(owner, name, original)

    def replace(self, module: ModuleType) -> None:
        for class_name, name, call in CALLS[module.__name__]:
            owner = module if class_name is None else getattr(module, class_name, None)
            original = getattr(owner, name, None)
            if original is not None:
                self.originals.append((owner, name, original))
                setattr(owner, name, refuse(call))


def refuse(call: str) -> Callable[..., NoReturn]:
    def run(*_args: Any, **_options: Any) -> NoReturn:
        raise ServerStarted(call)

    return run

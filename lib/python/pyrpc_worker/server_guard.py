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


# Package -> (class or None for the package itself, the call as users write it).
CALLS: dict[str, tuple[tuple[str | None, str], ...]] = {
    "uvicorn": ((None, "uvicorn.run()"), ("Server", "uvicorn.run()")),
    "flask": (("Flask", "app.run()"),),
}


class ServerGuard:
    """Makes `uvicorn.run`, `Server.run` and `Flask.run` raise ServerStarted in a `with` block."""

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
        for class_name, call in CALLS[module.__name__]:
            owner = module if class_name is None else getattr(module, class_name, None)
            original = getattr(owner, "run", None)
            if original is not None:
                self.originals.append((owner, "run", original))
                setattr(owner, "run", refuse(call))


def refuse(call: str) -> Callable[..., NoReturn]:
    def run(*_args: Any, **_options: Any) -> NoReturn:
        raise ServerStarted(call)

    return run

"""Detects a server that the user's module starts while it is imported: the import would never end."""

from __future__ import annotations

from .errors import ServerStarted
from .imports import after_import

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import ModuleType
    from typing import Any, NoReturn

    from .imports import AfterImport


class ServerGuard:
    """Makes `uvicorn.run` and `Server.run` raise ServerStarted in a `with` block."""

    def __init__(self) -> None:
        self.finder: AfterImport | None = None
        self.originals: list[tuple[Any, str, Any]] = []

    def __enter__(self) -> None:
        self.finder = after_import("uvicorn", self.replace)

    def __exit__(self, *_: object) -> None:
        if self.finder is not None:
            self.finder.remove()
        for owner, name, original in self.originals:
            setattr(owner, name, original)

    def replace(self, uvicorn: ModuleType) -> None:
        for owner, name in ((uvicorn, "run"), (getattr(uvicorn, "Server", None), "run")):
            original = getattr(owner, name, None)
            if original is not None:
                self.originals.append((owner, name, original))
                setattr(owner, name, refuse)


def refuse(*_args: Any, **_options: Any) -> NoReturn:
    raise ServerStarted("uvicorn.run()")

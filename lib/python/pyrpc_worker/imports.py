"""Changes how the project's modules are imported: from source only, and with a callback after one of them."""

from __future__ import annotations

import importlib.machinery
import sys

from .project import is_project

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from types import CodeType, ModuleType
    from typing import Any

# Path -> source and code of the project's files, compiled by the process that forks.
_compiled: dict[str, tuple[bytes, CodeType]] = {}


def ignore_project_bytecode() -> None:
    """Compiles project files from source: a time stamp and a size do not prove that bytecode is current."""
    loader: Any = importlib.machinery.SourceFileLoader
    stats, compile_source = loader.path_stats, loader.source_to_code

    def path_stats(self: Any, path: str) -> Any:
        if is_project(path):
            raise OSError("pyrpc: bytecode of the project is not used")
        return stats(self, path)

    def source_to_code(self: Any, data: Any, path: str, **options: Any) -> Any:
        cached = _compiled.get(path)
        if cached is not None and cached[0] == data:
            return cached[1]
        return compile_source(self, data, path, **options)

    loader.path_stats = path_stats
    loader.source_to_code = source_to_code


def compile_changed(files: Iterable[str]) -> None:
    """Compiles the files that changed since the last question. This runs no code of the user's."""
    has_changed = False
    for path in files:
        try:
            with open(path, "rb") as file:
                data = file.read()
            cached = _compiled.get(path)
            if cached is None or cached[0] != data:
                has_changed = True
                _compiled[path] = (data, compile(data, path, "exec", dont_inherit=True))
        except (OSError, SyntaxError, ValueError, RecursionError, MemoryError):
            _compiled.pop(path, None)
    if has_changed:
        release_memory()


def release_memory() -> None:
    """Returns free memory of the allocator to the system (glibc)."""
    try:
        import ctypes

        ctypes.CDLL(None).malloc_trim(0)
    except Exception:  # noqa: BLE001 (no ctypes or another C library: the memory stays reserved)
        pass


class AfterImport:
    """A finder that calls back once a module has been imported."""

    def __init__(self, name: str, callback: Callable[[ModuleType], None]) -> None:
        self.name = name
        self.callback = callback

    def remove(self) -> None:
        if self in sys.meta_path:
            sys.meta_path.remove(self)  # type: ignore[arg-type]

    def find_spec(
        self, name: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> importlib.machinery.ModuleSpec | None:
        if name != self.name:
            return None
        spec = importlib.machinery.PathFinder.find_spec(name, path)
        if spec is not None and spec.loader is not None:
            loader: Any = spec.loader
            execute = loader.exec_module

            def exec_module(module: ModuleType) -> None:
                execute(module)
                self.callback(module)

            loader.exec_module = exec_module
        return spec


def after_import(name: str, callback: Callable[[ModuleType], None]) -> AfterImport | None:
    """Calls back with the module: now if it is imported, otherwise when the user's code imports it.

    Returns the finder that waits for the import.
    """
    module = sys.modules.get(name)
    if module is not None:
        callback(module)
        return None
    finder = AfterImport(name, callback)
    sys.meta_path.insert(0, finder)
    return finder

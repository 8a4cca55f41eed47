"""Imports the package from the sources that the toolkit passes: no files, no temporary folder."""

from __future__ import annotations

import importlib.machinery
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from types import ModuleType
    from typing import Any

# Not a path that can exist.
FOLDER = "<pyrpc>"


class EmbeddedImporter:
    """Finds and loads the modules of one package; `sources` maps file names to texts."""

    def __init__(self, package: str, sources: Mapping[str, str]) -> None:
        self._package = package
        self._sources = sources

    def find_spec(
        self, name: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> importlib.machinery.ModuleSpec | None:
        package, _, module = name.partition(".")
        file = (module or "__init__") + ".py"
        if package != self._package or file not in self._sources:
            return None
        loader: Any = self
        return importlib.machinery.ModuleSpec(name, loader, origin=f"{FOLDER}/{file}", is_package=not module)

    def create_module(self, spec: importlib.machinery.ModuleSpec) -> None:
        """Leaves the creation of the module to the import system."""

    def exec_module(self, module: ModuleType) -> None:
        file = module.__name__.partition(".")[2] or "__init__"
        source = self._sources[file + ".py"]
        exec(compile(source, f"{FOLDER}/{file}.py", "exec", dont_inherit=True), module.__dict__)


def install(package: str, sources: Mapping[str, str]) -> None:
    """Makes `package` importable, before any package of that name on the search path."""
    sys.meta_path.insert(0, EmbeddedImporter(package, sources))

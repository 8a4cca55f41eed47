"""Distinguishes the user's own code from the standard library, installed packages and this package."""

from __future__ import annotations

import os
import site
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import ModuleType

STDLIB = os.path.realpath(os.path.dirname(os.__file__))
OWN_FOLDER = os.path.dirname(__spec__.origin or "")


def third_party_folders() -> tuple[str, ...]:
    """Returns the folders of the standard library and of installed packages, each with a separator at the end."""
    folders = [STDLIB]
    try:
        folders += site.getsitepackages()
        folders.append(site.getusersitepackages())
    except AttributeError:
        pass
    folders += [entry for entry in sys.path if os.path.basename(entry) in ("site-packages", "dist-packages")]
    real = {os.path.realpath(folder) for folder in folders}
    return tuple(sorted({folder + os.sep for folder in real | set(folders)}))


THIRD_PARTY = third_party_folders()


def is_own(path: str) -> bool:
    """Tests if a file belongs to this package."""
    return os.path.dirname(path) == OWN_FOLDER


def is_third_party(path: str) -> bool:
    """Tests if a file or folder belongs to the standard library or to an installed package."""
    return path.startswith(THIRD_PARTY)


def is_project(path: str | None) -> bool:
    """Tests if a file is source that the user works on."""
    if not path or path.startswith("<"):
        return False
    return not is_third_party(path) and not is_own(path)


def clear_finder_caches() -> None:
    """Forgets the listings of the project's folders.

    The import system caches a listing by the time stamp of the folder: it would miss a file created within the same tick.
    """
    for entry in [entry for entry in sys.path_importer_cache if not is_third_party(entry + os.sep)]:
        del sys.path_importer_cache[entry]


def origin_of(module: ModuleType) -> str | None:
    """Returns the absolute path of a module's file."""
    spec = getattr(module, "__spec__", None)
    origin = getattr(spec, "origin", None)
    return origin if isinstance(origin, str) and os.path.isabs(origin) else None


def project_modules() -> Iterator[ModuleType]:
    for module in list(sys.modules.values()):
        if is_project(origin_of(module)):
            yield module


def project_files() -> list[str]:
    return [path for path in map(origin_of, project_modules()) if path]


def third_party_modules() -> list[str]:
    """Returns the names of all imported modules that are not the user's."""
    names = []
    for name, module in list(sys.modules.items()):
        path = origin_of(module)
        if name != "__main__" and path and not is_project(path) and not is_own(path):
            names.append(name)
    return names

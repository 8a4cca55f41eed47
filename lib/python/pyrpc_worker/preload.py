"""Imports third-party packages ahead of the next question, and detects that they have changed."""

from __future__ import annotations

import gc
import importlib
import os
import site
import sys
import threading

from .project import STDLIB, is_own, is_project, is_third_party, origin_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    Fingerprint = dict[str, tuple[int, int] | None]


class Preloader:
    """The packages that the process has imported ahead."""

    def __init__(self) -> None:
        self.loaded: set[str] = set()
        self._requested: list[str] = []
        self._environment = environment_paths()
        # From the start: only a new process finds packages of an environment that was made after its start, and reads
        # the .pth files of editable installations.
        self._fingerprint: Fingerprint = fingerprint(self._environment)

    @property
    def has_requests(self) -> bool:
        return bool(self._requested)

    def request(self, names: list[str]) -> None:
        """Remembers modules to import, unless all of them are imported already."""
        if not self.loaded.issuperset(names):
            self._requested = names

    def run(self) -> bool:
        """Imports the requested modules; returns if one of them started a thread, which makes forking unsafe."""
        names, self._requested = self._requested, []
        threads = threading.active_count()
        for name in names:
            if name in self.loaded:
                continue
            self.loaded.add(name)
            if name not in sys.modules:
                try:
                    importlib.import_module(name)
                except BaseException:  # noqa: BLE001 (the user's own import reports the failure)
                    pass
        gc.collect()
        self._fingerprint = fingerprint([*self._environment, *package_paths()])
        return threading.active_count() > threads

    def is_stale(self) -> bool:
        """Tests if packages were installed, changed or removed since they were imported, or the environment was replaced."""
        return fingerprint(self._fingerprint) != self._fingerprint


def environment_paths() -> list[str]:
    """Returns the files and folders of the environment, also those that do not exist at the moment."""
    # Not sys.prefix: without its pyvenv.cfg an environment that is being made is not recognized as one.
    folder = os.path.dirname(os.path.dirname(sys.executable))
    packages = getattr(site, "getsitepackages", lambda prefixes: [])([folder, sys.prefix])
    return [sys.executable, os.path.join(folder, "pyvenv.cfg"), *packages]


def package_paths() -> list[str]:
    """Returns the folders that hold packages, and the files of the imported packages."""
    paths = [entry for entry in sys.path if is_third_party(entry + os.sep) and entry != STDLIB]
    for module in list(sys.modules.values()):
        path = origin_of(module)
        if path and not is_project(path) and not is_own(path) and "-packages" in path:
            paths.append(path)
    return paths


def fingerprint(paths: Iterable[str]) -> Fingerprint:
    """Returns the times and sizes of files; None for a file that does not exist."""
    result: Fingerprint = {}
    for path in paths:
        try:
            status = os.stat(path)
            result[path] = (status.st_mtime_ns, status.st_size)
        except OSError:
            result[path] = None
    return result

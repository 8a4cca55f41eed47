"""Recognizes a file of the project that has the name of a package and is imported instead of it."""

from __future__ import annotations

import importlib.machinery
import os
import re
import sys

from .project import is_project

TYPE_CHECKING = False
if TYPE_CHECKING:
    from .protocol import Message


def hidden_package(error: BaseException, root: str) -> Message | None:
    """Returns the failure of an import that found a file of the project, although a package of that name is installed."""
    name = imported_name(error)
    if name is None:
        return None
    top = name.split(".")[0]
    file = getattr(sys.modules.get(top), "__file__", None) or getattr(error, "path", None)
    if not is_project(file) or not isinstance(file, str) or not is_file_of(top, file):
        return None
    folder = os.path.dirname(os.path.dirname(file) if os.path.basename(file) == "__init__.py" else file)
    others = [entry for entry in sys.path if os.path.realpath(entry or ".") != os.path.realpath(folder)]
    spec = importlib.machinery.PathFinder.find_spec(top, others)
    if spec is None or spec.origin is None or is_project(spec.origin):
        return None
    own = os.path.dirname(file) if os.path.basename(file) == "__init__.py" else file
    return {"kind": "hidden", "name": top, "others": [os.path.relpath(own, root)]}


def imported_name(error: BaseException) -> str | None:
    if isinstance(error, ImportError):
        return error.name
    match = re.search(r"module '([\w.]+)' has no attribute", str(error)) if isinstance(error, AttributeError) else None
    return match.group(1) if match else None


def is_file_of(top: str, file: str) -> bool:
    stem = os.path.dirname(file) if os.path.basename(file) == "__init__.py" else os.path.splitext(file)[0]
    return os.path.basename(stem) == top

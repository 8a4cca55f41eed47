"""Describes the interpreter and its environment to the toolkit."""

from __future__ import annotations

import importlib.util
import os
import sys

from .project import clear_finder_caches

TYPE_CHECKING = False
if TYPE_CHECKING:
    from .protocol import Message


def hello(root: str) -> Message:
    """Returns the first message: versions, environment, and the installed pyrpc_core."""
    core = None
    spec = None
    sys.path.insert(0, root)
    try:
        spec = importlib.util.find_spec("pyrpc_core")
    except (ImportError, ValueError, AttributeError):
        pass
    finally:
        sys.path.remove(root)
        clear_finder_caches()
    if spec is not None and spec.origin:
        core = installed_version(os.path.dirname(os.path.dirname(spec.origin)))
    return {
        "event": "hello",
        "version": "%d.%d.%d" % sys.version_info[:3],
        "executable": sys.executable,
        "prefix": sys.prefix,
        "environment": sys.prefix != sys.base_prefix,
        "core": spec is not None,
        "coreVersion": core,
        "fork": hasattr(os, "fork"),
    }


def installed_version(folder: str, package: str = "pyrpc_core") -> str | None:
    """Returns the version of a package in a site-packages folder."""
    # importlib.metadata costs 20 ms to import.
    try:
        for name in os.listdir(folder):
            if name.lower().startswith(f"{package.lower()}-") and name.endswith(".dist-info"):
                return name[len(package) + 1:-len(".dist-info")]
    except OSError:
        pass
    return None

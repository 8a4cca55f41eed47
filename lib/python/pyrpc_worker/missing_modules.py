"""Finds out why a module is missing: the project is searched first, and an installation is only proposed for known names."""

from __future__ import annotations

import difflib
import importlib.util
import os
import re
import sys

from .interpreter import installed_version
from .project import is_third_party

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from .protocol import Message

MANIFESTS = ("pyproject.toml", "setup.py", "setup.cfg")
# Files that name the packages of a project.
LISTS = re.compile(
    r"^(pyproject\.toml|setup\.(py|cfg)|Pipfile(\.lock)?|(poetry|uv|pdm)\.lock|environment\.ya?ml|[\w.-]*requirements[\w.-]*\.(txt|in))$"
)
SKIPPED = re.compile(r"^(\..*|node_modules|__pycache__|site-packages|dist-packages|build|dist)$")
MAX_FOLDERS = 400
MAX_LIST_BYTES = 4 << 20
MAX_NAMES = 3


def explain_missing_module(name: str, root: str, importing: str | None, entry: str) -> Message:
    """Returns the cause of a missing module, and what that cause needs.

    `importing` is the file that imports it; None for the entry itself. `entry` is the module that was asked for.
    """
    top = name.split(".")[0]
    folder = os.path.dirname(importing) if importing else root
    return (
        missing_submodule(name, top)
        or not_installed(top, root, folder)
        or wrong_folder(top, root, importing, entry)
        or beside(name, folder, importing)
        or misspelled(name, root, [folder, root, os.path.join(root, "src")])
        or elsewhere(top, root)
        or {"cause": "unknown", "lists": package_lists(root)}
    )


def missing_submodule(name: str, top: str) -> Message | None:
    """A package that is there lacks the module."""
    if "." not in name:
        return None
    package, rest = top, name.split(".")[1:]
    try:
        spec = importlib.util.find_spec(top)
        if spec is None or not spec.submodule_search_locations:
            return None
        while len(rest) > 1:
            inner = importlib.util.find_spec(f"{package}.{rest[0]}")
            if inner is None or not inner.submodule_search_locations:
                break
            spec, package, rest = inner, f"{package}.{rest[0]}", rest[1:]
    except Exception:  # noqa: BLE001 (a package that fails while it is imported)
        return None
    folders = list(spec.submodule_search_locations or ())
    names = [module for folder in folders for module in modules_in(folder)]
    installed = bool(folders) and is_third_party(folders[0] + os.sep)
    return {
        "cause": "submodule",
        "package": package,
        "rest": ".".join(rest),
        "version": version_of(top, folders[0]) if installed else None,
        "installed": installed,
        "names": closest(rest[0], names),
    }


def version_of(top: str, folder: str) -> str | None:
    while os.path.basename(folder) != top and os.path.dirname(folder) != folder:
        folder = os.path.dirname(folder)
    return installed_version(os.path.dirname(folder), top)


def not_installed(top: str, root: str, folder: str) -> Message | None:
    """The package lies in `src`, which is not on the path before the project is installed."""
    for base in parents(folder, root):
        if is_module(os.path.join(base, "src"), top):
            manifest = next((file for file in MANIFESTS if os.path.isfile(os.path.join(base, file))), None)
            return {"cause": "src", "folder": base, "manifest": manifest, "path": f"src/{top}"}
    return None


def explain_relative_import(root: str, entry: str) -> Message | None:
    """A relative import leaves the package of the entry: Python has to run in the folder above, if that can be a package."""
    return run_in(os.path.dirname(root), root, entry, None) if os.path.basename(root).isidentifier() else None


def wrong_folder(top: str, root: str, importing: str | None, entry: str) -> Message | None:
    """The importing file lies in the missing package: Python has to run one folder above it."""
    if importing is None:
        for name in sorted(subfolders(root)):
            if is_module(os.path.join(root, name), top):
                return {"cause": "folder", "folder": name}
        return {"cause": "folder", "folder": ".."} if is_package(root, top) else None
    for base in parents(os.path.dirname(importing), root):
        if os.path.basename(base) == top and (base != root or is_package(base, top)):
            return run_in(os.path.dirname(base), root, entry, importing)
    for base in list(parents(os.path.dirname(importing), root))[1:]:
        if base != root and is_module(base, top):
            return run_in(base, root, entry, importing)
    return None


def run_in(folder: str, root: str, entry: str, importing: str | None) -> Message:
    """Returns the folder in which Python has to run, and the name of the entry there."""
    path = os.path.relpath(folder, root)
    above, names = path.split(os.sep), entry.split(".")
    if path == os.pardir:
        entry = f"{os.path.basename(root)}.{entry}"
    elif names[: len(above)] == above:
        entry = ".".join(names[len(above) :])
    elif importing is not None:
        # The entry lies elsewhere: only the importing file is known to work there.
        entry = os.path.relpath(importing, folder)[: -len(".py")].replace(os.sep, ".")
    return {"cause": "folder", "folder": path, "entry": entry}


def beside(name: str, folder: str, importing: str | None) -> Message | None:
    """A file beside the importing one has the name of the missing module."""
    if importing is not None:
        for path in (name + ".py", os.path.join(name, "__init__.py")):
            if os.path.isfile(os.path.join(folder, path)):
                return {"cause": "beside", "path": path}
    return None


def misspelled(name: str, root: str, folders: list[str]) -> Message | None:
    names = {module for folder in folders for module in modules_in(folder)}
    found = closest(name.split(".")[0], sorted(names))
    return {"cause": "misspelled", "names": found, "lists": package_lists(root)} if found else None


def elsewhere(top: str, root: str) -> Message | None:
    """Another folder of the project has the module."""
    for folder in walk(root):
        if folder != root and is_module(folder, top):
            return {"cause": "elsewhere", "folder": os.path.relpath(folder, root).replace(os.sep, "/")}
    return None


def package_lists(root: str) -> list[Message]:
    """Returns the names of packages in the manifests and lock files of the project, each normalized."""
    lists = []
    for folder in repository(root):
        try:
            names = sorted(os.listdir(folder))
        except OSError:
            continue
        for name in names:
            path = os.path.join(folder, name)
            if LISTS.match(name) and os.path.isfile(path) and os.path.getsize(path) <= MAX_LIST_BYTES:
                with open(path, encoding="utf-8", errors="replace") as file:
                    words = re.findall(r"[A-Za-z0-9][A-Za-z0-9._-]*", file.read())
                lists.append({"file": name, "names": sorted({normalized(word) for word in words})})
    return lists


def normalized(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower().strip("-")


def repository(root: str) -> Iterator[str]:
    """Yields the folder and those above it, up to the root of the repository."""
    while True:
        yield root
        above = os.path.dirname(root)
        if os.path.exists(os.path.join(root, ".git")) or above == root or above == os.path.expanduser("~"):
            return
        root = above


def parents(folder: str, root: str) -> Iterator[str]:
    """Yields a folder of the project and those above it, the root last."""
    while folder.startswith(root):
        yield folder
        if folder == root:
            return
        folder = os.path.dirname(folder)


def is_package(folder: str, name: str) -> bool:
    """Tests if a folder itself is a regular package of this name."""
    return os.path.basename(folder) == name and os.path.isfile(os.path.join(folder, "__init__.py"))


def modules_in(folder: str) -> list[str]:
    """Returns the names that can be imported from a folder."""
    try:
        names = os.listdir(folder)
    except OSError:
        return []
    files = [name[:-3] for name in names if name.endswith(".py") and name != "__init__.py"]
    return files + [name for name in names if name.isidentifier() and has_source(os.path.join(folder, name))]


def has_source(folder: str) -> bool:
    try:
        return os.path.isdir(folder) and any(name.endswith(".py") for name in os.listdir(folder))
    except OSError:
        return False


def is_module(folder: str, name: str) -> bool:
    return os.path.isfile(os.path.join(folder, name + ".py")) or has_source(os.path.join(folder, name))


def subfolders(folder: str) -> list[str]:
    try:
        names = os.listdir(folder)
    except OSError:
        return []
    return [
        name
        for name in names
        if not SKIPPED.match(name)
        and os.path.isdir(os.path.join(folder, name))
        and not os.path.exists(os.path.join(folder, name, "pyvenv.cfg"))
    ]


def walk(root: str) -> Iterator[str]:
    """Yields folders of the project, the nearest first."""
    waiting = [root]
    for count, folder in enumerate(waiting):
        if count >= MAX_FOLDERS:
            return
        yield folder
        waiting += [os.path.join(folder, name) for name in sorted(subfolders(folder))]


def closest(name: str, names: list[str]) -> list[str]:
    own = [each for each in dict.fromkeys(names) if each not in sys.builtin_module_names]
    return difflib.get_close_matches(name, own, MAX_NAMES, 0.75)

"""Classifies the exception that ended the import of the user's module, and locates it in the user's code."""

from __future__ import annotations

import os

from .errors import AppNotFound, ImportTimeout, ServerStarted, SettingsNotFound, SeveralApps
from .project import is_project
from .tracebacks import MAX_TEXT, file_being_loaded, first_line, format_traceback, frames_of, source_line

TYPE_CHECKING = False
if TYPE_CHECKING:
    from .protocol import Message

MAX_FRAMES = 20
MAX_CANDIDATES = 5
MAX_FIELDS = 8
UNREACHABLE = {
    "gaierror",
    "ConnectError",
    "ConnectTimeout",
    "ConnectionError",
    "MaxRetryError",
    "OperationalError",
    "ServerSelectionTimeoutError",
}


def describe_failure(error: BaseException, module: str, root: str) -> Message:
    """Returns the failed answer for an import of `module` in the folder `root`."""
    frames = frames_of(error)
    project = [frame for frame in frames if is_project(frame["file"])]
    result = {
        "ok": False,
        "type": type(error).__name__,
        "message": first_line(error),
        "frames": project[-MAX_FRAMES:],
        "place": project[-1] if project else None,
        "deepestIsProject": bool(frames) and is_project(frames[-1]["file"]),
        "traceback": format_traceback(error),
        **classify(error, module, root, project),
    }
    if isinstance(error, SyntaxError):
        result.update(describe_syntax_error(error))
    return result


def describe_syntax_error(error: SyntaxError) -> Message:
    # A file that is not text at all: only the import system has its path.
    path = error.filename or file_being_loaded(error.__traceback__)
    if not path or not os.path.isfile(path):
        return {}
    line = error.lineno or 1
    text = (error.text or source_line(path, line)).rstrip("\r\n")
    return {
        "place": {"file": path, "line": line, "column": error.offset or 1, "text": text},
        "message": (error.msg or "")[:MAX_TEXT],
    }


def classify(error: BaseException, module: str, root: str, project: list[Message]) -> Message:
    """Returns the kind of a failure and the details of that kind; `project` holds the frames of the user's code."""
    if isinstance(error, ImportTimeout):
        return {"kind": "timeout", "message": ""}
    if isinstance(error, ServerStarted):
        return {"kind": "server", "name": str(error)}
    if isinstance(error, SystemExit):
        return {"kind": "exit", "message": str(error.code)[:MAX_TEXT]}
    if isinstance(error, AppNotFound):
        return {"kind": "no_app", "name": error.name, "others": error.others}
    if isinstance(error, SeveralApps):
        return {"kind": "several_apps", "others": error.names}
    if isinstance(error, SettingsNotFound):
        return {"kind": "settings"}
    text = first_line(error)
    if is_encoding_error(error, text):
        return {"kind": "encoding"}
    if isinstance(error, SyntaxError):
        return {"kind": "syntax"}
    from .hidden_packages import hidden_package

    hidden = hidden_package(error, root)
    if hidden is not None:
        return hidden
    if "partially initialized module" in text:
        return {"kind": "circular", "chain": import_cycle(text, root, project)}
    if isinstance(error, ModuleNotFoundError) and error.name:
        return classify_missing_module(error.name, module, root, project)
    if isinstance(error, ImportError) and text.startswith("attempted relative import"):
        from .missing_modules import explain_relative_import

        return {"kind": "relative", "missing": explain_relative_import(root, module)}
    from .missing_settings import missing_settings

    settings = missing_settings(error)
    if settings is not None:
        return settings
    kind = "service" if is_unreachable(error) else "exception"
    return {"kind": kind, "message": text_with_fields(error)}


def is_unreachable(error: BaseException) -> bool:
    """Tests if a service did not answer: a database, a cache, another server."""
    seen: set[int] = set()
    step: BaseException | None = error
    while step is not None and id(step) not in seen:
        seen.add(id(step))
        # Names of hosts that cannot be resolved (gaierror) and clients of databases have classes of their own.
        if isinstance(step, (ConnectionError, TimeoutError)) or type(step).__name__ in UNREACHABLE:
            return True
        step = step.__cause__ or step.__context__
    return False


def text_with_fields(error: BaseException) -> str:
    """Returns the first line of a message, and the fields that Pydantic lists in the lines below it."""
    text = first_line(error)
    if type(error).__name__ != "ValidationError":
        return text
    try:
        errors = error.errors()  # type: ignore[attr-defined]
        fields = [f"{'.'.join(map(str, each['loc']))}: {each['msg']}" for each in errors if each["loc"]]
    except Exception:  # noqa: BLE001 (an exception of another package)
        return text
    rest = f" and {len(fields) - MAX_FIELDS} more" if len(fields) > MAX_FIELDS else ""
    return f"{text} ({'; '.join(fields[:MAX_FIELDS])}{rest})"[:MAX_TEXT] if fields else text


def is_encoding_error(error: BaseException, text: str) -> bool:
    """Tests if a source is not UTF-8, or UTF-16, which contains null bytes."""
    if not isinstance(error, (SyntaxError, ValueError)):
        return False
    return (
        (isinstance(error, SyntaxError) and "codec can't decode byte" in text)
        or text.startswith("Non-UTF-8 code")
        or ("null bytes" in text and text.startswith("source code"))
    )


def classify_missing_module(name: str, module: str, root: str, project: list[Message]) -> Message:
    from .missing_modules import explain_missing_module

    importing = project[-1]["file"] if project else None
    missing = explain_missing_module(name, root, importing, module)
    if not project and (module + ".").startswith(name + "."):
        return {"kind": "entry", "name": name, "missing": missing, "others": entry_candidates(root)}
    if name == "django" and not project:
        # The settings name Django; the adapter brings it.
        return {"kind": "adapter", "name": "pyrpc_django"}
    if missing["cause"] != "submodule":
        if name.split(".")[0] == "pyrpc_core":
            return {"kind": "core", "name": name}
        if name.startswith("pyrpc_"):
            return {"kind": "adapter", "name": name.split(".")[0]}
    return {"kind": "module", "name": name, "missing": missing}


def import_cycle(message: str, root: str, project: list[Message]) -> list[str]:
    """Returns the files that import one another, relative to the project; the first one is also the last."""
    files = [frame["file"] for frame in project if frame["function"] == "<module>"]
    partial = message.partition("partially initialized module '")[2].partition("'")[0].split(".")
    # The file that closes the cycle is in the traceback only once.
    stem = os.sep.join(partial)
    files += [path for path in files if path.endswith((stem + ".py", os.path.join(stem, "__init__.py")))][:1]
    return [os.path.relpath(path, root) for path in files]


def entry_candidates(root: str) -> list[str]:
    """Returns modules of the project that are named like an entry."""
    found = []
    for folder, prefix in ((".", ""), ("app", "app."), ("src", "src."), ("api", "api."), ("backend", "backend.")):
        for name in ("main", "app", "server", "api", "asgi", "wsgi"):
            if os.path.isfile(os.path.join(root, folder, name + ".py")):
                found.append(prefix + name)
    return found[:MAX_CANDIDATES]


"""Reads tracebacks of the user's code, without the frames of this package and of the import system."""

from __future__ import annotations

import importlib
import traceback

from .project import is_own

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import TracebackType
    from typing import Any

    from .protocol import Message

MAX_TEXT = 2000
MAX_TRACEBACK = 100_000
MAX_FRAMES = 200


def first_line(error: BaseException) -> str:
    """Returns the first line of an exception's message."""
    try:
        text = str(error)
    except BaseException:  # noqa: BLE001 (an exception whose own __str__ fails)
        return ""
    lines = text.strip().splitlines()
    return lines[0][:MAX_TEXT] if lines else ""


def source_line(path: str, number: int) -> str:
    """Returns a line of a file as it is now: linecache may hold the text from before the edit."""
    try:
        with open(path, encoding="utf-8", errors="replace") as file:
            for count, text in enumerate(file, 1):
                if count == number:
                    return text.rstrip("\r\n")[:MAX_TEXT]
    except OSError:
        pass
    return ""


def frames_of(error: BaseException) -> list[Message]:
    """Returns the frames of a traceback, the innermost last."""
    frames: list[Message] = []
    for frame in traceback.extract_tb(error.__traceback__, limit=-MAX_FRAMES):
        if is_hidden(frame.filename):
            continue
        text = source_line(frame.filename, frame.lineno or 1)
        column = getattr(frame, "colno", None)
        frames.append({
            "file": frame.filename,
            "line": frame.lineno or 1,
            # `colno` counts bytes of UTF-8.
            "column": len(text.encode()[:column].decode("utf-8", "ignore")) + 1 if column else 1,
            "text": text,
            "function": frame.name,
        })
    return frames


def is_hidden(path: str) -> bool:
    return is_own(path) or path.startswith("<frozen importlib")


def format_traceback(error: BaseException) -> str:
    """Returns the traceback as Python prints it, with the causes of the exception."""
    try:
        summary = traceback.TracebackException.from_exception(error)
        hide_frames(summary)
        text = "".join(summary.format())
    except BaseException:  # noqa: BLE001 (an exception whose own methods fail)
        text = repr(type(error))
    return text[-MAX_TRACEBACK:]


def hide_frames(summary: Any) -> None:
    """Removes the hidden frames of an exception, its causes and its group members."""
    waiting = [summary]
    while waiting:
        each = waiting.pop()
        if each is None:
            continue
        stack = each.stack
        # This package imports the user's module by importlib.import_module.
        while stack and (is_hidden(stack[0].filename) or stack[0].filename == importlib.__file__):
            del stack[0]
        stack[:] = [frame for frame in stack if not is_hidden(frame.filename)]
        waiting += [each.__cause__, each.__context__, *(each.exceptions or ())]


def file_being_loaded(traceback_: TracebackType | None) -> str | None:
    """Returns the file that the import system was reading when it failed."""
    path = None
    while traceback_ is not None:
        frame = traceback_.tb_frame
        if frame.f_code.co_name == "get_code":
            path = frame.f_locals.get("source_path") or path
        traceback_ = traceback_.tb_next
    return path

"""Reports the sources that the user's code itself writes: a restart for each of them would never end."""

from __future__ import annotations

import os
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from .protocol import Send

WRITING = os.O_WRONLY | os.O_RDWR
MAX_PATHS = 1000


def report_writes(send: Send) -> None:
    """Reports each source once that is opened for writing, or replaced."""
    reported: set[str] = set()

    def report(path: Any) -> None:
        if isinstance(path, (str, os.PathLike)):
            text = os.fspath(path)
            if isinstance(text, str) and text.endswith(".py") and len(reported) < MAX_PATHS:
                text = os.path.abspath(text)
                if text not in reported:
                    reported.add(text)
                    send({"event": "wrote", "path": text})

    # Called for every import and every file: it returns at once for other events.
    def hook(event: str, args: tuple[Any, ...]) -> None:
        try:
            if event == "open":
                path, mode, flags = args
                if (mode is not None and not mode.startswith("r")) or (flags and flags & WRITING):
                    report(path)
            elif event == "os.rename":
                report(args[1])
        except BaseException:  # noqa: BLE001 (an exception of a hook would fail the user's call)
            pass

    sys.addaudithook(hook)

"""Entry point: starts the process in one of the two modes."""

from __future__ import annotations

import gc
import os
import sys

from .interpreter import hello
from .process import start_process_group
from .protocol import read_message, sender

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


def main(mode: str, root: str, skip_preload: bool) -> None:
    # All objects of the imports below stay alive: collecting garbage only delays the start.
    gc.disable()
    answers, control = claim_standard_streams()
    send = sender(answers)
    start_process_group()
    try:
        # Before the other modules are imported, so that the toolkit writes its question in the meantime.
        send(hello(root))
    except BrokenPipeError:
        return
    if mode == "alone":
        from .imports import ignore_project_bytecode
        from .worker import run_worker

        ignore_project_bytecode()
        message = read_message(control)
        if message is not None:
            run_worker(message, control, send)
    elif hasattr(os, "fork"):
        from .fork_server import ForkServer

        ForkServer(control, answers, preload=not skip_preload).run()


def claim_standard_streams() -> tuple[int, int]:
    """Returns descriptors of the original output and input.

    Afterwards the user's code prints to standard error and reads an empty standard input.
    """
    answers = os.dup(1)
    control = os.dup(0)
    os.dup2(2, 1)
    null = os.open(os.devnull, os.O_RDONLY)
    os.dup2(null, 0)
    os.close(null)
    streams: tuple[Any, ...] = (sys.stdout, sys.stderr)
    for stream in streams:
        try:
            stream.reconfigure(encoding="utf-8", errors="backslashreplace", line_buffering=True)
        except (AttributeError, ValueError):
            pass
    return answers, control

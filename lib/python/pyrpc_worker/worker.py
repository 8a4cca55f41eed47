"""Runs the process that imports the user's code: it answers one question, and then serves or ends."""

from __future__ import annotations

import gc
import os
import sys

from .backend import Backend
from .process import flush_output, kill_group_at_end_of, kill_own_group
from .question import Question
from .serving import modules_message, serve
from .sockets import receive_order
from .tracebacks import format_traceback

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from socket import socket
    from typing import Any, NoReturn

    from .protocol import Message, Send

INTERRUPTED = 130


def run_worker(message: Message, control: int | socket | None, send: Send) -> NoReturn:
    """Answers the question in `message`, and serves if it is ordered to."""
    question = Question.from_message(message)
    if question.keep or question.report_modules:
        from .own_writes import report_writes

        report_writes(send)
    backend = Backend(question)
    answer = backend.answer()
    if backend.is_loaded and question.report_modules:
        send(modules_message())
    send(answer)
    if not backend.is_loaded or not question.keep or control is None:
        flush_output()
        os._exit(0)
    order, listening = receive_order(control)
    if order is None or order.get("do") != "serve":
        flush_output()
        kill_own_group()
    gc.enable()
    kill_group_at_end_of(control)
    code = exit_code_of(serve, backend, order, send, listening)
    flush_output()
    os._exit(code)


def exit_code_of(run: Callable[..., None], *args: Any) -> int:
    """Runs a function like a program: prints its exception, and returns the exit code."""
    try:
        run(*args)
    except SystemExit as end:
        return end.code if isinstance(end.code, int) else 1 if end.code else 0
    except KeyboardInterrupt:
        return INTERRUPTED
    except BaseException as error:  # noqa: BLE001
        print(format_traceback(error), end="", file=sys.stderr)
        return 1
    return 0

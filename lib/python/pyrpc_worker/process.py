"""Process groups, signals and time limits, with what each system offers."""

from __future__ import annotations

import os
import select
import signal
import sys
import threading

from .errors import ImportTimeout

TYPE_CHECKING = False
if TYPE_CHECKING:
    from socket import socket
    from typing import Any, NoReturn


class TimeLimit:
    """Raises ImportTimeout in a `with` block after `seconds` (0 for no limit). Does nothing on Windows."""

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        self.is_active = seconds > 0 and hasattr(signal, "setitimer")

    def __enter__(self) -> None:
        if self.is_active:
            signal.signal(signal.SIGALRM, self.expire)
            signal.setitimer(signal.ITIMER_REAL, self.seconds)

    def __exit__(self, *_: object) -> None:
        if self.is_active:
            signal.setitimer(signal.ITIMER_REAL, 0)
            signal.signal(signal.SIGALRM, signal.SIG_DFL)

    @staticmethod
    def expire(*_: Any) -> NoReturn:
        raise ImportTimeout()


def start_process_group() -> None:
    """Makes this process the leader of a group, so that all processes below it end with it."""
    if sys.platform == "win32":
        try:
            from .windows_job import end_children_with_this_process

            end_children_with_this_process()
        except ImportError:
            pass  # An interpreter without ctypes.
    elif hasattr(os, "setsid"):
        try:
            os.setsid()
        except OSError:
            pass


def kill_own_group() -> NoReturn:
    try:
        if hasattr(os, "killpg") and os.getpgrp() == os.getpid():
            os.killpg(0, signal.SIGKILL)
    finally:
        os._exit(0)


def kill_group_at_end_of(control: int | socket) -> None:
    """Kills this process and its group once the other end of `control` is closed."""
    descriptor = control if isinstance(control, int) else control.fileno()

    def wait() -> None:
        while True:
            try:
                if os.read(descriptor, 4096) == b"":
                    break
            except OSError:
                break
        kill_own_group()

    threading.Thread(target=wait, daemon=True, name="pyrpc-end").start()


def signal_group(pid: int, number: int) -> None:
    """Sends a signal to a child and to all processes that it started."""
    try:
        os.killpg(pid, number)
    except (ProcessLookupError, PermissionError):
        try:
            os.kill(pid, number)
        except ProcessLookupError:
            pass


def poll_exit(pid: int) -> tuple[int, int]:
    """Like `os.waitpid` without waiting; kills the group of an ended child before its process id is reused."""
    try:
        if hasattr(os, "waitid"):
            if os.waitid(os.P_PID, pid, os.WEXITED | os.WNOHANG | os.WNOWAIT) is None:
                return 0, 0
            try:
                os.killpg(pid, signal.SIGKILL)
            except (ProcessLookupError, PermissionError):
                pass
        return os.waitpid(pid, os.WNOHANG)
    except ChildProcessError:
        return pid, 0


def signal_name(number: int) -> str:
    try:
        return signal.Signals(number).name
    except ValueError:
        return str(number)


def is_readable(descriptor: int) -> bool:
    return bool(select.select([descriptor], [], [], 0)[0])


def close(*resources: int | socket | None) -> None:
    for each in resources:
        if isinstance(each, int):
            os.close(each)
        elif each is not None:
            each.close()


def flush_output() -> None:
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except Exception:  # noqa: BLE001 (closed by the user's code)
            pass

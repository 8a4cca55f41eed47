"""Forks a process for each question. It has one thread and runs no code of the user's, so that forking is safe."""

from __future__ import annotations

import errno
import gc
import os
import selectors
import signal
import socket
import time

from .imports import compile_changed, ignore_project_bytecode
from .preload import Preloader
from .process import close, is_readable, poll_exit, signal_group, signal_name, start_process_group
from .protocol import decode, sender
from .sockets import listen, send_order
from .worker import run_worker

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import NoReturn

    from .protocol import Message

# Seconds without messages after which packages are preloaded.
QUIET_TIME = 0.05
# Seconds after which children are killed that ignore SIGTERM.
END_GRACE = 0.4
STOP_GRACE = 0.5
# Exit code of a child that failed before it could answer (EX_SOFTWARE).
INTERNAL_ERROR = 70


class Child:
    """A forked process; `control` is set if it waits for an order after its answer."""

    def __init__(self, id: int, pid: int, reader: int, control: socket.socket | None) -> None:
        self.id = id
        self.pid = pid
        self.reader: int | None = reader
        self.control = control
        self.has_answered = False
        self.kill_at: float | None = None
        self._pieces: list[bytes] = []

    def split_lines(self, data: bytes) -> list[bytes]:
        """Returns the lines that `data` completes."""
        # An answer may have megabytes: only the new piece is searched, so that the time stays linear.
        if b"\n" not in data:
            self._pieces.append(data)
            return []
        *lines, rest = b"".join([*self._pieces, data]).split(b"\n")
        self._pieces = [rest] if rest else []
        return lines


class ForkServer:
    def __init__(self, control: int, answers: int, preload: bool) -> None:
        self.control = control
        self.answers = answers
        self.send = sender(answers)
        self.preloader = Preloader() if preload else None
        self.children: dict[int, Child] = {}
        # The project's files that the last answer imported.
        self.files: list[str] = []
        self.listening: socket.socket | None = None
        self.selector = selectors.DefaultSelector()
        self._buffer = b""
        self._own_descriptors = [control, answers]

    def run(self) -> NoReturn:
        ignore_project_bytecode()
        gc.enable()
        # Ctrl+C is handled by the toolkit, which ends this process by closing the pipe.
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        signal.signal(signal.SIGTERM, lambda *_: self.end())
        self.selector.register(self.control, selectors.EVENT_READ, self.read_orders)
        self.wake_on_child_exit()
        try:
            while True:
                ready = self.selector.select(self.seconds_to_wait())
                for key, _ in ready:
                    key.data()
                self.reap()
                # Only in a quiet moment: no message is read during the imports.
                if not ready and self.should_preload():
                    self.preload()
        except (BrokenPipeError, KeyboardInterrupt):
            self.end()

    def wake_on_child_exit(self) -> None:
        reader, writer = os.pipe()
        for descriptor in (reader, writer):
            os.set_blocking(descriptor, False)
        signal.signal(signal.SIGCHLD, lambda *_: None)
        signal.set_wakeup_fd(writer, warn_on_full_buffer=False)
        self.selector.register(reader, selectors.EVENT_READ, lambda: os.read(reader, 4096))
        self._own_descriptors += [reader, writer]

    def seconds_to_wait(self) -> float | None:
        now = time.monotonic()
        times = [child.kill_at - now for child in self.children.values() if child.kill_at is not None]
        if self.should_preload():
            times.append(QUIET_TIME)
        return max(0.0, min(times)) if times else None

    def should_preload(self) -> bool:
        if self.preloader is None or not self.preloader.has_requests:
            return False
        return all(child.has_answered for child in self.children.values())

    def preload(self) -> None:
        if self.preloader is None:
            return
        if self.preloader.run():
            # A fork copies the locks of threads, but not the threads.
            self.send({"event": "unfit", "reason": "a package starts a thread while it is imported"})
        self.send({"event": "warm", "modules": len(self.preloader.loaded)})

    # --- orders ---

    def read_orders(self) -> None:
        data = os.read(self.control, 1 << 16)
        if data == b"":
            self.end()
        *lines, self._buffer = (self._buffer + data).split(b"\n")
        for line in lines:
            order = decode(line)
            if order is not None:
                self.execute(order)

    def execute(self, order: Message) -> None:
        match order["do"]:
            case "ask":
                self.ask(order)
            case "serve":
                self.serve(order)
            case "stop":
                self.stop(order)
            case "unlisten":
                self.stop_listening()

    def ask(self, order: Message) -> None:
        """Forks a child that answers."""
        if self.preloader is not None and self.preloader.is_stale():
            self.send({"id": order["id"], "event": "stale"})
            return
        compile_changed(self.files)
        order["report"] = self.preloader is not None
        reader, writer = os.pipe()
        ours = theirs = None
        if order.get("keep"):
            # A socket instead of a pipe: it can pass the listening socket, which may be opened after the fork.
            ours, theirs = socket.socketpair()
        gc.freeze()
        try:
            pid = os.fork()
        except OSError as error:
            close(reader, writer, ours, theirs)
            self.send({"id": order["id"], "event": "exit", "code": None, "signal": None, "reason": str(error)})
            return
        if pid == 0:
            try:
                close(reader, ours)
                self.become_child(order, writer, theirs)
            finally:
                os._exit(INTERNAL_ERROR)
        close(writer, theirs)
        child = Child(order["id"], pid, reader, ours)
        self.children[child.id] = child
        self.selector.register(reader, selectors.EVENT_READ, lambda: self.read_child(child))

    def become_child(self, order: Message, writer: int, control: socket.socket | None) -> NoReturn:
        signal.set_wakeup_fd(-1)
        for number in (signal.SIGCHLD, signal.SIGTERM):
            signal.signal(number, signal.SIG_DFL)
        signal.signal(signal.SIGINT, signal.default_int_handler)
        start_process_group()
        self.selector.close()
        # A copy of another child's socket would prevent that child from detecting the end of this server.
        close(*self._own_descriptors, self.listening)
        for other in self.children.values():
            close(other.reader, other.control)
        run_worker(order, control, sender(writer))

    def serve(self, order: Message) -> None:
        """Passes the order and the listening socket to the child that answered."""
        child = self.children.get(order["id"])
        if child is None or child.control is None:
            return
        if self.listening is None:
            try:
                self.listening = listen(order["host"], order["port"])
            except OSError as error:
                code = errno.errorcode.get(error.errno or 0, "")
                self.send({"id": order["id"], "event": "unbound", "code": code, "reason": str(error)})
                return
        try:
            send_order(child.control, order, self.listening)
        except OSError:
            pass  # The child has ended: its exit is reported.

    def stop_listening(self) -> None:
        if self.listening is not None:
            self.listening.close()
            self.listening = None

    def stop(self, order: Message) -> None:
        child = self.children.get(order["id"])
        if child is not None:
            signal_group(child.pid, signal.SIGTERM)
            child.kill_at = time.monotonic() + order.get("grace", STOP_GRACE)

    # --- children ---

    def read_child(self, child: Child) -> None:
        if child.reader is None:
            return
        data = os.read(child.reader, 1 << 18)
        if data == b"":
            self.stop_reading(child)
            return
        for line in child.split_lines(data):
            # The report of `modules_message` is for this process, everything else for the toolkit.
            if line.startswith(b'{"event": "modules"'):
                self.receive_modules(line)
            elif line.startswith(b'{"event": "wrote"'):
                self.send(line + b"\n")
            else:
                child.has_answered = True
                self.send(line + b"\n")

    def receive_modules(self, line: bytes) -> None:
        report = decode(line)
        if report is None:
            return
        self.files = report["files"]
        if self.preloader is not None:
            self.preloader.request(report["names"])

    def stop_reading(self, child: Child) -> None:
        if child.reader is not None:
            self.selector.unregister(child.reader)
            os.close(child.reader)
            child.reader = None

    def reap(self) -> None:
        """Kills children that did not stop in time, and reports those that have ended."""
        now = time.monotonic()
        for child in list(self.children.values()):
            if child.kill_at is not None and child.kill_at <= now:
                signal_group(child.pid, signal.SIGKILL)
                child.kill_at = now + 1
            pid, status = poll_exit(child.pid)
            if pid == 0:
                continue
            while child.reader is not None and is_readable(child.reader):
                self.read_child(child)
            self.stop_reading(child)
            close(child.control)
            del self.children[child.id]
            code = os.waitstatus_to_exitcode(status)
            self.send({
                "id": child.id,
                "event": "exit",
                "code": code if code >= 0 else None,
                "signal": signal_name(-code) if code < 0 else None,
            })

    def end(self) -> NoReturn:
        """Ends all children, by force after a short time, and this process."""
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        deadline = time.monotonic() + END_GRACE
        running = [child.pid for child in self.children.values()]
        for pid in running:
            signal_group(pid, signal.SIGTERM)
        while running and time.monotonic() < deadline:
            running = [pid for pid in running if poll_exit(pid)[0] == 0]
            time.sleep(0.01)
        for pid in running:
            signal_group(pid, signal.SIGKILL)
        os._exit(0)

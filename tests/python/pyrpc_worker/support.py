"""Temporary projects, and workers in processes of their own."""

from __future__ import annotations

import faulthandler
import json
import os
import subprocess
import sys
import tempfile
from contextlib import contextmanager
from pathlib import Path

import pyrpc_worker

# A worker that does not answer must not block the tests.
faulthandler.dump_traceback_later(200, exit=True)

PACKAGE_FOLDER = os.path.dirname(pyrpc_worker.__path__[0])
PROCEDURE = "from pyrpc_core import rpc\n@rpc\ndef f(a: int) -> int:\n    return a\n"


@contextmanager
def project(files):
    """Yields the real path of a temporary folder with these files."""
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder).resolve()
        for name, text in files.items():
            path = root / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
        yield root


class Worker:
    """A worker process: messages are sent and received as dictionaries."""

    def __init__(self, mode, root, preload=False, path=()):
        program = "import json, sys; from pyrpc_worker.main import main; main(*json.loads(sys.argv[1]))"
        self.root = str(root)
        self.process = subprocess.Popen(
            [sys.executable, "-B", "-c", program, json.dumps([mode, self.root, not preload])],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env={**os.environ, "PYTHONPATH": os.pathsep.join([PACKAGE_FOLDER, *path])},
        )
        self.hello = self.receive()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.stdin.close()
        self.process.wait()
        self.errors = self.process.stderr.read().decode()
        self.process.stdout.close()
        self.process.stderr.close()

    def send(self, **message):
        self.write(json.dumps(message).encode() + b"\n")

    def write(self, data):
        self.process.stdin.write(data)
        self.process.stdin.flush()

    def receive(self):
        """Returns the next message; None after the last one."""
        line = self.process.stdout.readline()
        return json.loads(line) if line else None

    def receive_event(self, event):
        """Returns the next message of that event, and skips others."""
        while True:
            message = self.receive()
            if message is None or message["event"] == event:
                return message

    def ask(self, id=1, module="main", **options):
        self.send(do="ask", id=id, module=module, root=self.root, **options)


def answer(files, module="main", **options):
    """Returns the answer of a new process to a question about a project."""
    with project(files) as root, Worker("alone", root) as worker:
        worker.ask(module=module, **options)
        return worker.receive_event("answer")

import json
import os
import socket
import time
import unittest
import urllib.error
import urllib.request

from support import PROCEDURE, Worker, project

APPLICATIONS = {
    "no application": "",
    "asgi": "from pyrpc_core.transport.asgi import PyRPCAsgiApp\nfrom pyrpc_core import default_router\n"
    "app = PyRPCAsgiApp(default_router)\n",
    "fastapi": "from fastapi import FastAPI\nfrom pyrpc_fastapi import mount_fastapi\n"
    "from pyrpc_core import default_router\napp = FastAPI()\nmount_fastapi(app, default_router)\n",
    "flask": "from flask import Flask\nfrom pyrpc_flask import mount_flask\n"
    "from pyrpc_core import default_router\napp = Flask('main')\nmount_flask(app, default_router)\n",
}
ORIGINS = {"pattern": r"http://127\.0\.0\.1(:\d+)?", "added": []}
# A second call would serve another application than the one that was described.
COUNTED = "calls = []\ndef create_app():\n    calls.append(1)\n    assert len(calls) == 1\n"


def free_port():
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        return listening.getsockname()[1]


def contract_at(port, process):
    """Returns the answer of `GET /rpc`. Flask reports that it is ready just before it listens."""
    while True:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/rpc") as response:
                return json.load(response)
        except urllib.error.HTTPError:
            raise
        except urllib.error.URLError:
            if process.poll() is not None:
                raise
            time.sleep(0.02)


class ServingTest(unittest.TestCase):
    def serve(self, mode, source):
        with project({"main.py": source}) as root, Worker(mode, root) as worker:
            worker.ask(keep=True)
            answer = worker.receive_event("answer")
            self.assertTrue(answer["ok"], answer)
            port = free_port()
            worker.send(do="serve", id=1, host="127.0.0.1", port=port, framework="asgi", origins=ORIGINS)
            self.assertEqual(worker.receive_event("ready"), {"id": 1, "event": "ready"})
            self.assertEqual(contract_at(port, worker.process), answer["contract"])

    def test_serves_what_it_described(self):
        for mode in ("alone", "warm") if hasattr(os, "fork") else ("alone",):
            for name, source in APPLICATIONS.items():
                with self.subTest(f"{mode}: {name}"):
                    self.serve(mode, PROCEDURE + source)

    def test_calls_a_factory_once(self):
        for name in ("fastapi", "flask"):
            body = "".join(f"    {line}\n" for line in APPLICATIONS[name].splitlines()) + "    return app\n"
            with self.subTest(name):
                self.serve("alone", PROCEDURE + COUNTED + body)

    def test_ends_without_the_order_to_serve(self):
        with project({"main.py": PROCEDURE}) as root, Worker("alone", root) as worker:
            worker.ask(keep=True)
            self.assertTrue(worker.receive()["ok"])
            worker.process.stdin.close()
            worker.process.wait()

    @unittest.skipUnless(hasattr(os, "fork"), "the system cannot fork")
    def test_reports_that_the_port_is_taken(self):
        with socket.socket() as taken, project({"main.py": PROCEDURE}) as root, Worker("warm", root) as worker:
            taken.bind(("127.0.0.1", 0))
            taken.listen()
            worker.ask(keep=True)
            worker.receive_event("answer")
            worker.send(do="serve", id=1, host="127.0.0.1", port=taken.getsockname()[1], framework="asgi", origins=ORIGINS)
            self.assertEqual(worker.receive_event("unbound")["code"], "EADDRINUSE")

    def test_prints_the_traceback_of_a_server_that_fails_without_own_frames(self):
        source = PROCEDURE + "class App:\n    async def __call__(self, scope, receive, send): ...\napp = App()\n" + (
            "import uvicorn\ndef fail(self):\n    raise ValueError('broken')\nuvicorn.Config.load = fail\n"
        )
        with project({"main.py": source}) as root, Worker("alone", root) as worker:
            worker.ask(keep=True)
            self.assertTrue(worker.receive_event("answer")["ok"])
            worker.send(do="serve", id=1, host="127.0.0.1", port=free_port(), framework="asgi", origins=ORIGINS)
            worker.process.wait()
        self.assertEqual(worker.process.returncode, 1)
        self.assertIn("ValueError: broken", worker.errors)
        self.assertNotIn("pyrpc_worker", worker.errors)


if __name__ == "__main__":
    unittest.main()

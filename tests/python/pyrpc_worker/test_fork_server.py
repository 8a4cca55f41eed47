import os
import py_compile
import signal
import time
import unittest

from support import PROCEDURE, Worker, project


def is_running(pid):
    try:
        os.kill(pid, 0)
        # A killed process stays in the table until its parent has collected it.
        with open(f"/proc/{pid}/stat") as file:
            return file.read().rpartition(")")[2].split()[0] != "Z"
    except ProcessLookupError:
        return False
    except OSError:
        return True


@unittest.skipUnless(hasattr(os, "fork"), "the system cannot fork")
class ForkServerTest(unittest.TestCase):
    def test_answers_each_question_in_a_new_process(self):
        source = PROCEDURE + "import os\nopen('pids', 'a').write(f'{os.getpid()}\\n')\n"
        with project({"main.py": source}) as root, Worker("warm", root) as worker:
            self.assertTrue(worker.hello["fork"])
            for id in (1, 2):
                worker.ask(id)
                answer = worker.receive()
                self.assertEqual((answer["event"], answer["id"], answer["ok"]), ("answer", id, True))
                self.assertEqual(worker.receive(), {"id": id, "event": "exit", "code": 0, "signal": None})
            pids = (root / "pids").read_text().split()
        self.assertEqual(len(set(pids)), 2)
        self.assertNotIn(str(worker.process.pid), pids)

    def test_answers_questions_at_the_same_time(self):
        with project({"a.py": PROCEDURE, "b.py": "1 / 0\n"}) as root, Worker("warm", root) as worker:
            worker.ask(1, "a")
            worker.ask(2, "b")
            answers = {}
            while len(answers) < 2:
                answer = worker.receive_event("answer")
                answers[answer["id"]] = answer["ok"]
        self.assertEqual(answers, {1: True, 2: False})

    def test_reports_how_a_child_ended(self):
        cases = [
            ("import os\nos._exit(5)\n", {"code": 5, "signal": None}),
            ("import os\nos.kill(os.getpid(), 9)\n", {"code": None, "signal": "SIGKILL"}),
        ]
        for source, expected in cases:
            with self.subTest(expected), project({"main.py": source}) as root, Worker("warm", root) as worker:
                worker.ask()
                self.assertEqual(worker.receive(), {"id": 1, "event": "exit", **expected})

    def test_ignores_text_that_is_not_an_order(self):
        with project({"main.py": PROCEDURE}) as root, Worker("warm", root) as worker:
            worker.write(b"\nx\n[]\n" + b'{"do": "unlisten"}\n{"do": "stop", "id": 7}\n{"do": "serve", "id": 7}\n')
            worker.ask()
            self.assertTrue(worker.receive()["ok"])
        self.assertEqual(worker.errors, "")

    def test_accepts_an_order_in_pieces(self):
        with project({"main.py": PROCEDURE}) as root, Worker("warm", root) as worker:
            worker.write(b'{"do": "ask", "id": 1, ')
            worker.write(b'"module": "main", "root": "%s"}\n' % str(root).encode())
            self.assertTrue(worker.receive()["ok"])

    def test_stops_a_child_that_ignores_sigterm(self):
        source = "import signal, time\nsignal.signal(signal.SIGTERM, signal.SIG_IGN)\nprint('on')\ntime.sleep(60)\n"
        with project({"main.py": source}) as root, Worker("warm", root) as worker:
            worker.ask()
            self.assertEqual(worker.process.stderr.readline(), b"on\n")
            worker.send(do="stop", id=1, grace=0.05)
            self.assertEqual(worker.receive(), {"id": 1, "event": "exit", "code": None, "signal": "SIGKILL"})

    def test_ends_children_and_their_children_at_the_end_of_the_pipe(self):
        source = PROCEDURE + (
            "import os, subprocess, sys\n"
            "child = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(60)'])\n"
            "print(child.pid)\n"
        )
        with project({"main.py": source}) as root, Worker("warm", root) as worker:
            worker.ask(keep=True)
            pid = int(worker.process.stderr.readline())
            self.assertTrue(worker.receive()["ok"])
            self.assertTrue(is_running(pid))
            os.kill(worker.process.pid, signal.SIGTERM)
            worker.process.wait()
            while is_running(pid):
                time.sleep(0.01)

    def test_interrupts_an_import(self):
        with project({"main.py": "import time\n\ntime.sleep(60)\n"}) as root, Worker("warm", root) as worker:
            worker.ask(limit=0.2)
            failure = worker.receive()
        self.assertEqual((failure["kind"], failure["place"]["line"]), ("timeout", 3))

    def test_sees_a_change_of_the_same_size_and_time(self):
        with project({"main.py": PROCEDURE}) as root, Worker("warm", root) as worker:
            status = (root / "main.py").stat()
            # Bytecode as a server of the user's leaves it.
            py_compile.compile(str(root / "main.py"))
            for id, name in enumerate("fgh"):
                (root / "main.py").write_text(PROCEDURE.replace("def f", f"def {name}"))
                os.utime(root / "main.py", ns=(status.st_atime_ns, status.st_mtime_ns))
                worker.ask(id)
                self.assertEqual(list(worker.receive_event("answer")["contract"]), [name])


@unittest.skipUnless(hasattr(os, "fork"), "the system cannot fork")
class PreloadTest(unittest.TestCase):
    SOURCE = "import sys\npreloaded = 'package' in sys.modules\n" + PROCEDURE + (
        "import package\nif preloaded:\n    rpc('preloaded')(f)\n"
    )

    def test_imports_packages_ahead_and_detects_changes(self):
        files = {"main.py": self.SOURCE, "site-packages/package.py": "x = 1\n"}
        with project(files) as root:
            with Worker("warm", root, preload=True, path=[f"{root}/site-packages"]) as worker:
                worker.ask(1)
                self.assertEqual(list(worker.receive_event("answer")["contract"]), ["f"])
                self.assertGreater(worker.receive_event("warm")["modules"], 0)
                worker.ask(2)
                self.assertEqual(list(worker.receive_event("answer")["contract"]), ["f", "preloaded"])
                (root / "site-packages/package.py").write_text("x = 12\n")
                worker.ask(3)
                self.assertEqual(worker.receive_event("stale"), {"id": 3, "event": "stale"})

    def test_reports_packages_that_start_threads(self):
        files = {
            "main.py": PROCEDURE + "import package\n",
            "site-packages/package.py": "import threading, time\n"
            "threading.Thread(target=time.sleep, args=(60,), daemon=True).start()\n",
        }
        with project(files) as root:
            with Worker("warm", root, preload=True, path=[f"{root}/site-packages"]) as worker:
                worker.ask(1)
                self.assertIn("starts a thread", worker.receive_event("unfit")["reason"])


if __name__ == "__main__":
    unittest.main()

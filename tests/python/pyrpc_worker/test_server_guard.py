import sys
import unittest

from support import project

from pyrpc_worker.errors import ServerStarted
from pyrpc_worker.server_guard import ServerGuard


class ServerGuardTest(unittest.TestCase):
    def test_refuses_to_run_a_server_only_while_it_is_active(self):
        sys.modules.pop("uvicorn", None)
        with project({"uvicorn.py": "def run(app): return app\nclass Server:\n    def run(self): return 1\n    async def serve(self): return 1\n"}) as root:
            sys.path.insert(0, str(root))
            finders = list(sys.meta_path)
            try:
                with ServerGuard():
                    import uvicorn

                    self.assertRaises(ServerStarted, uvicorn.run, "app")
                    self.assertRaises(ServerStarted, uvicorn.Server().run)
                    self.assertRaises(ServerStarted, uvicorn.Server().serve)
                self.assertEqual(uvicorn.run("app"), "app")
                self.assertEqual(uvicorn.Server().run(), 1)
                with ServerGuard():
                    self.assertRaises(ServerStarted, uvicorn.run, "app")
                self.assertEqual(sys.meta_path, finders)
            finally:
                sys.path.remove(str(root))
                sys.modules.pop("uvicorn", None)

    def test_refuses_to_run_an_application_of_flask(self):
        sys.modules.pop("flask", None)
        with project({"flask.py": "class Flask:\n    def run(self, port=5000): return port\n"}) as root:
            sys.path.insert(0, str(root))
            try:
                with ServerGuard():
                    import flask

                    with self.assertRaises(ServerStarted) as caught:
                        flask.Flask().run(port=1)
                    self.assertEqual(str(caught.exception), "app.run()")
                self.assertEqual(flask.Flask().run(), 5000)
            finally:
                sys.path.remove(str(root))
                sys.modules.pop("flask", None)


if __name__ == "__main__":
    unittest.main()

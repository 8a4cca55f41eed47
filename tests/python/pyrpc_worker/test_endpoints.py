import unittest

from support import PROCEDURE, answer

FASTAPI = "from fastapi import FastAPI\nfrom pyrpc_fastapi import mount_fastapi\n"
FLASK = "from flask import Flask\nfrom pyrpc_flask import mount_flask\n"
ASGI = "from pyrpc_core import PyRPCAsgiApp, default_router\n"
STARLETTE = "from starlette.applications import Starlette\nfrom starlette.routing import Mount\n"
DISPATCH = "from werkzeug.middleware.dispatcher import DispatcherMiddleware\n"
MIDDLEWARE = """class Login:
    def __init__(self, app):
        self.app = app
    async def __call__(self, scope, receive, send):
        await self.app(scope, receive, send)
"""

# Source, and the paths that are found; None if only a request can show them.
CASES = {
    "FastAPI": (FASTAPI + "app = FastAPI()\nmount_fastapi(app)\n", ["/rpc"]),
    "FastAPI without a mount": (FASTAPI + "app = FastAPI()\n", []),
    "FastAPI, mounted below": (
        FASTAPI + 'app = FastAPI()\napi = FastAPI()\nmount_fastapi(api)\napp.mount("/api", api)\n',
        ["/api/rpc"],
    ),
    "FastAPI, mounted twice": (
        FASTAPI + "app = FastAPI()\na = FastAPI()\nb = FastAPI()\nmount_fastapi(b)\n"
        'a.mount("/b", b)\napp.mount("/a", a)\n',
        ["/a/b/rpc"],
    ),
    "FastAPI, a router with a prefix": (
        FASTAPI + "from fastapi import APIRouter\nrouter = APIRouter()\nmount_fastapi(router)\n"
        'app = FastAPI()\napp.include_router(router, prefix="/v1")\n',
        ["/v1/rpc"],
    ),
    "FastAPI behind middleware": (
        FASTAPI + MIDDLEWARE + "inner = FastAPI()\nmount_fastapi(inner)\napp = Login(inner)\n",
        ["/rpc"],
    ),
    "FastAPI with an endpoint for every path": (
        FASTAPI + 'app = FastAPI()\n@app.get("/{path:path}")\ndef page(path: str):\n    return path\n',
        None,
    ),
    "Starlette with a bare application": (
        STARLETTE + ASGI + 'app = Starlette(routes=[Mount("/", PyRPCAsgiApp(default_router))])\n',
        ["/rpc"],
    ),
    "Starlette with a bare application below": (
        STARLETTE + ASGI + 'app = Starlette(routes=[Mount("/api", PyRPCAsgiApp(default_router))])\n',
        [],
    ),
    "bare": (ASGI + "app = PyRPCAsgiApp(default_router)\n", ["/rpc"]),
    "an unknown application": ("async def app(scope, receive, send):\n    pass\n", None),
    "Flask": (FLASK + "app = Flask('main')\nmount_flask(app)\n", ["/rpc"]),
    "Flask without a mount": (FLASK + "app = Flask('main')\n", []),
    "Flask, a blueprint with a prefix": (
        FLASK + "from flask import Blueprint\npart = Blueprint('part', 'main')\nmount_flask(part)\n"
        "app = Flask('main')\napp.register_blueprint(part, url_prefix='/api')\n",
        ["/api/rpc"],
    ),
    "Flask, dispatched": (
        FLASK + DISPATCH + "app = Flask('main')\napi = Flask('api')\nmount_flask(api)\n"
        "app.wsgi_app = DispatcherMiddleware(app.wsgi_app, {'/api': api})\n",
        ["/api/rpc"],
    ),
}


class EndpointsTest(unittest.TestCase):
    def endpoints(self, source):
        described = answer({"main.py": PROCEDURE + source}, servable=True)
        self.assertTrue(described["ok"], described)
        return described["app"]["endpoints"]

    def test_finds_the_paths_of_an_application(self):
        for name, (source, paths) in CASES.items():
            with self.subTest(name):
                found = self.endpoints(source)
                self.assertEqual(found and found["paths"], paths)

    def test_finds_a_bare_application_without_a_router(self):
        found = self.endpoints(ASGI + "app = PyRPCAsgiApp()\n")
        self.assertEqual((found["paths"], found["fault"]), (["/rpc"], "router"))

    def test_finds_the_route_that_comes_before_pyrpc(self):
        page = '@app.METHOD("/{path:path}")\ndef page(path: str):\n    return path\n'
        static = "import tempfile\nfrom starlette.staticfiles import StaticFiles\n"
        files = 'app.mount("/", StaticFiles(directory=tempfile.gettempdir()))\n'
        get, post = page.replace("METHOD", "get"), page.replace("METHOD", "post")
        mount = "mount_fastapi(app)\n"
        for lines, shadow in (
            (get + mount, "/{path:path}"),
            (mount + get, None),
            (post + mount, None),
            (files + mount, "/"),
            (mount + files, None),
        ):
            with self.subTest(lines):
                found = self.endpoints(static + FASTAPI + "app = FastAPI()\n" + lines)
                self.assertEqual(found["paths"], ["/rpc"])
                self.assertEqual((found["fault"], found["shadow"]), ("shadowed" if shadow else None, shadow))

    def test_describes_the_router_of_a_mounted_application(self):
        own = "from pyrpc_core import Router\nrouter = Router()\n@router.rpc\ndef g() -> int:\n    return 1\n"
        for source in (
            FASTAPI + 'api = FastAPI()\nmount_fastapi(api, router)\napp = FastAPI()\napp.mount("/api", api)\n',
            FASTAPI + "from fastapi import APIRouter\npart = APIRouter()\nmount_fastapi(part, router)\n"
            "app = FastAPI()\napp.include_router(part)\n",
            STARLETTE + ASGI + 'app = Starlette(routes=[Mount("/", PyRPCAsgiApp(router))])\n',
            FLASK + DISPATCH + "app = Flask('main')\napi = Flask('api')\nmount_flask(api, router)\n"
            "app.wsgi_app = DispatcherMiddleware(app.wsgi_app, {'/api': api})\n",
        ):
            with self.subTest(source):
                described = answer({"main.py": PROCEDURE + own + source}, servable=True)
                self.assertTrue(described["ok"], described)
                self.assertEqual(list(described["contract"]), ["g"])

    def test_finds_a_router_of_its_own(self):
        own = "from pyrpc_core import Router\nrouter = Router()\n@router.rpc\ndef g() -> int:\n    return 1\n"
        mounted = FASTAPI + "app = FastAPI()\nmount_fastapi(app, ROUTER)\n"
        self.assertFalse(self.endpoints(ASGI + mounted.replace("ROUTER", "default_router"))["ownRouter"])
        self.assertTrue(self.endpoints(own + mounted.replace("ROUTER", "router"))["ownRouter"])


if __name__ == "__main__":
    unittest.main()

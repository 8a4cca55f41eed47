import types
import unittest

from flask import Flask
from pyrpc_core.transport.asgi import PyRPCAsgiApp
from fastapi import FastAPI
from starlette.applications import Starlette
from starlette.responses import Response
from starlette.staticfiles import StaticFiles
from support import PROCEDURE, answer

from pyrpc_worker.applications import apps_in, choose, factories_in, kind_of, named_app
from pyrpc_worker.errors import AppNotFound


class Middleware:
    def __init__(self, app):
        self.app = app

    async def __call__(self, scope, receive, send):
        await self.app(scope, receive, send)


class SlottedMiddleware:
    __slots__ = ("app",)

    def __init__(self, app):
        self.app = app

    async def __call__(self, a, b, c):
        await self.app(a, b, c)


class WsgiMiddleware:
    def __init__(self, app):
        self.app = app

    def __call__(self, environ, start_response):
        return self.app(environ, start_response)


class Proxy:
    """Fails on every access, like a proxy of a request outside of one."""

    def __getattribute__(self, name):
        raise RuntimeError(name)


async def asgi_function(scope, receive, send):
    pass


def module_with(**values):
    module = types.ModuleType("main")
    vars(module).update(values)
    return module


def compiled(source):
    """Returns a module whose functions count as the project's."""
    module = types.ModuleType("main")
    exec(compile(source, "/project/main.py", "exec"), module.__dict__)
    return module


class KindTest(unittest.TestCase):
    def test_classifies_by_class_and_protocol(self):
        cases = [
            (Flask("x"), "flask"),
            (FastAPI(), "fastapi"),
            (Starlette(), "asgi"),
            (PyRPCAsgiApp(), "asgi"),
            (type("Derived", (FastAPI,), {})(), "fastapi"),
            (Middleware(FastAPI()), "asgi"),
            (SlottedMiddleware(FastAPI()), "asgi"),
            (WsgiMiddleware(Flask("x")), "flask"),
            (asgi_function, "asgi"),
            (None, None),
            ("app", None),
            (print, None),
            (lambda: None, None),
            (object(), None),
            (FastAPI, None),
            (Proxy(), None),
        ]
        for app, kind in cases:
            with self.subTest(type(app).__name__):
                self.assertEqual(kind_of(app), kind)


class AppsTest(unittest.TestCase):
    def test_finds_the_outer_applications(self):
        api = FastAPI()
        mounted = Starlette()
        outer = Starlette()
        outer.mount("/api", mounted)
        first, second = Middleware(None), Middleware(None)
        first.app, second.app = second, first
        flask = Flask("x")
        guarded = Flask("y")
        guarded.wsgi_app = WsgiMiddleware(guarded.wsgi_app)
        cases = {
            "one": (dict(app=api), ["app"]),
            "one under two names": (dict(app=api, application=api), ["app"]),
            "two": (dict(a=api, b=flask), ["a", "b"]),
            "middleware": (dict(inner=api, app=Middleware(api)), ["app"]),
            "middleware of middleware": (dict(a=api, b=Middleware(api), c=SlottedMiddleware(Middleware(api))), ["b", "c"]),
            "a mounted application": (dict(mounted=mounted, outer=outer), ["outer"]),
            "a closure": (dict(api=api, guard=(lambda inner: Middleware(inner))(api)), ["guard"]),
            "middleware inside Flask": (dict(app=guarded), ["app"]),
            "a circle": (dict(first=first, second=second), ["first", "second"]),
            "parts": (dict(app=api, files=StaticFiles(directory="/"), response=Response()), ["app"]),
            "a part named app": (dict(app=StaticFiles(directory="/")), ["app"]),
            "a proxy": (dict(app=api, request=Proxy()), ["app"]),
            "none": (dict(x=1), []),
        }
        for name, (values, expected) in cases.items():
            with self.subTest(name):
                self.assertEqual(list(apps_in(module_with(**values))), expected)

    def test_chooses_the_only_or_the_usual_name(self):
        self.assertEqual(choose({"x": 1}, "app"), "x")
        self.assertEqual(choose({"x": 1, "app": 2}, "app"), "app")
        self.assertIsNone(choose({"x": 1, "y": 2}, "app"))
        self.assertIsNone(choose({}, "app"))


class FactoryTest(unittest.TestCase):
    def test_finds_factories_by_name_and_annotation(self):
        module = compiled(
            "from __future__ import annotations\n"
            "import functools\n"
            "from fastapi import FastAPI\n"
            "def create_app(): ...\n"
            "def make_application(debug=False, *args, **options): ...\n"
            "def anything() -> FastAPI: ...\n"
            "@functools.wraps(create_app)\n"
            "def wrapped(): return create_app()\n"
            "def get_app(name): ...\n"
            "async def build_app(): ...\n"
            "def other() -> str: ...\n"
            "class App:\n    def create_app(self): ...\n"
        )
        self.assertEqual(list(factories_in(module)), ["create_app", "make_application", "anything"])

    def test_ignores_factories_of_packages(self):
        module = types.ModuleType("main")
        exec(compile("def create_app(): ...", types.__file__, "exec"), module.__dict__)
        self.assertEqual(factories_in(module), {})


class NamedAppTest(unittest.TestCase):
    def test_returns_attributes_and_calls_factories(self):
        api = FastAPI()
        module = module_with(api=api, box=types.SimpleNamespace(inner=api), make=lambda: api, needs=lambda a: api)
        self.assertIs(named_app(module, "api"), api)
        self.assertIs(named_app(module, "box.inner"), api)
        self.assertIs(named_app(module, "make"), api)
        self.assertIs(named_app(module, "needs"), module.needs)

    def test_names_the_applications_that_exist(self):
        with self.assertRaises(AppNotFound) as raised:
            named_app(module_with(api=FastAPI()), "app")
        self.assertEqual((raised.exception.name, raised.exception.others), ("app", ["api"]))


class FoundByWorkerTest(unittest.TestCase):
    TWO = PROCEDURE + "from fastapi import FastAPI\na = FastAPI()\nb = FastAPI()\n"

    def test_requires_one_application_only_for_serving(self):
        self.assertEqual(answer({"main.py": self.TWO})["app"], None)
        failure = answer({"main.py": self.TWO}, servable=True)
        self.assertEqual((failure["kind"], failure["others"]), ("several_apps", ["a", "b"]))

    def test_reports_a_failing_factory_only_for_serving(self):
        source = PROCEDURE + "def create_app():\n    raise OSError('no database')\n"
        self.assertEqual(list(answer({"main.py": source})["contract"]), ["f"])
        self.assertEqual(answer({"main.py": source}, servable=True)["message"], "no database")

    def test_never_calls_a_procedure_as_a_factory(self):
        source = PROCEDURE + "@rpc\ndef create_app() -> int:\n    raise SystemExit(1)\n"
        self.assertEqual(list(answer({"main.py": source}, servable=True)["contract"]), ["f", "create_app"])

    def test_finds_the_application_in_another_module(self):
        files = {"main.py": PROCEDURE, "web.py": "from fastapi import FastAPI\napi = FastAPI()\n"}
        app = answer(files, appModule="web")["app"]
        self.assertEqual((app["name"], app["kind"]), ("api", "fastapi"))


if __name__ == "__main__":
    unittest.main()

import sys
import unittest

from support import project

from pyrpc_worker.errors import AppNotFound, ImportTimeout, SeveralApps
from pyrpc_worker.failures import describe_failure


def failure_of(files, module="main", entry="main.py"):
    """Executes a file of a project as the module, and describes its exception."""
    with project(files) as root:
        path = root / entry
        sys.path.insert(0, str(root))
        try:
            exec(compile(path.read_text(), str(path), "exec"), {"__name__": module})
        except BaseException as error:  # noqa: BLE001
            described = describe_failure(error, module, str(root))
        finally:
            sys.path.remove(str(root))
        if described["place"] is not None:
            described["place"]["file"] = described["place"]["file"].removeprefix(str(root) + "/")
        return described


class ClassificationTest(unittest.TestCase):
    # Source of main.py, and the members that its failure must have.
    CASES = {
        "a syntax error": ("x = (1\n", {"kind": "syntax", "message": "'(' was never closed"}),
        "an exception": ("\n1 / 0\n", {"kind": "exception", "type": "ZeroDivisionError", "deepestIsProject": True}),
        "an exception in the standard library": (
            "import json\njson.loads('{')\n",
            {"kind": "exception", "type": "JSONDecodeError", "deepestIsProject": False},
        ),
        "sys.exit": ("import sys\nsys.exit(3)\n", {"kind": "exit", "message": "3"}),
        "a missing package": ("import absent_a.b\n", {"kind": "module", "name": "absent_a"}),
        "a relative import outside of a package": ("from .x import y\n", {"kind": "relative", "type": "ImportError"}),
        "a missing neighbor": ("import models.user\n", {"kind": "module", "name": "models"}),
        "a missing module of pyrpc_core": ("import pyrpc_core.absent\n", {"kind": "module"}),
        "a missing adapter": ("import pyrpc_absent.x\n", {"kind": "adapter", "name": "pyrpc_absent"}),
        "a missing module that is named like the entry, reported by the project": (
            "raise ModuleNotFoundError('x', name='main')\n",
            {"kind": "module", "name": "main"},
        ),
        "a service that is away": (
            "import socket\nsocket.create_connection(('127.0.0.1', 1))\n",
            {"kind": "service", "type": "ConnectionRefusedError"},
        ),
        "a service that is away, as a database reports it": (
            "class OperationalError(Exception): pass\nraise OperationalError('connection refused')\n",
            {"kind": "service"},
        ),
        "a service that is away, behind another exception": (
            "try:\n    raise ConnectionResetError()\nexcept OSError as error:\n    raise ValueError('x') from error\n",
            {"kind": "service", "type": "ValueError"},
        ),
        "a missing file": ("open('/absent')\n", {"kind": "exception"}),
        "a missing environment variable": (
            "import os\nos.environ['PYRPC_ABSENT']\n",
            {"kind": "variables", "name": None, "others": ["PYRPC_ABSENT"]},
        ),
        "a KeyError of another mapping": ("{}['PYRPC_ABSENT']\n", {"kind": "exception"}),
        "a settings class": (
            "class BaseSettings: pass\n"
            "class ValidationError(Exception):\n"
            "    def errors(self):\n"
            "        return [{'type': 'missing', 'loc': ('url',)}, {'type': 'int', 'loc': ('db', 'port'), 'msg': 'no int'}]\n"
            "class Settings(BaseSettings):\n"
            "    model_config = {'env_prefix': 'app_'}\n"
            "    model_fields = {'url': 1, 'db': 1}\n"
            "    def __init__(self):\n"
            "        raise ValidationError()\n"
            "Settings()\n",
            {
                "kind": "variables",
                "name": "Settings",
                "fields": ["url"],
                "others": ["APP_URL"],
                "invalid": ["APP_DB__PORT: no int"],
                "envFile": None,
            },
        ),
        "a model of Pydantic": (
            "class ValidationError(Exception):\n"
            "    def errors(self):\n"
            "        return [{'type': 'missing', 'loc': ('db', 'port'), 'msg': 'Field required'}]\n"
            "raise ValidationError('1 validation error for Product\\ndb.port\\n  Field required')\n",
            {"kind": "exception", "message": "1 validation error for Product (db.port: Field required)"},
        ),
        "an exception that is only called as Pydantic's": (
            "class ValidationError(Exception): ...\nraise ValidationError('wrong\\nvalue')\n",
            {"kind": "exception", "message": "wrong"},
        ),
        "a source that is not UTF-8": ("compile(b'x = \"\\xfc\"', 'x.py', 'exec')\n", {"kind": "encoding"}),
        "an ImportError without a name": ("raise ModuleNotFoundError('x')\n", {"kind": "exception"}),
    }

    def test_classifies_exceptions(self):
        for name, (source, expected) in self.CASES.items():
            with self.subTest(name):
                failure = failure_of({"main.py": source})
                self.assertEqual({key: failure.get(key) for key in expected}, expected)

    def test_classifies_failures_of_the_worker(self):
        cases = [
            (ImportTimeout(), {"kind": "timeout", "message": ""}),
            (AppNotFound("app", ["api"]), {"kind": "no_app", "name": "app", "others": ["api"]}),
            (SeveralApps(["a", "b"]), {"kind": "several_apps", "others": ["a", "b"]}),
        ]
        for error, expected in cases:
            with self.subTest(expected["kind"]):
                failure = describe_failure(error, "main", "/")
                self.assertEqual({key: failure[key] for key in expected}, expected)
                self.assertIsNone(failure["place"])

    def test_suggests_the_file_beside_the_importing_one(self):
        for neighbor in ("models.py", "models/__init__.py"):
            with self.subTest(neighbor):
                failure = failure_of({"pkg/main.py": "import models\n", f"pkg/{neighbor}": ""}, entry="pkg/main.py")
                self.assertEqual((failure["kind"], failure["missing"]["path"]), ("module", neighbor))

    def test_suggests_entries_if_the_module_itself_is_missing(self):
        with project({"main.py": "", "app/server.py": "", "app/other.py": ""}) as root:
            error = ModuleNotFoundError("No module named 'shop'", name="shop")
            failure = describe_failure(error, "shop.api", str(root))
        self.assertEqual(failure["kind"], "entry")
        self.assertEqual(failure["others"], ["main", "app.server"])


class PlaceTest(unittest.TestCase):
    def test_locates_the_innermost_line_of_the_project(self):
        failure = failure_of({"main.py": "import json\ndef go():\n    x = 'ä'; json.loads('{')\ngo()\n"})
        self.assertEqual(failure["place"]["line"], 3)
        # Columns count characters.
        self.assertEqual(failure["place"]["column"], 14)
        self.assertEqual(failure["place"]["text"], "    x = 'ä'; json.loads('{')")

    def test_finds_a_file_that_hides_a_package(self):
        for main in ("from html import escape\n", "import html\nhtml.escape\n", "import html.parser\n"):
            with self.subTest(main):
                sys.modules.pop("html", None)
                failure = failure_of({"main.py": main, "html.py": ""})
                sys.modules.pop("html", None)
                self.assertEqual((failure["kind"], failure.get("name"), failure.get("others")), ("hidden", "html", ["html.py"]))
        # Without a package of that name, the line itself is wrong.
        failure = failure_of({"main.py": "from own_module import x\n", "own_module.py": ""})
        self.assertEqual(failure["kind"], "exception")

    def test_locates_syntax_errors(self):
        failure = failure_of({"main.py": "\nx = = 1\n"})
        self.assertEqual(
            failure["place"], {"file": "main.py", "line": 2, "column": 5, "text": "x = = 1"}
        )

    def test_survives_an_exception_that_cannot_be_printed(self):
        failure = failure_of({
            "main.py": "class E(Exception):\n    def __str__(self):\n        raise ValueError()\nraise E()\n"
        })
        self.assertEqual((failure["type"], failure["message"]), ("E", ""))
        self.assertEqual(failure["place"]["line"], 4)

    def test_limits_the_message_to_one_line(self):
        failure = failure_of({"main.py": "raise ValueError('\\n  first ' + 'x' * 5000 + '\\nsecond')\n"})
        self.assertEqual(failure["message"], ("first " + "x" * 5000)[:2000])


if __name__ == "__main__":
    unittest.main()

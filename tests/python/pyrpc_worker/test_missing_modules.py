import os
import unittest

from support import project

from pyrpc_worker.missing_modules import explain_missing_module, explain_relative_import, package_lists


def explain(name, files, importing, entry="main"):
    with project(files) as root:
        path = None if importing is None else str(root / importing)
        missing = explain_missing_module(name, str(root), path, entry)
        return {key: relative(value, str(root)) for key, value in missing.items() if key != "lists"}


def relative(value, root):
    return os.path.relpath(value, root) if isinstance(value, str) and value.startswith(root) else value


class MissingModuleTest(unittest.TestCase):
    # The missing module, the files, the importing one, and the cause.
    CASES = {
        "a package in src with a manifest": (
            "shop.models",
            {"pyproject.toml": "", "src/shop/__init__.py": "", "src/shop/api.py": ""},
            "src/shop/api.py",
            {"cause": "src", "folder": ".", "manifest": "pyproject.toml", "path": "src/shop"},
        ),
        "an entry in src": (
            "shop",
            {"setup.py": "", "src/shop/api.py": ""},
            None,
            {"cause": "src", "folder": ".", "manifest": "setup.py", "path": "src/shop"},
        ),
        "a module in src without a manifest": (
            "tools",
            {"main.py": "", "src/tools.py": ""},
            "main.py",
            {"cause": "src", "folder": ".", "manifest": None, "path": "src/tools"},
        ),
        "src of one of several services": (
            "shop",
            {"services/shop/pyproject.toml": "", "services/shop/src/shop/api.py": ""},
            "services/shop/src/shop/api.py",
            {"cause": "src", "folder": "services/shop", "manifest": "pyproject.toml", "path": "src/shop"},
        ),
        "the folder that the file lies in": (
            "app.models",
            {"backend/app/main.py": "", "backend/app/models.py": ""},
            "backend/app/main.py",
            {"cause": "folder", "folder": "backend", "entry": "app.main"},
        ),
        "a package beside the folder of the file": (
            "common",
            {"backend/app/main.py": "", "backend/common/x.py": ""},
            "backend/app/main.py",
            {"cause": "folder", "folder": "backend", "entry": "app.main"},
        ),
        "an entry one level below": ("app", {"backend/app/main.py": ""}, None, {"cause": "folder", "folder": "backend"}),
        "a file beside the importing one": (
            "models",
            {"pkg/a.py": "", "pkg/models.py": ""},
            "pkg/a.py",
            {"cause": "beside", "path": "models.py"},
        ),
        "a misspelled module": (
            "modles.user",
            {"main.py": "", "models.py": ""},
            "main.py",
            {"cause": "misspelled", "names": ["models"]},
        ),
        "a misspelled entry": ("mian", {"main.py": ""}, None, {"cause": "misspelled", "names": ["main"]}),
        "a folder that is not on the path": (
            "ylib",
            {"main.py": "", "other/extra/ylib.py": ""},
            "main.py",
            {"cause": "elsewhere", "folder": "other/extra"},
        ),
        "a module of a package of the standard library": (
            "concurrent.futures.procss",
            {"main.py": ""},
            "main.py",
            {
                "cause": "submodule",
                "package": "concurrent.futures",
                "rest": "procss",
                "version": None,
                "names": ["process"],
            },
        ),
        "an unknown name": ("absent_a.b", {"main.py": ""}, "main.py", {"cause": "unknown"}),
        "a folder without source, and an environment": (
            "data",
            {"main.py": "", "data/x.csv": "", "env/pyvenv.cfg": "", "env/lib/data.py": ""},
            "main.py",
            {"cause": "unknown"},
        ),
    }

    def test_finds_the_cause(self):
        for name, (module, files, importing, expected) in self.CASES.items():
            with self.subTest(name):
                missing = explain(module, files, importing)
                self.assertEqual({key: missing.get(key) for key in expected}, expected)

    def test_names_the_entry_in_the_other_folder(self):
        files = {"repo/backend/app/__init__.py": "", "repo/backend/app/main.py": "", "repo/backend/app/routes.py": ""}
        # The folder of the run, the requested entry, and the folder and entry that work.
        for folder, entry, expected in (
            ("repo", "backend.app.main", ("backend", "app.main")),
            ("repo", "tool", ("backend", "app.routes")),
            ("repo/backend/app", "main", ("..", "app.main")),
        ):
            with self.subTest(entry), project(files) as base:
                importing = str(base / "repo/backend/app/routes.py")
                missing = explain_missing_module("app", str(base / folder), importing, entry)
                self.assertEqual(missing, {"cause": "folder", "folder": expected[0], "entry": expected[1]})
        with project(files) as base:
            missing = explain_missing_module("app", str(base / "repo/backend/app"), None, "app.main")
            self.assertEqual(missing, {"cause": "folder", "folder": ".."})
            missing = explain_relative_import(str(base / "repo/backend/app"), "main")
            self.assertEqual(missing, {"cause": "folder", "folder": "..", "entry": "app.main"})
            self.assertIsNone(explain_relative_import(str(base / "my-shop"), "main"))

    def test_reads_the_names_in_manifests_and_lock_files(self):
        files = {
            ".git/x": "",
            "requirements-dev.txt": "-r requirements.txt\nPyYAML>=6 # config\n",
            "uv.lock": 'name = "Tomli_W"\n',
            "notes.txt": "absent",
            "api/Pipfile": '[packages]\nhttpx = "*"\n',
        }
        with project(files) as root:
            lists = {each["file"]: each["names"] for each in package_lists(str(root / "api"))}
        self.assertEqual(list(lists), ["Pipfile", "requirements-dev.txt", "uv.lock"])
        self.assertIn("httpx", lists["Pipfile"])
        self.assertIn("pyyaml", lists["requirements-dev.txt"])
        self.assertIn("tomli-w", lists["uv.lock"])


if __name__ == "__main__":
    unittest.main()

import importlib.util
import json
import os
import unittest
import urllib.request

from pyrpc_worker.django_project import VARIABLE, django_project, find_settings
from pyrpc_worker.errors import SettingsNotFound
from pyrpc_worker.question import Question
from support import PROCEDURE, Worker, answer, project
from test_serving import ORIGINS, free_port

SETTING = f'import os\nos.environ.setdefault("{VARIABLE}", "mysite.settings")\n'


class FindSettingsTest(unittest.TestCase):
    def setUp(self):
        self.given = os.environ.pop(VARIABLE, None)

    def tearDown(self):
        os.environ.pop(VARIABLE, None)
        if self.given is not None:
            os.environ[VARIABLE] = self.given

    def settings(self, files, module="mysite.urls"):
        with project(files) as root:
            return find_settings(str(root), module)

    def test_finds_the_spellings_of_manage_py(self):
        for source in (
            SETTING,
            f"environ['{VARIABLE}'] = 'mysite.settings'\n",
            f'os.environ.setdefault(\n    "{VARIABLE}",\n    "mysite.settings",\n)\n',
            f'config("{VARIABLE}", default="mysite.settings")\n',
        ):
            with self.subTest(source):
                self.assertEqual(self.settings({"manage.py": source}), "mysite.settings")

    def test_prefers_the_environment_and_the_entry(self):
        files = {"manage.py": SETTING, "admin/manage.py": SETTING.replace("mysite", "admin")}
        self.assertEqual(self.settings(files, "admin.manage"), "admin.settings")
        self.assertEqual(self.settings({"mysite/wsgi.py": SETTING}), "mysite.settings")
        os.environ[VARIABLE] = "other"
        self.assertEqual(self.settings(files), "other")

    def test_finds_nothing_in_other_folders(self):
        self.assertIsNone(self.settings({"main.py": "", "manage.py": "print()\n"}))

    def test_fails_only_if_the_framework_is_django(self):
        with project({"main.py": ""}) as root:
            for framework in (None, "fastapi"):
                self.assertIsNone(django_project(Question(1, "main", str(root), framework=framework)))
            with self.assertRaises(SettingsNotFound):
                django_project(Question(1, "main", str(root), framework="django"))
        with project({"manage.py": SETTING}) as root:
            self.assertIsNone(django_project(Question(1, "main", str(root), framework="fastapi")))

    def test_reports_missing_settings(self):
        failed = answer({"main.py": PROCEDURE}, framework="django")
        self.assertEqual((failed["ok"], failed["kind"]), (False, "settings"))

    def test_ignores_the_settings_of_a_folder_without_django(self):
        if importlib.util.find_spec("django") is not None:
            self.skipTest("Django is installed")
        self.assertTrue(answer({"main.py": PROCEDURE, "manage.py": SETTING})["ok"])


@unittest.skipUnless(importlib.util.find_spec("pyrpc_django"), "needs pyrpc-django-adapter")
class RoutesTest(unittest.TestCase):
    SETTINGS = 'SECRET_KEY = "x"\nROOT_URLCONF = "urls"\nDEBUG = True\n'

    def endpoints(self, urls, **files):
        described = answer(
            {
                "manage.py": SETTING.replace("mysite.", ""),
                "settings.py": self.SETTINGS,
                "urls.py": PROCEDURE + urls,
                **{f"{name}.py": text for name, text in files.items()},
            },
            module="urls",
            framework="django",
            servable=True,
        )
        self.assertTrue(described["ok"], described)
        self.assertEqual(list(described["contract"]), ["f"])
        return described["app"]["endpoints"]

    def test_finds_mounted_paths(self):
        mounted = "from pyrpc_django import mount_django\nurlpatterns = []\nmount_django(urlpatterns)\n"
        included = 'from django.urls import include, path, re_path\nurlpatterns = [path("api/", include("inner"))]\n'
        regular = included.replace('path("api/"', 're_path("^v1/"')
        for urls, paths in ((mounted, ["/rpc"]), (included, ["/api/rpc"]), (regular, ["/v1/rpc"])):
            with self.subTest(urls):
                found = self.endpoints(urls, inner=mounted)
                self.assertEqual((found["paths"], found["fault"]), (paths, "split"))

    def test_serves_get_and_batches_at_the_mounted_path(self):
        mounted = "from pyrpc_django import mount_django\nurlpatterns = []\nmount_django(urlpatterns)\n"
        files = {
            "manage.py": SETTING.replace("mysite.", ""),
            "settings.py": self.SETTINGS,
            "inner.py": PROCEDURE + mounted,
            "urls.py": 'from django.urls import include, path\nurlpatterns = [path("api/", include("inner"))]\n',
        }
        for mode in ("alone", "warm") if hasattr(os, "fork") else ("alone",):
            with self.subTest(mode), project(files) as root, Worker(mode, root) as worker:
                worker.ask(module="urls", framework="django", keep=True, servable=True)
                described = worker.receive_event("answer")
                self.assertTrue(described["ok"], described)
                port = free_port()
                worker.send(do="serve", id=1, host="127.0.0.1", port=port, framework="django", origins=ORIGINS)
                self.assertEqual(worker.receive_event("ready"), {"id": 1, "event": "ready"})
                url = f"http://127.0.0.1:{port}/api/rpc"
                with urllib.request.urlopen(url) as response:
                    self.assertEqual(json.load(response), described["contract"])
                batch = json.dumps([{"id": number, "method": "f", "params": [number]} for number in (1, 2)])
                with urllib.request.urlopen(url, batch.encode()) as response:
                    self.assertEqual([each["result"] for each in json.load(response)], [1, 2])

    def test_finds_the_router_of_a_route(self):
        urls = (
            "from pyrpc_core import Router\nfrom pyrpc_django import mount_django\nrouter = Router()\n"
            "@router.rpc\ndef g() -> int:\n    return 1\nurlpatterns = []\n"
        )
        with self.subTest("of its own"):
            described = answer(
                {
                    "manage.py": SETTING.replace("mysite.", ""),
                    "settings.py": self.SETTINGS,
                    "urls.py": urls + "mount_django(urlpatterns, router)\n",
                },
                module="manage",
                framework="django",
                servable=True,
            )
            self.assertTrue(described["ok"], described)
            self.assertEqual(list(described["contract"]), ["g"])
            self.assertTrue(described["app"]["endpoints"]["ownRouter"])
        with self.subTest("none"):
            self.assertEqual(self.endpoints("urlpatterns = []\n")["paths"], [])


if __name__ == "__main__":
    unittest.main()

import json
import os
import sys
import types
import unittest

import pydantic

from pyrpc_worker import project


class ProjectTest(unittest.TestCase):
    def test_distinguishes_the_users_files(self):
        cases = [
            ("/home/me/shop/main.py", True),
            ("/home/me/site-packages.py", True),
            (json.__file__, False),
            (pydantic.__file__, False),
            (project.__file__, False),
            ("<string>", False),
            ("<frozen os>", False),
            ("", False),
            (None, False),
        ]
        for path, expected in cases:
            with self.subTest(path):
                self.assertEqual(project.is_project(path), expected)

    def test_lists_modules_by_owner(self):
        module = types.ModuleType("shop_sample")
        module.__spec__ = types.SimpleNamespace(origin=os.path.abspath("shop_sample.py"))
        sys.modules["shop_sample"] = module
        self.addCleanup(sys.modules.pop, "shop_sample")
        self.assertIn(os.path.abspath("shop_sample.py"), project.project_files())
        names = project.third_party_modules()
        self.assertIn("pydantic", names)
        for name in ("shop_sample", "pyrpc_worker.project", "__main__", "sys"):
            self.assertNotIn(name, names)

    def test_survives_modules_without_a_specification(self):
        for value in (types.SimpleNamespace(), None, types.SimpleNamespace(__spec__=types.SimpleNamespace(origin=3))):
            self.assertIsNone(project.origin_of(value))


if __name__ == "__main__":
    unittest.main()

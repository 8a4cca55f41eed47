import subprocess
import sys
import unittest

from pyrpc_worker import embedded


class EmbeddedImporterTest(unittest.TestCase):
    SOURCES = {"__init__.py": "", "a.py": "from .b import x\n", "b.py": "x = 1\ndef fail():\n    raise ValueError()\n"}

    def setUp(self):
        embedded.install("embedded_sample", self.SOURCES)
        self.importer = sys.meta_path[0]
        self.addCleanup(self.remove)

    def remove(self):
        sys.meta_path.remove(self.importer)
        for name in [name for name in sys.modules if name.partition(".")[0] == "embedded_sample"]:
            del sys.modules[name]

    def test_imports_modules_from_texts(self):
        from embedded_sample.a import x

        self.assertEqual(x, 1)
        module = sys.modules["embedded_sample.a"]
        self.assertEqual(module.__spec__.origin, "<pyrpc>/a.py")
        # The user's code must not find a file that does not exist.
        self.assertFalse(hasattr(module, "__file__"))

    def test_leaves_other_modules_to_the_import_system(self):
        for name in ("embedded_sample.absent", "embedded", "json"):
            self.assertIsNone(self.importer.find_spec(name))
        with self.assertRaises(ModuleNotFoundError):
            import embedded_sample.absent  # noqa: F401

    def test_is_preferred_to_a_package_of_the_same_name(self):
        program = (
            "import sys; from pyrpc_worker.embedded import install; install('json', {'__init__.py': 'x = 1'});"
            "import json; print(json.x)"
        )
        result = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
        self.assertEqual(result.stdout, "1\n")


if __name__ == "__main__":
    unittest.main()

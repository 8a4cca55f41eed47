import subprocess
import sys
import unittest

from support import project

CACHE = """
import sys
from pyrpc_worker.imports import compile_changed, ignore_project_bytecode
sys.path.insert(0, sys.argv[1])
file = sys.argv[1] + "/sample.py"
ignore_project_bytecode()
compile_changed([file, sys.argv[1] + "/absent.py", sys.argv[1] + "/broken.py"])
if sys.argv[2]:
    open(file, "w").write(sys.argv[2])
else:
    import builtins
    builtins.compile = None
import sample
print(sample.x)
"""

AFTER = """
import sys
from pyrpc_worker.imports import after_import
sys.path.insert(0, sys.argv[1])
after_import("sample", lambda module: print("after", module.x))
import sample, sample
after_import("sample", lambda module: print("now", module.x))
"""


class ImportsTest(unittest.TestCase):
    def run_in(self, program, *args):
        with project({"sample.py": "print('import')\nx = 1\n", "broken.py": "x = ("}) as root:
            command = [sys.executable, "-B", "-c", program, str(root), *args]
            return subprocess.run(command, capture_output=True, text=True, check=True).stdout.split("\n")[:-1]

    def test_compiles_ahead_without_running_code(self):
        self.assertEqual(self.run_in(CACHE, ""), ["import", "1"])

    def test_never_uses_code_of_an_earlier_text(self):
        self.assertEqual(self.run_in(CACHE, "x = 2"), ["2"])

    def test_calls_back_after_an_import_once(self):
        self.assertEqual(self.run_in(AFTER), ["import", "after 1", "now 1"])


if __name__ == "__main__":
    unittest.main()

import subprocess
import sys
import unittest

from support import PACKAGE_FOLDER, project

PROGRAM = """
import os, pathlib, sys
sys.path.insert(0, sys.argv[1])
from pyrpc_worker.own_writes import report_writes
report_writes(lambda message: print(message["path"]))
pathlib.Path("a.py").write_text("")
open("a.py", "a").close()
open("b.py", "x").close()
open("data.txt", "w").close()
open("b.py").close()
os.close(os.open("c.py", os.O_WRONLY | os.O_CREAT))
pathlib.Path("data.txt").rename("d.py")
import json.tool
try:
    open("absent/e.py", "w")
except FileNotFoundError:
    pass
"""


class OwnWritesTest(unittest.TestCase):
    def test_reports_each_source_that_is_opened_for_writing_once(self):
        with project({"x.py": ""}) as root:
            result = subprocess.run(
                [sys.executable, "-c", PROGRAM, PACKAGE_FOLDER], cwd=root, capture_output=True, text=True, check=True
            )
            names = [line.removeprefix(f"{root}/") for line in result.stdout.splitlines()]
        self.assertEqual(names, ["a.py", "b.py", "c.py", "d.py", "absent/e.py"])


if __name__ == "__main__":
    unittest.main()

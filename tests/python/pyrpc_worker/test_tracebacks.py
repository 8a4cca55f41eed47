import unittest

from support import answer

OWN = ("pyrpc_worker", "<pyrpc>", "importlib")
CASES = {
    "an exception below an import": {"main.py": "import a\n", "a.py": "def go():\n    return {}['x']\ngo()\n"},
    "a syntax error": {"main.py": "import a\n", "a.py": "x = (1\n"},
    "a missing module": {"main.py": "import a\n", "a.py": "import absent\n"},
    "a missing entry": {},
    "a chain of exceptions": {
        "main.py": "import a\n",
        "a.py": "try:\n    import b\nexcept SyntaxError as error:\n    raise ValueError('outer') from error\n",
        "b.py": "x = (1\n",
    },
    "a group of exceptions": {
        "main.py": "import a\n",
        "a.py": "try:\n    import b\nexcept Exception as error:\n    raise ExceptionGroup('group', [error])\n",
        "b.py": "x = (1\n",
    },
    "a registration": {
        "main.py": "from pyrpc_core import default_router\ndefault_router.register('f', None)\n1 / 0\n",
    },
}


class TracebackTest(unittest.TestCase):
    def test_shows_the_frames_of_the_user_only(self):
        for name, files in CASES.items():
            with self.subTest(name):
                failure = answer(files)
                self.assertFalse(failure["ok"])
                lines = failure["traceback"].splitlines()
                own = [line for line in lines if line.lstrip(" |+-").startswith("File ") and any(s in line for s in OWN)]
                self.assertEqual(own, [])
                shown = [file for file in files if any(file in line for line in lines)]
                self.assertEqual(shown, list(files))


if __name__ == "__main__":
    unittest.main()

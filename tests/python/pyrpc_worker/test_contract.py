import json
import unittest

import pyrpc_core
from pyrpc_core import Router
from pyrpc_core.core import introspection
from support import PROCEDURE, answer

# Each pair is equal to Python, but not the same type.
EQUAL_TYPES = """
import typing, types
from pyrpc_core import rpc
from pydantic import BaseModel
@rpc
def a(x: int | str) -> list[int | str]: ...
@rpc
def b(x: str | int) -> list[str | int]: ...
@rpc
def c(x: typing.Literal[1]) -> dict[str, typing.Literal[True]]: ...
@rpc
def d(x: typing.Literal[True]) -> dict[str, typing.Literal[1]]: ...
@rpc
def e(x: typing.Optional[int] = None, *, y: tuple[int, ...] = ()) -> typing.Any: ...
class Node(BaseModel):
    next: "Node | None" = None
@rpc
def f(x: Node, y: Node) -> list[Node]: ...
"""


class ContractTest(unittest.TestCase):
    def test_describes_the_same_as_pyrpc(self):
        router = Router()
        namespace = {"__name__": "main"}
        original, pyrpc_core.rpc = pyrpc_core.rpc, router.rpc
        try:
            exec(EQUAL_TYPES, namespace)
        finally:
            pyrpc_core.rpc = original
        expected = {}
        for name, procedure in router._procedures.items():
            schema = introspection.get_procedure_schema(procedure)
            expected[name] = schema.model_dump() if hasattr(schema, "model_dump") else schema
        self.assertEqual(list(expected), ["a", "b", "c", "d", "e", "f"])
        self.assertEqual(answer({"main.py": EQUAL_TYPES})["contract"], json.loads(json.dumps(expected)))

    def test_reports_procedures_without_a_schema(self):
        source = PROCEDURE + (
            "from typing import Callable\n"
            "@rpc\ndef bad(a: int, b: Callable[[], int]) -> int: ...\n"
            "@rpc\ndef worse() -> Callable[[], int]: ...\n"
        )
        result = answer({"main.py": source})
        self.assertEqual(list(result["contract"]), ["f"])
        self.assertEqual([(each["name"], each["part"]) for each in result["problems"]], [("bad", "b"), ("worse", "return")])

    def test_reports_adapted_defaults(self):
        source = PROCEDURE + "@rpc\ndef g(a: float = float('nan')) -> int: ...\n"
        result = answer({"main.py": source})
        self.assertEqual(result["adapted"], ["g"])

    def test_reports_duplicates_with_both_places(self):
        result = answer({"main.py": PROCEDURE + "import other\n", "other.py": "\n" + PROCEDURE})
        [duplicate] = result["duplicates"]
        self.assertEqual((duplicate["name"], duplicate["first"]["line"], duplicate["second"]["line"]), ("f", 2, 3))

    def test_describes_a_module_without_procedures(self):
        result = answer({"main.py": "x = 1\n"})
        self.assertEqual((result["ok"], result["contract"], result["app"]), (True, {}, None))

    def test_prefers_the_router_of_the_application(self):
        source = PROCEDURE + (
            "from fastapi import FastAPI\nfrom pyrpc_core import Router\nfrom pyrpc_fastapi import mount_fastapi\n"
            "own = Router()\n@own.rpc('g')\ndef g(a: int) -> int: ...\n"
            "api = FastAPI()\nmount_fastapi(api, own)\n"
            "class Guard:\n"
            "    def __init__(self, app):\n        self.app = app\n"
            "    async def __call__(self, scope, receive, send):\n        await self.app(scope, receive, send)\n"
            "app = Guard(Guard(api))\n"
        )
        self.assertEqual(list(answer({"main.py": source})["contract"]), ["g"])


if __name__ == "__main__":
    unittest.main()

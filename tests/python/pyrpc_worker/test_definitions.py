import json
import os
import unittest

from support import answer

# Brackets mark the expected position of a name: of the procedure, the model or the field with that name.
FILES = {
    "shared.py": '''
from typing import Generic, TypeVar

from pydantic import BaseModel

T = TypeVar("T")

class Base(BaseModel):
    """A docstring with
class Base: in it
    """

    ⟦shared_id⟧: int

class ⟦Page⟧(BaseModel, Generic[T]):
    ⟦items⟧: list[T]

def make(name):
    def ⟦made⟧() -> int:
        return 1
    return made
''',
    "main.py": '''
import dataclasses
import enum
import functools
from typing import Annotated, Optional

import pydantic
from pydantic import AliasChoices, AliasPath, BaseModel, ConfigDict, Field, create_model
from pyrpc_core import Router, rpc
from typing_extensions import NamedTuple, TypedDict

from shared import Base, Page, make

ä = "🐍"; x = 1

class ⟦Color⟧(enum.Enum):
    RED = "red"

@dataclasses.dataclass
class ⟦Point⟧:
    ⟦x⟧: int
    if True:
        ⟦y⟧: int = 0

class TypedBase(TypedDict):
    ⟦a⟧: int

class ⟦Typed⟧(TypedBase):
    ⟦b⟧: int

⟦Functional⟧ = TypedDict("Functional", {"⟦key⟧": int})
⟦Created⟧ = create_model("Created", ⟦first⟧=(int, ...))

class ⟦Product⟧(
    Base,
):
    """The docstring of it:
name: str
"""
    ⟦in_stock⟧: bool = Field(alias="inStock")
    ⟦color⟧: Color; ⟦point⟧: Point
    ⟦name⟧: str = """
class Hidden:
"""

def outer():
    class ⟦Local⟧(BaseModel):
        ⟦inside⟧: int
    return Local

if True:
    class ⟦Conditional⟧(BaseModel):
        ⟦maybe⟧: Optional[int] = None
else:
    pass

for _ in range(2):
    class Twice(BaseModel):
        repeated: int

⟦Nameless⟧ = type("Nameless", (BaseModel,), {"__annotations__": {"hidden": int}, "__module__": __name__})

class ⟦Aliases⟧(BaseModel):
    ⟦picked⟧: int = Field(validation_alias=AliasChoices(AliasPath("deep", 0), "pick", "other"))
    ⟦by_path⟧: int = Field(validation_alias=AliasPath("deep", 1))

class ⟦OwnNames⟧(BaseModel):
    model_config = ConfigDict(validate_by_alias=False, validate_by_name=True)
    ⟦own_name⟧: int = Field(alias="ownName")

@rpc
def ⟦aliases⟧(aliases: Aliases, own: OwnNames) -> None: ...

@rpc
def ⟦add⟧(product: Product, typed: Typed, functional: Functional, created: Created) -> Page[Product]:
    return Page(items=[product])

def plain(function):
    @functools.wraps(function)
    def wrapper(*args):
        return function(*args)
    return wrapper

@(
    rpc
)
@plain
async def ⟦wrapped⟧(
    local: outer(), conditional: Conditional,
) -> None: ...

def rename(function):
    def wrapper() -> int:
        return function()
    wrapper.__name__ = function.__name__
    return wrapper

@rpc
@rename
def renamed() -> int: ...

rpc(make("made"))
exec("@rpc\\ndef executed(n: Nameless) -> int:\\n    return 1")
''',
}


def split(marked):
    """Returns the text without its marks, and the marked names with their line, start and end."""
    marks = {}
    lines = []
    for number, line in enumerate(marked.split("\n"), 1):
        while "⟦" in line:
            start = line.index("⟦")
            name = line[start + 1 : line.index("⟧")]
            line = line[:start] + name + line[line.index("⟧") + 1 :]
            column = len(line[:start].encode("utf-16-le")) // 2
            marks[name] = (number, column, column + len(name))
        lines.append(line)
    return "\n".join(lines), marks


class DefinitionsTest(unittest.TestCase):
    maxDiff = None

    def test_positions_of_procedures_models_and_fields(self):
        files, marks = {}, {}
        for name, marked in FILES.items():
            files[name], found = split(marked)
            marks.update({each: (name, *place) for each, place in found.items()})
        message = answer(files)
        self.assertTrue(message["ok"], message)
        definitions = message["definitions"]
        names = [os.path.basename(path) for path in definitions["files"]]
        found = {}

        def add(name, position):
            if position is not None:
                found[name] = (names[position[0]], *position[1:])

        for name, position in definitions["procedures"].items():
            add(name, position)
        for model in definitions["models"]:
            add(model["label"].partition("[")[0], model["position"])
            for name, position in model["fields"].items():
                add({"inStock": "in_stock", "pick": "picked", "ownName": "own_name"}.get(name, name), position)
        self.assertEqual(found, marks, json.dumps(definitions))

    def test_installed_packages_have_no_definitions(self):
        message = answer({
            "main.py": "from pyrpc_core import rpc\nfrom pydantic.version import version_short\nrpc(version_short)\n"
        })
        self.assertTrue(message["ok"], message)
        self.assertEqual(message["definitions"], {"files": [], "procedures": {}, "models": []})


if __name__ == "__main__":
    unittest.main()

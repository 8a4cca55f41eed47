import dataclasses
import enum
import unittest
from collections.abc import Generator, Iterable, Sequence
from typing import Annotated, Literal

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    PlainSerializer,
    WithJsonSchema,
    computed_field,
    field_serializer,
    model_serializer,
)
from pydantic.dataclasses import dataclass
from pyrpc_core import Router
from pyrpc_core.core.procedure import Procedure
from pyrpc_worker.facts import find_facts
from support import answer
from typing_extensions import NotRequired, TypedDict


class Flag(enum.IntFlag):
    READ = 1
    WRITE = 2


class Aliased(BaseModel):
    first_name: str = Field(alias="firstName")
    same: str = Field(alias="same")
    only_sent: str = Field(serialization_alias="sent")


class ByAlias(BaseModel):
    model_config = ConfigDict(serialize_by_alias=True)
    first_name: str = Field(alias="firstName")


class Computed(BaseModel):
    @computed_field
    @property
    def total(self) -> int:
        return 1


class Excluded(BaseModel):
    a: int = Field(1, exclude=True)


class Serialized(BaseModel):
    a: Annotated[int, PlainSerializer(str)] = 1
    b: int = 1
    c: int = 1

    @field_serializer("b")
    def b_as_text(self, value):
        return str(value)

    @field_serializer("c", when_used="json")
    def c_as_json(self, value):
        return str(value)


class Whole(BaseModel):
    a: int = 1

    @model_serializer
    def as_text(self):
        return "x"


class Mixed(TypedDict):
    a: Annotated[int, Field(default=3)]
    b: NotRequired[str]


class Described(TypedDict, total=False):
    a: Annotated[int, Field(json_schema_extra={"default": 5})]
    b: Annotated[int, WithJsonSchema({"type": "integer", "default": 3})]
    c: Annotated[int, Field(json_schema_extra={"examples": [5]})]


class Ordinary(TypedDict):
    a: int
    b: NotRequired[str]


@dataclass
class Checked:
    a: int = Field(alias="b")
    secret: dataclasses.InitVar[int] = 0


class Plain(BaseModel):
    a: int = 1
    b: list["Plain"] = []


class Lazy(BaseModel):
    values: Iterable[int]
    ready: Sequence[int]


Numbers = dict[Literal[1, 2], int]

# The annotation of a parameter or of a result -> the facts about it.
PARAMETERS = [
    (Flag, [("INT_FLAG", "Flag", [])]),
    (list[Flag], [("INT_FLAG", "Flag", [])]),
    (Numbers, [("KEYS_REJECTED", "parameters", ["Literal[1, 2]"])]),
    (dict[Literal["a"], int], []),
    (Aliased, []),
    (Computed, []),
    (Mixed, []),
    (Plain, []),
    (Iterable[int], []),
    (Lazy, []),
]
RESULTS = [
    (Flag, [("INT_FLAG", "Flag", [])]),
    (Numbers, []),
    (Aliased, [("FIELD_ALIAS", "Aliased", ["first_name (firstName)"])]),
    (dict[str, list[Aliased]], [("FIELD_ALIAS", "Aliased", ["first_name (firstName)"])]),
    (Computed, [("COMPUTED_FIELD", "Computed", ["total"])]),
    (Excluded, [("EXCLUDED_FIELD", "Excluded", ["a"])]),
    (Serialized, [("SERIALIZER", "Serialized", ["a", "b"])]),
    (Whole, [("SERIALIZER", "Whole", [])]),
    # pyRPC serializes a value without a class by its own type.
    (Annotated[int, PlainSerializer(str)], []),
    (Mixed, [("TYPED_DICT", "Mixed", ["b"])]),
    (Described, [("EXCLUDED_FIELD", "Described", ["a", "b"])]),
    (Ordinary, []),
    (Checked, [("EXCLUDED_FIELD", "Checked", ["secret"]), ("FIELD_ALIAS", "Checked", ["a (b)"])]),
    (Plain, []),
    (Iterable[int], [("ITERABLE_RESULT", "f", [])]),
    (Generator[int, None, None], [("ITERABLE_RESULT", "f", [])]),
    (dict[str, list[Lazy]], [("ITERABLE_RESULT", "Lazy", ["values"])]),
    (None, []),
]


def procedure(parameter=None, result=None):
    def function(value):
        return value

    function.__annotations__ = {"value": parameter or int, "return": result}
    return Procedure(function)


def facts_of(**annotations):
    return [
        (fact["code"], fact["subject"], fact["members"])
        for fact in find_facts([("f", procedure(**annotations))])
    ]


class FactsTest(unittest.TestCase):
    def test_finds_what_the_schema_of_a_parameter_lacks(self):
        for annotation, expected in PARAMETERS:
            with self.subTest(annotation):
                self.assertEqual(facts_of(parameter=annotation), expected)

    def test_finds_what_the_schema_of_a_result_lacks(self):
        for annotation, expected in RESULTS:
            with self.subTest(annotation):
                self.assertEqual(facts_of(result=annotation), expected)

    @unittest.skipUnless(hasattr(ConfigDict, "__annotations__") and "serialize_by_alias" in ConfigDict.__annotations__, "")
    def test_an_alias_is_sent_if_the_model_says_so(self):
        self.assertEqual(facts_of(result=ByAlias), [])

    def test_finds_parameters_that_accept_any_number_of_arguments(self):
        def variadic(a, *rest: int, b=1, **more):
            return a

        self.assertEqual(
            find_facts([("v", Procedure(variadic))]),
            [{"code": "VARIADIC_PARAMETERS", "subject": "v", "members": ["*rest", "**more"]}],
        )

    def test_reports_a_class_once(self):
        facts = find_facts([("f", procedure(result=Aliased)), ("g", procedure(result=list[Aliased]))])
        self.assertEqual(len(facts), 1)

    @unittest.skipUnless(hasattr(Router().rpc, "query"), "this version has no kinds")
    def test_names_procedures_without_a_declared_kind(self):
        source = (
            "from pyrpc_core import rpc\n"
            "@rpc\ndef a() -> int: ...\n"
            "@rpc('named.b')\ndef b() -> int: ...\n"
            "@rpc.query\ndef c() -> int: ...\n"
            "@rpc.mutation('d')\ndef d() -> int: ...\n"
        )
        facts = answer({"main.py": source})["facts"]
        self.assertEqual(facts, [{"code": "KIND_UNDECLARED", "subject": "procedures", "members": ["a", "named.b"]}])


if __name__ == "__main__":
    unittest.main()

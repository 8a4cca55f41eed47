"""Asks the real Pydantic for its verdict on many values of many types: one JSON line for each pair.

Reads nothing, writes {"name", "schema", "type", "value" (JSON text), "ok", "result"?, "error"?} to stdout.
"""

import dataclasses
import datetime as dt
import decimal
import enum
import fractions
import ipaddress
import json
import pathlib
import random
import re
import sys
import uuid
from typing import Annotated, Any, Generic, Literal, NamedTuple, Optional, TypeVar, Union

from pydantic import (
    UUID1, UUID4, UUID7, AfterValidator, AnyUrl, Base64Str, BaseModel, ByteSize, ConfigDict, EmailStr, Field, HttpUrl, IPvAnyAddress,
    IPvAnyInterface, IPvAnyNetwork, Json, RootModel, SecretStr, TypeAdapter, ValidationError,
)
from typing_extensions import TypeAliasType

T = TypeVar("T")
A = Annotated


class Color(str, enum.Enum):
    RED = "red"
    BLUE = "blue"


class Size(enum.IntEnum):
    SMALL = 1
    LARGE = 2


class Mixed(enum.Enum):
    ONE = 1
    B = "b"


class Item(BaseModel):
    x: int
    y: str = "q"


class Closed(BaseModel):
    model_config = ConfigDict(extra="forbid")
    x: int


class Open(BaseModel):
    model_config = ConfigDict(extra="allow")
    x: int
    __pydantic_extra__: dict[str, int]


class Empty(BaseModel):
    pass


class Cat(BaseModel):
    kind: Literal["cat"]
    lives: int


class Dog(BaseModel):
    kind: Literal["dog", "wolf"]
    name: str


class Numbered(BaseModel):
    kind: Literal[1]
    v: Optional[float] = None


class Tree(BaseModel):
    name: str
    children: list["Tree"] = []


class Page(BaseModel, Generic[T]):
    items: list[T]
    total: A[int, Field(ge=0)]


class Names(RootModel[list[str]]):
    pass


class Aliased(BaseModel):
    first_name: str = Field(alias="firstName")


class Nested(BaseModel):
    items: list[Item]
    best: Optional[Item] = None
    either: Union[int, list[Item]] = 1
    color: Color = Color.RED
    when: Optional[dt.datetime] = None
    pet: A[Union[Cat, Dog], Field(discriminator="kind")] = None
    by: Literal["a", "b"] = "a"
    names: Names = Names([])


Alias = TypeAliasType("Alias", Union[int, list["Alias"]])

# What a schema does not tell (a dataclass from a model, a TypedDict from a model, max_digits, to_upper, aware datetimes,
# a file that must exist) is not here.
TYPES = {
    "int": int, "float": float, "str": str, "bool": bool, "None": type(None), "Any": Any, "bytes": bytes,
    "decimal": decimal.Decimal, "fraction": fractions.Fraction,
    "decimal limits": A[decimal.Decimal, Field(ge=0, lt=100, multiple_of=decimal.Decimal("0.01"))],
    "datetime": dt.datetime, "date": dt.date, "time": dt.time, "timedelta": dt.timedelta,
    "uuid": uuid.UUID, "uuid4": UUID4, "uuid1": UUID1, "uuid7": UUID7,
    "ipv4": ipaddress.IPv4Address, "ipv6": ipaddress.IPv6Address, "ipv4 network": ipaddress.IPv4Network,
    "ipv6 network": ipaddress.IPv6Network, "ipv4 interface": ipaddress.IPv4Interface,
    "ipv6 interface": ipaddress.IPv6Interface, "any ip": IPvAnyAddress, "any network": IPvAnyNetwork,
    "any interface": IPvAnyInterface,
    "url": AnyUrl, "http url": HttpUrl, "email": EmailStr, "secret": SecretStr, "json": Json, "json int": Json[int],
    "pattern type": re.Pattern, "path": pathlib.Path, "base64": Base64Str, "byte size": ByteSize,
    "str enum": Color, "int enum": Size, "mixed enum": Mixed,
    "literal": Literal["a", "b"], "literal one": Literal["it's"], "literal mixed": Literal["a", 1, None],
    "literal ints": Literal[1, 2], "literal bool": Literal[True],
    "model": Item, "closed": Closed, "open": Open, "empty": Empty, "tree": Tree, "page": Page[Item], "names": Names,
    "aliased": Aliased, "nested": Nested, "alias": Alias,
    "list": list[int], "list any": list[Any], "set": set[int], "set str": frozenset[str], "list model": list[Item],
    "list limits": A[list[int], Field(min_length=1, max_length=3)], "set limits": A[set[int], Field(min_length=2, max_length=3)],
    "dict limits": A[dict[str, int], Field(min_length=1, max_length=2)],
    "tuple": tuple[int, str], "tuple 3": tuple[int, float, bool], "tuple many": tuple[int, ...], "tuple none": tuple[()],
    "dict": dict[str, int], "dict any": dict[str, Any], "dict dict": dict[str, dict[str, float]], "dict uuid": dict[uuid.UUID, int],
    "dict enum": dict[Color, int], "dict pattern": dict[A[str, Field(pattern="^x")], int], "dict date": dict[dt.date, str],
    "dict length": dict[A[str, Field(min_length=2)], int],
    "optional": Optional[int], "optional model": Optional[Item], "optional decimal": Optional[decimal.Decimal],
    "union": Union[int, str, list[int]], "union null": Union[int, list[str], None], "union floats": Union[int, float],
    "union dates": Union[dt.date, dt.datetime], "union date str": Union[dt.datetime, str], "union bool int": Union[bool, int],
    "union models": Union[Cat, Dog], "union literal": Union[Literal["a"], int], "union enum": Union[Color, int],
    "union int enum": Union[Size, bool], "union lists": Union[list[int], dict[str, int]], "union uuid": Union[uuid.UUID, int],
    "union constrained": Union[A[int, Field(ge=5)], A[str, Field(min_length=3)]], "union url": Union[HttpUrl, int],
    "union email": Union[EmailStr, int], "union ip": Union[ipaddress.IPv4Address, bool], "union tuple": Union[tuple[int, str], int],
    "union float str": Union[float, str], "union of tagged": Union[bool, A[Union[Cat, Dog], Field(discriminator="kind")]],
    "union dicts": Union[dict[str, Item], dict[uuid.UUID, list[Optional[int]]]], "union sets": Union[set[int], bool],
    "tagged": A[Union[Cat, Dog], Field(discriminator="kind")], "tagged number": A[Union[Cat, Numbered], Field(discriminator="kind")],
    "optional tagged": Optional[A[Union[Cat, Dog], Field(discriminator="kind")]],
    "list tagged": list[A[Union[Cat, Dog], Field(discriminator="kind")]],
    "int limits": A[int, Field(ge=5, le=20, multiple_of=5)], "int strict limits": A[int, Field(gt=0, lt=5)],
    "float limits": A[float, Field(gt=0, le=99.5, multiple_of=0.01)], "float big": A[float, Field(lt=1e22, ge=-1e-7)],
    "str limits": A[str, Field(min_length=2, max_length=4)], "str one": A[str, Field(min_length=1, max_length=1)],
    "str pattern": A[str, Field(pattern=r"^[A-Z]{3}-\d{4}$")], "str word": A[str, Field(pattern=r"^\w+\s\d+$")],
    "str pattern length": A[str, Field(pattern="^a", min_length=2)], "bytes limits": A[bytes, Field(min_length=2, max_length=4)],
    "str not": A[str, Field(pattern=r"^[^\d]+$")], "url length": A[AnyUrl, Field(max_length=20)],
    # Constraints beside a union, a reference or values, which Pydantic writes by its own names.
    "beside union floats": A[Union[int, float], Field(ge=5)], "beside union text": A[Union[int, str], Field(ge=5)],
    "beside optional": Optional[A[Union[int, float], Field(gt=2)]], "beside int enum": A[Size, Field(ge=2)],
    "beside literal": A[Literal["a", "bbb"], Field(min_length=2)], "beside literal ints": A[Literal[1, 2, 7], Field(gt=1.5, multiple_of=7)],
    "beside union lists": A[Union[list[int], set[str]], Field(min_length=2)], "beside union list": A[Union[str, list[int]], Field(min_length=2, max_length=4)],
    "beside union enum": A[Union[Size, int], Field(le=4)], "beside union multiple": A[Union[int, float], Field(multiple_of=2, ge=2)],
    "beside alias": A[TypeAliasType("Ints", list[int]), Field(min_length=2)], "beside Any": A[Any, Field(lt=5)],
    "beside validator": A[int, AfterValidator(lambda value: value), Field(ge=2, lt=9)], "beside bool": A[bool, Field(ge=1)],
    "beside union dict": A[Union[dict[str, int], list[int]], Field(max_length=1)],
    "beside nested": list[A[Union[int, float], Field(lt=2)]], "big bounds": A[int, Field(ge=2**53 + 1, le=2**70)],
    "big literal": Literal[9007199254740993, 1], "big multiple": A[int, Field(multiple_of=2**53 + 1)],
    "big float bounds": A[float, Field(gt=1e300)], "minimum int64": A[int, Field(ge=-(2**63), lt=2**63)],
}

UUIDS = ["12345678-1234-1234-8234-123456789012", "123456781234123412341234567890ab", "{12345678-1234-4234-8234-123456789012}",
         "urn:uuid:12345678-1234-4234-8234-123456789012", "12345678-1234-4234-8234-12345678901", "12345678-1234-4234-8234-1234567890123",
         "1234567-81234-4234-8234-123456789012", "zzz45678-1234-4234-8234-123456789012", "12345678-1234-7234-8234-123456789012", "{", "{}", "é",
         "12345678-1234-4234-c234-123456789012"]
TEXTS = ["", " ", "a", "ab", "abc", "abcde", "x", "é", "😀", "😀😀😀", "1", " 1 ", "1.0", "1.50", "1_000", "1__0", "1e3", "+1", "-1", "-0", "0x1", "٣",
         "true", "True", "on", "Y", "no", "off", "f", "2", "nan", "inf", "-Infinity", "1e400", ".5", "5.", "1.5.5", "9" * 30, "9" * 4301,
         "red", "b", "it's", "ABC-1234", "ABC-12٣4", "ABC-123", "ab 12", "é ٣", "a\nb", "x\n", "cat", "1/3", "1/0", "10MB", "1 kb", "1 xx"]
DATES = ["2020-01-01", "2020-02-30", "2021-02-29", "2020-02-29", "2020-13-01", "2020-00-10", "2020-1-1", "0000-01-01", "0001-01-01", "9999-12-31", "2020/01/01",
         "2020-01-01x", "x020-01-01", "2020-x1-01", "2020-01-x1", "2020-01-01T00:00:00", "2020-01-01T00:00:00Z", "2020-01-01 00:00", "2020-01-01t12:30:00z",
         "2020-01-01_12:30", "2020-01-01T12:30:00.123456789+05:30", "2020-01-01T12:30:00,5", "2020-01-01T12:30:00.", "2020-01-01T24:00:00",
         "2020-01-01T12:60:00", "2020-01-01T12:30:60", "2020-01-01T12:30:5", "2020-01-01T12", "2020-01-01T12:30+0530", "2020-01-01T12:30+05",
         "2020-01-01T12:30+25:00", "2020-01-01T12:30+05:61", "2020-01-01T12:30−05:00", "2020-01-01T12:30Zx", "2020-01-01T12:30x", "2020-01-01X12:30",
         "2020-01-01T12:30+xx:00", "2020-01-01T1x:30", "2020-01-01T12x30", "2020-01-01T12:x0", "1577836800", "1577836800000", "-1577836800", "1577836800.5",
         "1577836800.", "999999999999999", "-99999999999999", "20000000000", "20000000001", "2020-01-01T00:00:00.000000Z", "2020-01-01T00:00+01:00"]
TIMES = ["12:30", "12:30:00", "12:30:61", "12:30:00Z", "12:30:00.5", "12:30:00.1234567", "12:30:00+01:00", "24:00", "1:00", "12:60", "12-30", "12:3", "12:30:0",
         "12:30:00x", "P1D", "PT1H", "P1Y2M3W4DT5H6M7.5S", "-P1D", "+P1D", "P", "PT", "P1", "P1X", "PT1X", "P1DT", "P1DT1HT1M", "P1.5D", "P1.5DT1H", "Px",
         "P99999999999D", "P999999999D", "P1000000000D", "1 day", "1 days", "2d", "2 dayz", "2 da", "1 day, 00:00:01", "1 day 12:30", "1d,12:30", "1 day 24:00:00",
         "1:00:00", "100:00:00", "99999999999:00:00", "00:01", "26:00:00.1234567", "x:00:00", "1 x", "12", "day", "3 DAYS"]
NETS = ["1.2.3.4", "01.2.3.4", "256.1.1.1", "1.2.3", "1.2.3.4.5", "1.2.3.0/24", "1.2.3.4/24", "1.2.3.0/33", "1.2.3.0/255.255.255.0", "1.2.3.0/0.0.0.255",
        "1.2.3.4/", "::1", "::", "1::2::3", "1:2:3:4:5:6:7:8", "1:2:3:4:5:6:7:8:9", "::ffff:1.2.3.4", "fe80::1%eth0", "fe80::1%", "12345::", "2001:db8::/32", "2001:db8::1/32",
        "::1/129", "1.2.3.4 ", "1.2.3.4."]
URLS = ["http://a.b", "http://", "http:", "http:a", "http:///a", "//a", "ftp://x", "HTTP://EXAMPLE.com:80/a b", "https://u:p@h:99/p?q#f", "http://h:99999", "http://h:x",
        "http://[::1]/", "http://[::1", "http://1.2.3.4", "http://1.2.3.999", "http://a b/", "http://a_b.c", "http://é.com", "mailto:x@y.zz", "urn:a:b", "file:///a", "data:,x",
        " http://a.b ", "javascript:1", "a://", "a://b", "1http://a", "http://" + "a" * 30 + ".com", "https://example.com/" + "x" * 2100, "http://a<b"]
EMAILS = ["a@b.co", "a@b", "A <a@b.co>", "a", "@b.co", "a@", "a b@c.de", "a@b..co", ".a@b.co", "a.@b.co", "a..b@c.co", "a@-b.co", "a@b-.co", "a@b.co.", "a@.b.co",
          "a:b@c.de", "a@b_c.de", "a@c.localhost", "a@c.test", "é@b.co", "a@é.com", "a@b.c1", "a" * 65 + "@b.co", "a@example.com", "a+b@c.de", "a@[1.2.3.4]", '"a"@b.co']
JSONS = ['{"a":1}', "{", "[", "[1,", "[1 2]", '{"a"', '{"a":1,}', "[1,]", '"x', "tru", "nul", "01", "-", "1.", "1 2", "{1:2}", '"\\x"', "NaN", '"a\nb"', "[1,2]", "[", '{"a":}']
OTHERS = ["(", "[a-z]", "a(?=b)", "*", "a{2,1}", "YWJj", "YWJ", "aGk=", "a=bc", "YW Jj", "/tmp/x", "https://example.com"]
SCALARS = [None, True, False, 0, 1, 2, -1, 3, 5, 10, 7, 1.5, -0.5, 19.99, 0.105, 99.5, 100.0, 86399, 86400, 10**15, 2**53 + 1, 10**20, 2**63, 2**63 - 1, 1577836800,
           1577836800000, 1577836800.5, 1e300, 1.7e22, 1e-9, 253402300800000]
CONTAINERS = [[], [1], ["1"], [1, "x"], [1, 2, 3], [1, 1], [1, 1, 1, 1], [1, 2, 3, 4], ["x", 2, 3, 4, 5], ["a", "b"], [[1]], [[1, "x"]], [None], [1, "a", True], [{"x": 1}],
              [{"x": "z"}], [True, 1], {}, {"x": 1}, {"x": "1"}, {"x": "z"}, {"x": None}, {"y": 1}, {"x": 1, "zz": 3}, {"x": 1, "zz": "q"}, {"x": {"y": 1.5}}, {"x": {"y": "z"}}, {"x": []},
              {"kind": "cat", "lives": 9}, {"kind": "dog", "name": "Rex"}, {"kind": "wolf", "name": 1}, {"kind": "cow"}, {"kind": 1}, {"kind": None}, {"kind": "cat"},
              {"kind": ["cat"]}, {"kind": True}, {"lives": 1}, [{"kind": "cat", "lives": "x"}], [{"kind": "cow"}], {"name": "a"}, {"name": "a", "children": [{"name": 1}]},
              {"name": "a", "children": [{"name": "b", "children": [{}]}]}, {"items": [{"x": 1}], "total": 1}, {"items": [{"x": 1}], "total": -1}, {"items": [{}], "total": 1},
              {"items": 5, "total": "x"}, {"firstName": "a"}, {"firstName": 1}, {"first_name": "a"}, {"red": 1}, {"green": 1}, {"x1": 1, "y": 2}, {"2020-01-01": "a"}, {"2020-01-01": 1},
              {"a": 1, "b": 2, "c": 3}, {"a": "x", "b": 1, "c": 1}, {"12345678-1234-4234-8234-123456789012": 1}, {"__proto__": 1}, {"constructor": "x"}, {"toString": 1, "x": 1},
              {"items": [], "best": {"x": "q"}}, {"items": [], "either": [{"x": "q"}]}, {"items": [], "either": "x"}, {"items": [], "color": "green"}, {"items": [], "when": "x"},
              {"items": [], "pet": {"kind": "cow"}}, {"items": [], "pet": {"kind": "cat", "lives": []}}, {"items": [], "by": "c"}, {"items": [], "names": [1]}, {"items": [], "names": "x"},
              {"items": [{"x": 1}, {"x": 2}, {"x": "3"}], "when": 0}]
ALL = SCALARS + TEXTS + DATES + TIMES + NETS + UUIDS + URLS + EMAILS + JSONS + OTHERS + CONTAINERS


def mutate(value, rng):
    """A neighbour of a value: one part changed, dropped, added."""
    pick = lambda: rng.choice(SCALARS + TEXTS + CONTAINERS)
    if isinstance(value, dict) and value:
        copy = dict(value)
        key = rng.choice(list(copy))
        action = rng.randrange(4)
        if action == 0:
            del copy[key]
        elif action == 1:
            copy["more"] = pick()
        else:
            copy[key] = mutate(copy[key], rng)
        return copy
    if isinstance(value, list) and value:
        copy = list(value)
        index = rng.randrange(len(copy))
        if rng.randrange(3) == 0:
            copy.insert(index, pick())
        else:
            copy[index] = mutate(copy[index], rng)
        return copy
    if isinstance(value, str) and value and len(value) < 100 and rng.randrange(3):
        index = rng.randrange(len(value))
        return value[:index] + rng.choice(["", "0", "9", "x", "-", ":", ".", " ", "T", "Z", "é", "/", "@"]) + value[index + rng.randrange(2):]
    return pick()


def main():
    rng = random.Random(int(sys.argv[1]) if len(sys.argv) > 1 else 1)
    rounds = int(sys.argv[2]) if len(sys.argv) > 2 else 60
    for name, annotation in TYPES.items():
        adapter = TypeAdapter(annotation)
        schema = adapter.json_schema()
        good = []
        values = list(ALL)
        for value in ALL:
            try:
                adapter.validate_python(value)
                good.append(value)
            except (ValidationError, TypeError):
                pass
        values += [mutate(rng.choice(good or ALL), rng) for _ in range(rounds)]
        print(json.dumps({"name": name, "schema": schema, "type": str(annotation)}))
        for value in values:
            try:
                text = json.dumps(value, allow_nan=False)
            except ValueError:
                continue
            line = {"value": text}
            try:
                result = adapter.validate_python(value)
                line["ok"] = True
                try:
                    line["result"] = adapter.dump_json(result).decode()
                except Exception:
                    pass
            except ValidationError as error:
                first = error.errors()[0]
                line["ok"] = False
                line["error"] = {"field": ".".join(map(str, first["loc"])), "message": first["msg"], "type": first["type"]}
            except TypeError as error:
                # A constraint that Python cannot apply to the value: the server reports an internal error.
                line["ok"] = False
                line["error"] = {"field": "", "message": str(error), "type": "type_error"}
            print(json.dumps(line))


main()

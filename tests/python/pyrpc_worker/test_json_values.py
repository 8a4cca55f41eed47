import json
import unittest
from datetime import date, timedelta
from decimal import Decimal
from enum import Enum, IntEnum
from pathlib import PurePosixPath
from uuid import UUID

from pyrpc_worker.json_values import failing_adapters, to_json


class Color(Enum):
    RED = "red"


class Level(IntEnum):
    LOW = 1


def nested(depth):
    return [nested(depth - 1)] if depth else object()


class ToJsonTest(unittest.TestCase):
    def test_converts_values(self):
        cases = [
            (None, None),
            (True, True),
            (10**30, 10**30),
            (float("inf"), None),
            (float("nan"), None),
            (Color.RED, "red"),
            (Level.LOW, 1),
            (date(2020, 1, 2), "2020-01-02"),
            (timedelta(minutes=1), 60.0),
            (Decimal("9.90"), 9.9),
            (Decimal("12"), 12),
            (Decimal("NaN"), None),
            (Decimal("Infinity"), None),
            (UUID(int=1), "00000000-0000-0000-0000-000000000001"),
            (PurePosixPath("/x"), "/x"),
            (b"\xffx", "\ufffdx"),
            ({3, 1, 2}, [1, 2, 3]),
            ((1, {Color.RED: {"x"}}), [1, {"red": ["x"]}]),
            (object(), None),
        ]
        for value, expected in cases:
            with self.subTest(repr(value)):
                text, is_plain = to_json({"value": value})
                self.assertEqual(json.loads(text), {"value": expected})
                # IntEnum is plain to the JSON encoder.
                self.assertEqual(is_plain, value is None or isinstance(value, int))

    def test_ends_at_deep_values(self):
        text, is_plain = to_json(nested(300))
        self.assertFalse(is_plain)
        self.assertIn("null", text)


class FailingAdaptersTest(unittest.TestCase):
    def test_names_the_adapters_whose_encoder_rejects_a_default(self):
        both = ["flask", "asgi"]
        cases = [
            (None, []),
            (1, []),
            ("x", []),
            ((1, [2]), []),
            ({"a": 1.5}, []),
            (Level.LOW, []),
            (Color.RED, both),
            ([Color.RED], both),
            ({Color.RED: 1}, both),
            ({1, 2}, both),
            (b"x", both),
            (timedelta(1), both),
            (object(), both),
            (date(2020, 1, 2), ["asgi"]),
            (Decimal("1.5"), ["asgi"]),
            (UUID(int=1), ["asgi"]),
            (float("nan"), ["fastapi"]),
            ([float("inf")], ["fastapi"]),
            ({1: "a", "b": 2}, ["flask"]),
        ]
        for value, expected in cases:
            with self.subTest(repr(value)):
                self.assertEqual(failing_adapters(value), expected)

    def test_agrees_with_the_encoders_of_the_adapters(self):
        from fastapi.encoders import jsonable_encoder
        from fastapi.responses import JSONResponse
        from flask import Flask

        encoders = {
            "fastapi": lambda value: JSONResponse(jsonable_encoder(value)),
            "flask": Flask("test").json.dumps,
            "asgi": json.dumps,
        }
        for value in (Color.RED, {1, 2}, date(2020, 1, 2), UUID(int=1), float("nan"), b"x", (1,), {1: 1, "a": 1}):
            for adapter, encode in encoders.items():
                with self.subTest(repr(value), adapter=adapter):
                    try:
                        encode({"default": value})
                        fails = False
                    except Exception:
                        fails = True
                    self.assertEqual(adapter in failing_adapters(value), fails)


if __name__ == "__main__":
    unittest.main()

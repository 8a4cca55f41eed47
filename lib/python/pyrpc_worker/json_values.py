"""Converts Python values to JSON, in the way of FastAPI's encoder where JSON has no such value."""

from __future__ import annotations

import json
import os

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

MAX_DEPTH = 100


def to_json(value: Any) -> tuple[str, bool]:
    """Returns a value as JSON, and if plain JSON could hold it."""
    try:
        return json.dumps(value, allow_nan=False), True
    except (TypeError, ValueError):
        return json.dumps(plain(value), allow_nan=False), False


def failing_adapters(value: Any) -> list[str]:
    """Returns the adapters of pyRPC whose `GET /rpc` fails for a procedure with this default."""
    if value is None or isinstance(value, (str, int)):
        return []
    encoders = {
        # Starlette refuses NaN and infinities. Other values are converted first, by FastAPI's encoder.
        "fastapi": lambda: json.dumps(plain_keys_only(value), default=str, allow_nan=False),
        "flask": lambda: json.dumps(value, default=flask_value, sort_keys=True),
        "asgi": lambda: json.dumps(value),
    }
    failing = []
    for adapter, encode in encoders.items():
        try:
            encode()
        except Exception:  # noqa: BLE001 (the value's own code runs)
            failing.append(adapter)
    return failing


def plain_keys_only(value: Any) -> Any:
    """Converts keys to strings, which JSON needs."""
    if isinstance(value, dict):
        return {str(key): plain_keys_only(item) for key, item in value.items()}
    return [plain_keys_only(item) for item in value] if isinstance(value, (list, tuple, set, frozenset)) else value


def flask_value(value: Any) -> Any:
    """Converts the values that Flask's encoder accepts beside those of JSON."""
    if type(value).__name__ in ("date", "datetime", "Decimal", "UUID") or hasattr(value, "__dataclass_fields__"):
        return str(value)
    raise TypeError(type(value).__name__)


def plain(value: Any, depth: int = 0) -> Any:
    """Converts a value to one that JSON has; None if JSON cannot hold it."""
    if depth > MAX_DEPTH:
        return None
    if value is None or isinstance(value, (bool, int, str)) and not hasattr(value, "_value_"):
        return value
    if isinstance(value, float):
        # Not NaN and not an infinity.
        return value if value - value == 0 else None
    if isinstance(value, dict):
        return {str(plain(key, depth + 1)): plain(item, depth + 1) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(item, depth + 1) for item in value]
    if isinstance(value, (set, frozenset)):
        # A set has no order, but the same code must give the same answer.
        return sorted((plain(item, depth + 1) for item in value), key=repr)
    return plain_object(value, depth)


def plain_object(value: Any, depth: int) -> Any:
    if hasattr(value, "_value_"):
        return plain(value.value, depth + 1)
    if hasattr(value, "isoformat"):
        return value.isoformat()
    # By name: the modules of these classes are imported only if the user's code needs them.
    kind = type(value).__name__
    if kind == "Decimal":
        return plain_decimal(value)
    if kind == "timedelta":
        return value.total_seconds()
    if kind == "UUID" or isinstance(value, os.PathLike):
        return str(value)
    if isinstance(value, (bytes, bytearray)):
        return bytes(value).decode("utf-8", "replace")
    if hasattr(value, "model_dump"):
        try:
            return plain(value.model_dump(), depth + 1)
        except Exception:  # noqa: BLE001 (a serializer of the user's)
            return None
    return None


def plain_decimal(value: Any) -> int | float | None:
    try:
        number = int(value) if value.as_tuple().exponent >= 0 else float(value)
    except (TypeError, ValueError, OverflowError):
        return None
    return number if number - number == 0 else None

"""Messages to and from the toolkit: one JSON object per line, in both directions."""

from __future__ import annotations

import json
import os

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    Message = dict[str, Any]
    Send = Callable[[Message | bytes], None]


def encode(message: Message) -> bytes:
    return json.dumps(message).encode() + b"\n"


def decode(line: bytes) -> Message | None:
    """Parses one line; None if it is not a JSON object."""
    try:
        message = json.loads(line)
    except ValueError:
        return None
    return message if isinstance(message, dict) else None


def sender(descriptor: int) -> Send:
    """Returns a function that writes messages, or lines that are already encoded, to a pipe."""

    def send(message: Message | bytes) -> None:
        view = memoryview(message if isinstance(message, bytes) else encode(message))
        while view:
            view = view[os.write(descriptor, view):]

    return send


def read_message(descriptor: int) -> Message | None:
    """Waits for one line; None at the end of the pipe."""
    data = b""
    while not data.endswith(b"\n"):
        try:
            part = os.read(descriptor, 1 << 16)
        except OSError:
            return None
        if part == b"":
            return None
        data += part
    return decode(data.splitlines()[0])

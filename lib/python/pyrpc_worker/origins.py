"""Restricts the bare pyRPC application to allowed hosts and origins: by itself it allows every page of every site."""

from __future__ import annotations

import re

from .protocol import encode

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from .protocol import Message

MAX_REPORTED = 100


def allow_origins(app: Any, origins: Message, host: str, on_refused: Callable[[str], None]) -> Any:
    """Returns an ASGI application that refuses pages of other origins, and reports each such origin once.

    `origins` has the `pattern` of allowed origins, and those `added` to them (`*` for all). `host` is the address that the
    server listens at. If it is of this machine only, requests for other hosts are refused: a page of any site may make its
    own name mean this machine (DNS rebinding), and sends no `Origin` then.
    """
    allowed = re.compile(origins["pattern"])
    added = origins["added"]

    def is_local(authority: str) -> bool:
        return allowed.fullmatch(f"http://{authority.strip().lower()}") is not None

    checks_host = is_local(f"[{host}]" if ":" in host else host)
    reported: set[str] = set()

    async def guard(scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] != "http":
            await app(scope, receive, send)
            return
        origin = b", ".join(value for name, value in scope["headers"] if name == b"origin").decode("latin-1")
        hosts = [value.decode("latin-1") for name, value in scope["headers"] if name == b"host"]
        if len(hosts) > 1:
            await refuse(send, 400, "The request has more than one Host header")
            return
        if checks_host and hosts and not is_local(hosts[0]):
            await refuse(send, 403, "This Host is not allowed here: use localhost")
            return
        if origin and not ("*" in added or origin in added or allowed.fullmatch(origin)):
            if origin not in reported and len(reported) < MAX_REPORTED:
                reported.add(origin)
                on_refused(origin)
            await refuse(send, 403, "This Origin is not allowed here: add --cors-origin")
            return

        async def send_for_origin(message: Any) -> None:
            if message["type"] == "http.response.start":
                message = {**message, "headers": headers_for_origin(message["headers"], origin)}
            await send(message)

        await app(scope, receive, send_for_origin)

    return guard


def headers_for_origin(headers: Any, origin: str) -> list[tuple[bytes, bytes]]:
    """Replaces the header that allows all origins by one that allows only the origin of the request."""
    replaced = (b"access-control-allow-origin", b"vary")
    result = [header for header in headers if header[0] not in replaced]
    if origin:
        result.append((b"access-control-allow-origin", origin.encode("latin-1")))
    result.append((b"vary", b"Origin"))
    return result


async def refuse(send: Any, status: int, message: str) -> None:
    error = {"code": -32600, "message": message, "data": None}
    headers = [(b"content-type", b"application/json"), (b"vary", b"Origin"), (b"connection", b"close")]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": encode({"id": None, "result": None, "error": error})})

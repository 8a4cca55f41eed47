import asyncio
import unittest

from pyrpc_worker.origins import MAX_REPORTED, allow_origins

OPEN = (b"access-control-allow-origin", b"*")


async def application(scope, receive, send):
    """Allows every origin, like the bare application of pyRPC."""
    if scope["type"] == "http":
        await send({"type": "http.response.start", "status": 200, "headers": [OPEN, (b"vary", b"X"), (b"x", b"y")]})
        await send({"type": "http.response.body", "body": b"{}"})


def call(app, headers, kind="http"):
    messages = []

    async def send(message):
        messages.append(message)

    asyncio.run(app({"type": kind, "headers": headers}, None, send))
    return messages


class AllowOriginsTest(unittest.TestCase):
    def guard(self, added=(), host="localhost"):
        self.refused = []
        origins = {"pattern": r"https?://(localhost|\[::1\])(:\d+)?", "added": added}
        return allow_origins(application, origins, host, self.refused.append)

    def test_accepts_and_refuses_origins(self):
        cases = [
            ((), None, 200),
            ((), "http://localhost:3000", 200),
            ((), "http://localhost.example", 403),
            ((), "https://example.com", 403),
            ((), "null", 403),
            (("https://example.com",), "https://example.com", 200),
            (("https://example.com",), "https://example.com.evil", 403),
            (("*",), "https://example.com", 200),
        ]
        for added, origin, status in cases:
            with self.subTest(origin=origin, added=added):
                headers = [] if origin is None else [(b"origin", origin.encode())]
                [start, body] = call(self.guard(added), headers)
                self.assertEqual(start["status"], status)
                allowed = [value.decode() for name, value in start["headers"] if name == OPEN[0]]
                self.assertEqual(allowed, [origin] if origin and status == 200 else [])
                self.assertEqual([value for name, value in start["headers"] if name == b"vary"], [b"Origin"])
                self.assertEqual(self.refused, [] if status == 200 else [origin])

    def test_refuses_several_origins_and_hosts(self):
        local = (b"origin", b"http://localhost")
        self.assertEqual(call(self.guard(), [local, local])[0]["status"], 403)
        self.assertEqual(call(self.guard(), [(b"host", b"a"), (b"host", b"b")])[0]["status"], 400)

    def test_a_server_of_this_machine_refuses_other_hosts(self):
        # A page whose name was made to mean this machine reads GET /rpc as its own: no Origin is sent.
        cases = [
            ("localhost", None, 200),
            ("localhost", "localhost:8000", 200),
            ("localhost", "LOCALHOST", 200),
            ("localhost", "[::1]:8000", 200),
            ("localhost", "evil.example:8000", 403),
            ("localhost", "localhost.evil.example", 403),
            ("localhost", "localhost:8000@evil.example", 403),
            ("localhost", "", 403),
            ("::1", "[::1]:8000", 200),
            ("::1", "evil.example", 403),
            # Names that only its owner knows.
            ("0.0.0.0", "shop.example", 200),
            ("shop.example", "shop.example", 200),
        ]
        for listening, host, status in cases:
            with self.subTest(listening=listening, host=host):
                headers = [] if host is None else [(b"host", host.encode())]
                [start, _] = call(self.guard(host=listening), headers)
                self.assertEqual(start["status"], status)

    def test_reports_each_origin_once_and_a_limited_number(self):
        guard = self.guard()
        for number in [0, 0, *range(MAX_REPORTED + 5)]:
            call(guard, [(b"origin", b"http://site%d" % number)])
        self.assertEqual(self.refused, [f"http://site{number}" for number in range(MAX_REPORTED)])

    def test_passes_other_protocols_on(self):
        self.assertEqual(call(self.guard(), [(b"origin", b"https://example.com")], "lifespan"), [])


if __name__ == "__main__":
    unittest.main()

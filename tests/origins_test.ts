import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { type AllowedOrigins, allowOrigin, parseOrigin } from "../lib/origins.ts";

const ANY: AllowedOrigins = { policy: "any" };
const LOOPBACK: AllowedOrigins = { policy: "loopback" };
const OWN: AllowedOrigins = { policy: "own" };
const ADDED: AllowedOrigins = { policy: "own", added: ["https://app.example.com"] };

describe("allowOrigin()", () => {
  const LOCAL = [
    "http://localhost",
    "https://localhost:5173",
    "http://app.localhost:3000",
    "http://a.b.localhost",
    "http://127.0.0.1:8000",
    "http://127.1.2.3",
    "https://[::1]:5173",
  ];
  const FOREIGN = [
    "null",
    "",
    "http://evil.example",
    "http://localhost.evil.example",
    "http://127.0.0.1.evil.example",
    "http://evillocalhost",
    "http://evil-127.0.0.1",
    "http://128.0.0.1",
    "http://10.0.0.1",
    "http://[::2]",
    "http://[::ffff:10.0.0.1]",
    "ftp://localhost",
    "chrome-extension://localhost",
    "http://localhost:5173, http://evil.example",
    "http://localhost@evil.example",
    "http://localhost/",
    "http://localhost\nx",
    "HTTP://LOCALHOST",
  ];

  for (const origin of LOCAL) {
    it(`lets ${origin} call under "loopback", and not under "own"`, () => {
      assert.equal(allowOrigin(origin, LOOPBACK, "127.0.0.1:9999"), origin);
      assert.equal(allowOrigin(origin, OWN, "127.0.0.1:9999"), undefined);
      assert.equal(allowOrigin(origin, ANY), "*");
    });
  }

  for (const origin of FOREIGN) {
    it(`refuses ${JSON.stringify(origin)} but under "any"`, () => {
      for (const rule of [LOOPBACK, OWN, ADDED]) {
        assert.equal(allowOrigin(origin, rule, "127.0.0.1:9999"), undefined);
      }
      assert.equal(allowOrigin(origin, ANY), "*");
    });
  }

  it("lets the server's own origin call, by the name it was reached at", () => {
    for (const rule of [LOOPBACK, OWN, ADDED]) {
      assert.equal(
        allowOrigin("http://10.0.0.5:9000", rule, "10.0.0.5:9000"),
        "http://10.0.0.5:9000",
      );
      assert.equal(allowOrigin("https://pc.lan", rule, "PC.lan"), "https://pc.lan");
      assert.equal(allowOrigin("http://10.0.0.5:9001", rule, "10.0.0.5:9000"), undefined);
      assert.equal(allowOrigin("http://10.0.0.5:9000", rule), undefined);
    }
  });

  it("lets added origins call, and nothing that resembles them", () => {
    assert.equal(allowOrigin("https://app.example.com", ADDED), "https://app.example.com");
    for (
      const other of [
        "http://app.example.com",
        "https://app.example.com:8443",
        "https://x.app.example.com",
      ]
    ) {
      assert.equal(allowOrigin(other, ADDED), undefined);
    }
  });
});

it("parseOrigin() accepts origins as browsers send them, and nothing else", () => {
  const rows: readonly (readonly [string, string | undefined])[] = [
    ["http://localhost:5173", "http://localhost:5173"],
    ["HTTPS://App.Example.com:443/", "https://app.example.com"],
    ["http://[::1]:80", "http://[::1]"],
    ["tauri://localhost", "tauri://localhost"],
    ["chrome-extension://abcdef", "chrome-extension://abcdef"],
    ["null", undefined],
    ["*", undefined],
    ["localhost:5173", undefined],
    ["example.com", undefined],
    ["file:///tmp/page.html", undefined],
    ["http://localhost/path", undefined],
    ["http://localhost?x", undefined],
    ["http://user@localhost", undefined],
    ["", undefined],
  ];
  for (const [text, origin] of rows) assert.equal(parseOrigin(text), origin, text);
});

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { hideCredentials } from "../lib/hide_credentials.ts";

describe("hideCredentials()", () => {
  for (
    const [text, wanted] of [
      ["http://ada:s3cret@host/rpc", "http://host/rpc"],
      ['found "https://token@host:1/rpc?key=a&b=c" in', 'found "https://host:1/rpc?…" in'],
      ["http://ada:p@ss@host", "http://host"],
      ["http://ada:p/a?ss@host/x", "http://host/x"],
      ["nats://t0ken@host/subject, http://b:c@d", "nats://host/subject, http://d"],
      ["http://host:8000/@scope/x", "http://host:8000/@scope/x"],
      ["nats://***@host/subject", "nats://***@host/subject"],
      ["at /home/x/http:/ada:s3cret@host/rpc?key=v", "at /home/x/http:/host/rpc?…"],
      ["C:\\x\\http:\\ada:s3cret@host\\rpc?key=v", "C:\\x\\http:\\host\\rpc?…"],
      ['"C:\\\\x\\\\https:\\\\s3cret@host\\\\rpc?key=v"', '"C:\\\\x\\\\https:\\\\host\\\\rpc?…"'],
      ["C:\\Users\\ada@work\\x.json", "C:\\Users\\ada@work\\x.json"],
      ["C:/Users/ada@work/x.json", "C:/Users/ada@work/x.json"],
      ["http://user:password@host:port", "http://user:password@host:port"],
      // Quadratic steps would take minutes.
      [`${"a".repeat(300_000)} x:/`, `${"a".repeat(300_000)} x:/`],
      ["mail ada@example.com", "mail ada@example.com"],
    ] as const
  ) {
    it(`${text.slice(0, 80)} becomes ${wanted.slice(0, 80)}`, () => {
      assert.equal(hideCredentials(text), wanted);
      assert.equal(hideCredentials(wanted), wanted);
    });
  }
});

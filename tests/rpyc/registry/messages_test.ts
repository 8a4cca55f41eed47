import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { test } from "node:test";
import fc from "fast-check";
import { decodeBrine, encodeBrine } from "../../../lib/rpyc/brine.ts";
import {
  readRequest,
  writeEndpoints,
  writeNames,
  writeOk,
  writeRequest,
} from "../../../lib/rpyc/registry/messages.ts";
import { fuzzCount } from "../../support/fuzz_count.ts";
import { arbitraryBrine } from "../arbitrary_brine.ts";

const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString("hex");

// Captured from rpyc 6.0.2.
const CAPTURED = [
  [
    { command: "register", names: ["CALC", "MATH"], port: 18812 },
    "12080d52505943080e0852454749535445521111080d43414c43080d4d41544816053138383132",
  ],
  [
    { command: "register", names: ["calc"], port: 18813 },
    "12080d52505943080e0852454749535445521110080d63616c6316053138383133",
  ],
  [{ command: "query", name: "calc" }, "12080d52505943080e05515545525910080d63616c63"],
  [
    { command: "unregister", port: 18812 },
    "12080d52505943080e0a554e52454749535445521016053138383132",
  ],
  [{ command: "list", host: undefined }, "12080d52505943080d4c495354101000"],
  [
    { command: "list", host: "127.0.0.1" },
    "12080d52505943080d4c4953541010080e093132372e302e302e31",
  ],
] as const;

for (const [request, bytes] of CAPTURED) {
  test(`writeRequest() and readRequest() agree with the capture of ${request.command} ${bytes.length}`, () => {
    assert.equal(hex(writeRequest(request)), bytes);
    assert.deepEqual(readRequest(Buffer.from(bytes, "hex")), request);
  });
}

test("writeOk(), writeEndpoints() and writeNames() write the captured replies", () => {
  assert.equal(hex(writeOk()), "080b4f4b");
  const [first, second] = [{ host: "127.0.0.1", port: 18812 }, { host: "127.0.0.1", port: 18813 }];
  assert.equal(
    hex(writeEndpoints([first, second])),
    "1111080e093132372e302e302e311605313838313211080e093132372e302e302e3116053138383133",
  );
  assert.equal(hex(writeEndpoints([second])), "1011080e093132372e302e302e3116053138383133");
  assert.equal(hex(writeEndpoints([])), "02");
  assert.equal(hex(writeNames(["CALC", "FOO"], 15_000)), "11080d43414c43080c464f4f");
  assert.equal(hex(writeNames(undefined, 15_000)), "00");
});

test("writeEndpoints() and writeNames() write no more than clients read", () => {
  const many = Array.from(
    { length: 500 },
    (_, index) => ({ host: `10.0.0.${index % 256}`, port: 1000 + index }),
  );
  const written = writeEndpoints(many);
  assert.ok(written.length <= 1500 && written.length > 1400);
  assert.ok((decodeBrine(written) as unknown[]).length > 50);
  assert.ok(writeNames(many.map(({ host }) => `${host}-long-name`), 15_000).length <= 15_000);
});

test("readRequest() rejects requests that rpyc's registry ignores", () => {
  const bad = [
    ["RPYC", "QUERY"],
    [Buffer.from("RPYC"), "QUERY", ["x"]],
    ["rpyc", "QUERY", ["x"]],
    ["RPYC", "FORGET", ["x"]],
    ["RPYC", "QUERY", []],
    ["RPYC", "QUERY", ["x", "y"]],
    ["RPYC", "REGISTER", [["x"], 0n]],
    ["RPYC", "REGISTER", [["x"], 70000n]],
    ["RPYC", "REGISTER", [[1n], 80n]],
    ["RPYC", "LIST", []],
    ["RPYC", "LIST", [[]]],
  ] as const;
  for (const message of bad) {
    assert.ok("reason" in readRequest(encodeBrine(message as never)), String(message));
  }
  const large = encodeBrine(["RPYC", "QUERY", ["x".repeat(2000)]]);
  assert.ok("reason" in readRequest(large));
});

test("readRequest() does not throw for any bytes", () => {
  fc.assert(fc.property(fc.uint8Array({ maxLength: 80 }), (data) => void readRequest(data)), {
    seed: 30,
    numRuns: fuzzCount(3000),
  });
  const nearly = fc.tuple(
    fc.constantFrom("QUERY", "REGISTER", "LIST", "unregister"),
    arbitraryBrine(),
  );
  fc.assert(
    fc.property(
      nearly,
      ([command, args]) => void readRequest(encodeBrine(["RPYC", command, args])),
    ),
    { seed: 31, numRuns: fuzzCount(300) },
  );
});

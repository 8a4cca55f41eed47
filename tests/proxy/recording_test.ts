import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { EXAMPLE_CONTRACT } from "../../lib/mock/mod.ts";
import { recordingDigest, startRecording } from "../../lib/proxy/mod.ts";
import { failed, type Outcome, succeeded, type WireValue } from "../../lib/rpc/mod.ts";

function recorded(
  ...calls: readonly (readonly [args: Readonly<Record<string, WireValue>>, outcome: Outcome])[]
) {
  const procedure = EXAMPLE_CONTRACT.procedures.get("add");
  assert.ok(procedure);
  const recording = startRecording();
  for (const [args, outcome] of calls) {
    recording.add({ procedure, arguments: new Map(Object.entries(args)), outcome });
  }
  return recording;
}

describe("startRecording()", () => {
  it("keeps every answer of a call in order, calls in the order of their first answer", () => {
    const recording = recorded(
      [{ a: 1 }, succeeded(1)],
      [{ a: 1, b: 2 }, succeeded(3)],
      [{ a: 1 }, failed({ kind: "procedure", code: -5, message: "later" })],
      [{ b: 2, a: 1 }, succeeded(4)],
    );
    assert.equal(recording.size, 4);
    const { $about: _, ...calls } = JSON.parse(recording.format());
    assert.deepEqual(calls, {
      add: {
        cases: [
          {
            args: { a: 1 },
            answers: [{ result: 1 }, { error: { code: -5, message: "later", data: null } }],
          },
          { args: { a: 1, b: 2 }, answers: [{ result: 3 }, { result: 4 }] },
        ],
      },
    });
  });

  it("adds to the answers of the same arguments, however a number is written", () => {
    const procedure = EXAMPLE_CONTRACT.procedures.get("add");
    assert.ok(procedure);
    for (const format of ["json", "yaml"] as const) {
      for (const a of [1, -0, 0.5, 1e16, 1e21, -1e300, 2n ** 60n]) {
        let before = "";
        for (const result of [1, 2]) {
          const recording = startRecording({ format, before });
          const args = new Map<string, unknown>([["a", a]]);
          recording.add({ procedure, arguments: args, outcome: succeeded(result) });
          before = recording.format();
        }
        assert.equal(before.match(/"?args"?:/g)?.length, 1, before);
      }
    }
  });

  it("writes YAML in block style", () => {
    const recording = startRecording({ format: "yaml" });
    const procedure = EXAMPLE_CONTRACT.procedures.get("add");
    assert.ok(procedure);
    recording.add({ procedure, arguments: new Map([["a", 1]]), outcome: succeeded("\u009b") });
    assert.match(
      recording.format(),
      /\nadd:\n {2}cases:\n {4}- args:\n {8}a: 1\n {6}result: "\\u009b"\n$/,
    );
  });

  it("warns once if a procedure has too many calls, and keeps the first", () => {
    const warnings: string[] = [];
    const recording = startRecording({ warn: (text) => void warnings.push(text) });
    const procedure = EXAMPLE_CONTRACT.procedures.get("add");
    assert.ok(procedure);
    for (let a = 0; a < 10_010; a++) {
      recording.add({ procedure, arguments: new Map([["a", a]]), outcome: succeeded(a) });
    }
    assert.equal(recording.size, 10_000);
    assert.deepEqual(warnings, ["More than 10000 calls of add: further ones are not recorded"]);
  });

  it("keeps integers beyond 2^53", () => {
    const text = recorded([{ a: 2n ** 60n }, succeeded(1)]).format();
    assert.match(text, /"a":\s*1152921504606846976\b/);
    assert.notEqual(recordingDigest(text), undefined);
  });
});

describe("recordingDigest()", () => {
  const text = recorded([{ a: 1 }, succeeded(1)]).format();

  it("is the same after formatting", () => {
    assert.equal(recordingDigest(JSON.stringify(JSON.parse(text))), recordingDigest(text));
  });

  for (
    const [name, other] of [
      ["an edited recording", text.replace('"result": 1', '"result": 2')],
      ["a file of examples", '{"add": {"result": 1}}'],
      ["a text that is not JSON", "add: {result: 1}"],
      ["an empty file", ""],
    ] as const
  ) {
    it(`is undefined for ${name}`, () => {
      assert.notEqual(other, text);
      assert.equal(recordingDigest(other), undefined);
    });
  }
});

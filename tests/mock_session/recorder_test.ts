import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { describe, it } from "node:test";
import { EXAMPLE_CONTRACT } from "../../lib/mock/mod.ts";
import { Recorder } from "../../lib/mock_session/recorder.ts";
import type { PassedCall } from "../../lib/proxy/mod.ts";
import { succeeded } from "../../lib/rpc/mod.ts";
import { FakeClock } from "../support/fake_clock.ts";
import { type TempFolder, tempFolder } from "../support/temp_folder.ts";

function passed(a: number): PassedCall {
  const procedure = EXAMPLE_CONTRACT.procedures.get("add");
  assert.ok(procedure);
  return { procedure, arguments: new Map([["a", a], ["b", 1]]), outcome: succeeded(a + 1) };
}

function record(folder: TempFolder, examples?: string) {
  const clock = new FakeClock();
  const warnings: string[] = [];
  const recorder = new Recorder({
    path: folder.at("calls.json"),
    examples: examples === undefined ? undefined : folder.at(examples),
    clock,
    warn: (text) => void warnings.push(text),
  });
  return { recorder, clock, warnings };
}

function results(path: string): readonly unknown[] {
  if (!existsSync(path)) return [];
  return JSON.parse(readFileSync(path, "utf8")).add.cases
    .map(({ result }: { result: unknown }) => result);
}

describe("Recorder", () => {
  it("writes calls in groups, after a pause", async () => {
    await using folder = await tempFolder();
    const { recorder, clock } = record(folder);
    recorder.add(passed(1));
    recorder.add(passed(2));
    assert.deepEqual(results(folder.at("calls.json")), []);
    await clock.advance(1000);
    assert.deepEqual(results(folder.at("calls.json")), [2, 3]);
    assert.equal(clock.pending, 0);
    recorder.add(passed(3));
    await clock.advance(1000);
    assert.deepEqual(results(folder.at("calls.json")), [2, 3, 4]);
  });

  it("finish() writes the rest and leaves no timer", async () => {
    await using folder = await tempFolder();
    const { recorder, clock } = record(folder);
    recorder.add(passed(1));
    assert.deepEqual(recorder.finish(), { calls: 1, path: folder.at("calls.json") });
    assert.deepEqual(results(folder.at("calls.json")), [2]);
    assert.equal(clock.pending, 0);
  });

  it("does not create a file without calls", async () => {
    await using folder = await tempFolder();
    assert.equal(record(folder).recorder.finish().calls, 0);
    assert.equal(existsSync(folder.at("calls.json")), false);
  });

  it("rejects a file that is not a recording, and the file of the examples", async () => {
    await using folder = await tempFolder({ "calls.json": '{"mine": 1}' });
    assert.throws(() => record(folder), { code: "TARGET_FOREIGN" });
    assert.throws(() => record(folder, "calls.json"), { code: "USAGE", message: /--examples/ });
    assert.equal(readFileSync(folder.at("calls.json"), "utf8"), '{"mine": 1}');
  });

  it("continues in another file if the recording was edited, and reports it", async () => {
    await using folder = await tempFolder();
    const { recorder, warnings } = record(folder);
    recorder.add(passed(1));
    recorder.save();
    await folder.write({ "calls.json": '{"edited": 1}' });
    recorder.add(passed(2));
    const { path } = recorder.finish();
    assert.notEqual(path, folder.at("calls.json"));
    assert.deepEqual(results(path), [2, 3]);
    assert.equal(readFileSync(folder.at("calls.json"), "utf8"), '{"edited": 1}');
    assert.match(warnings.join(), /was changed by another program: recording to /);
  });
});

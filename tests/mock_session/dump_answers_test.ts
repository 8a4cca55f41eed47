import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { describe, it } from "node:test";
import { dumpAnswers, fileNameOf } from "../../lib/mock_session/dump_answers.ts";
import { recordedEvents, sessionConsole } from "../support/mock_session.ts";
import { tempFolder } from "../support/temp_folder.ts";

describe("fileNameOf()", () => {
  for (
    const [procedure, file] of [
      ["users.get", "users.get.json"],
      ["größe", "größe.json"],
      ["a/b\\c:d", "a%2fb%5cc%3ad.json"],
      ["..", "%...json"],
      ["", "%.json"],
      ["x".repeat(500), `${"x".repeat(200)}.json`],
    ] as const
  ) {
    it(`${JSON.stringify(procedure.slice(0, 20))} becomes ${file.slice(0, 20)}`, () => {
      assert.equal(fileNameOf(procedure), file);
    });
  }
});

describe("dumpAnswers()", () => {
  const options = { lax: false, random: false, verbose: false };

  it("returns the files, and the procedures that failed", async () => {
    await using folder = await tempFolder();
    const error = ["greet=-1:1:Out of order"];
    const dumped = await dumpAnswers(
      "answers",
      { ...options, error },
      sessionConsole(folder.path),
      recordedEvents().events,
    );
    assert.deepEqual(dumped, {
      folder: folder.at("answers"),
      files: ["add.json", "products.get.json", "products.list.json"],
      failures: [{ procedure: "greet", message: "Out of order" }],
    });
    assert.equal(existsSync(folder.at("answers", "greet.json")), false);
  });

  it("replaces only files that a dump wrote", async () => {
    await using folder = await tempFolder();
    const dump = () =>
      dumpAnswers("answers", options, sessionConsole(folder.path), recordedEvents().events);
    await dump();
    await dump();
    await folder.write({ "answers/add.json": "7" });
    await assert.rejects(dump(), { code: "TARGET_FOREIGN" });
  });
});

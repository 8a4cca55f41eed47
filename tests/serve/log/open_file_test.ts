import assert from "node:assert/strict";
import { test } from "node:test";
import { openForAppending } from "../../../lib/serve/log/open_file.ts";
import { tempFolder } from "../../support/temp_folder.ts";

test("openForAppending() reports why a log or trace file cannot be written", async () => {
  await using folder = await tempFolder();
  const path = folder.at("none", "log.txt");
  await assert.rejects(openForAppending(path), {
    code: "USAGE",
    message: `Cannot write "${path}": its folder does not exist`,
  });
});

import assert from "node:assert/strict";
import { test } from "node:test";
import { diagnoseEntry } from "../../lib/doctor/entry.ts";
import type { AskedModule } from "../../lib/python/mod.ts";
import { contractOf, documentOf } from "../support/contracts.ts";

const PROJECT = { entrypoint: "main", framework: "fastapi", module: "main" } as const;

function asked(answer: Partial<AskedModule["answer"]>): AskedModule {
  return {
    contract: contractOf({ add: {} }),
    answer: {
      ok: true,
      contract: documentOf({ add: {} }),
      problems: [],
      adapted: [],
      duplicates: [],
      files: [],
      app: { name: "app", kind: "fastapi" },
      core: "0.14.0",
      ...answer,
    },
  };
}

test("diagnoseEntry() describes a module that can be imported", () => {
  const { status, message } = diagnoseEntry(PROJECT, asked({}));
  assert.deepEqual(
    [status, message],
    ["ok", "main can be imported: 1 procedure, application app"],
  );
  const named = diagnoseEntry({ ...PROJECT, entrypoint: "main:app" }, asked({}));
  assert.equal(named.message, "main:app can be imported: 1 procedure");
});

test("diagnoseEntry() suggests a fix for procedures without schema and for a missing application", () => {
  const problems = [{ name: "x", reason: "no schema", part: null, place: null }];
  const broken = diagnoseEntry(PROJECT, asked({ problems }));
  assert.deepEqual([broken.status, broken.fix], ["broken", ["pyrpc inspect main"]]);
  assert.deepEqual(broken.details, ['"x" has no schema: no schema']);
  const withoutApp = diagnoseEntry(PROJECT, asked({ app: null }));
  assert.equal(withoutApp.status, "warning");
  assert.match(withoutApp.fix?.[0] ?? "", /^pyrpc init --entry/);
  // Bare ASGI does not need an application of the project.
  const bare = diagnoseEntry({ ...PROJECT, framework: "asgi" }, asked({ app: null }));
  assert.deepEqual([bare.status, bare.fix], ["ok", undefined]);
});

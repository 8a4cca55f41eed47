import assert from "node:assert/strict";
import { test } from "node:test";
import { diagnoseEntry } from "../../lib/doctor/entry.ts";
import type { AskedModule } from "../../lib/python/mod.ts";
import type { RpcEndpoints } from "../../lib/python/protocol.ts";
import { contractOf, documentOf } from "../support/contracts.ts";

const PROJECT = { entrypoint: "main", framework: "fastapi", module: "main" } as const;

function application(endpoints: Partial<RpcEndpoints>): NonNullable<AskedModule["answer"]["app"]> {
  const found = { paths: ["/rpc"], fault: null, ownRouter: false, urls: null, ...endpoints };
  return { name: "app", kind: "fastapi", others: [], endpoints: found };
}

function asked(answer: Partial<AskedModule["answer"]>): AskedModule {
  return {
    contract: contractOf({ add: {} }),
    answer: {
      ok: true,
      contract: documentOf({ add: {} }),
      problems: [],
      adapted: [],
      defaults: [],
      facts: [],
      duplicates: [],
      files: [],
      app: application({}),
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

test("diagnoseEntry() names the line that an application without /rpc needs", () => {
  const rows: [string, Partial<RpcEndpoints>, string, RegExp][] = [
    [
      "fastapi",
      { paths: [] },
      "main:app has no /rpc",
      /^Add mount_fastapi\(app\), with: from pyrpc_fastapi import mount_fastapi$/,
    ],
    [
      "flask",
      { paths: [], ownRouter: true },
      "main:app has no /rpc",
      /^Add mount_flask\(app, YOUR_ROUTER\)/,
    ],
    ["asgi", { paths: [] }, "main:app has no /rpc", /^Add PyRPCAsgiApp\(default_router\)/],
    [
      "django",
      { paths: [], urls: "mysite.urls" },
      "mysite.urls has no /rpc",
      /^Add mount_django\(urlpatterns\)/,
    ],
    [
      "fastapi",
      { paths: ["/api/rpc"] },
      "main:app answers at /api/rpc, not at /rpc",
      /--server-url http:\/\/HOST:PORT\/api\/rpc/,
    ],
    [
      "asgi",
      { fault: "router" },
      "main:app has no router: GET /rpc answers 500",
      /PyRPCAsgiApp\(default_router\)/,
    ],
  ];
  for (const [framework, endpoints, message, fix] of rows) {
    const project = { ...PROJECT, framework } as typeof PROJECT;
    const found = diagnoseEntry(project, asked({ app: application(endpoints) }));
    assert.deepEqual([found.status, found.details?.at(-1)], ["broken", message]);
    assert.match(found.fix?.[0] ?? "", fix);
  }
  const split = diagnoseEntry(
    PROJECT,
    asked({ app: application({ fault: "split", urls: "urls" }) }),
  );
  assert.equal(split.status, "warning");
  assert.match(split.snippet?.join("\n") ?? "", /^import json\n/);
  const unknown = { name: "app", kind: "asgi", others: ["api"], endpoints: null };
  const several = diagnoseEntry(PROJECT, asked({ app: unknown }));
  assert.equal(several.status, "ok");
  assert.match(several.message, /application app \(not api\)$/);
});

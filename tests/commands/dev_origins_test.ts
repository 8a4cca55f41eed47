import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { moduleWarnings } from "../../commands/dev/module_warnings.ts";

type Event = Parameters<typeof moduleWarnings>[0];
type Project = Parameters<typeof moduleWarnings>[1];

function warnings(app: string | null, corsOrigins: readonly string[]): readonly string[] {
  // The members that decide about origins.
  const answer = { app, duplicates: [], problems: [], facts: [] };
  const event = { kind: "contract", server: "own", answer } as unknown as Event;
  return moduleWarnings(event, { entrypoint: "main", folder: "/", corsOrigins } as Project)
    .filter((line) => /pages|web page/.test(line));
}

describe("pyrpc dev", () => {
  it("names the pages that may call a bare application, and warns of all", () => {
    assert.deepEqual(warnings(null, ["https://app.example.com"]), [
      "Browsers: only pages of localhost, https://app.example.com may call (add others with --cors-origin)",
    ]);
    const [allowed = "", warning = ""] = warnings(null, ["*"]);
    assert.match(allowed, /pages of any origin may call/);
    assert.match(warning, /^Any web page in a browser on this machine can call your procedures/);
  });

  it("leaves the origins to an application of the user's own", () => {
    assert.deepEqual(warnings("app", ["*"]), []);
  });
});

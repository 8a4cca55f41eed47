import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { followSession } from "../../lib/mock_session/follow_session.ts";
import { MockSession } from "../../lib/mock_session/mod.ts";
import { waitUntil } from "../support/wait_until.ts";
import { recordedEvents, sessionConsole } from "../support/mock_session.ts";
import { tempFolder } from "../support/temp_folder.ts";

function contractOf(...names: readonly string[]): string {
  return JSON.stringify(Object.fromEntries(names.map((name) => [name, {
    name,
    parameters: [],
    return_type: "int",
    return_schema: { type: "integer" },
    doc: "",
    kind: "query",
  }])));
}

async function follow(files: Readonly<Record<string, string>>, flags: {
  readonly source?: string;
  readonly examples?: string;
  readonly watch: boolean;
}) {
  const folder = await tempFolder(files);
  const { events, lines } = recordedEvents();
  const console = sessionConsole(folder.path);
  const options = { ...flags, lax: false, random: false, verbose: false };
  const session = await MockSession.open(options, console, events);
  const following = await followSession(session, options, console, {
    ...events,
    reloaded: (what) => void lines.push(`reloaded ${what}`),
    output: () => undefined,
  });
  return {
    folder,
    session,
    lines,
    until: (line: string) => waitUntil(() => lines.some((each) => each.startsWith(line))),
    async [Symbol.asyncDispose]() {
      await following.close();
      await folder[Symbol.asyncDispose]();
    },
  };
}

describe("followSession()", () => {
  it("loads a changed contract, reports a broken one and that it has recovered", async () => {
    await using followed = await follow({ "schema.json": contractOf("one") }, {
      source: "schema.json",
      watch: true,
    });
    const { folder, session, lines } = followed;
    await folder.write({ "schema.json": contractOf("one", "two") });
    await followed.until("reloaded contract");
    assert.equal(session.contract.procedures.size, 2);
    await folder.write({ "schema.json": "{" });
    await followed.until("failed: ");
    assert.equal(session.contract.procedures.size, 2);
    await folder.write({ "schema.json": contractOf("one", "two") });
    await followed.until("note: Recovered");
    assert.equal(lines.filter((line) => line === "reloaded contract").length, 1);
  });

  it("loads changed examples; a broken file keeps the previous ones", async () => {
    await using followed = await follow({
      "schema.json": contractOf("one"),
      "examples.yaml": "one: {result: 1}\n",
    }, { source: "schema.json", examples: "examples.yaml", watch: false });
    await followed.folder.write({ "examples.yaml": "one: {result: text}\n" });
    await followed.until("failed: The example does not fit the contract");
    await followed.folder.write({ "examples.yaml": "one: {result: 2}\n" });
    await followed.until("reloaded examples");
  });

  it("warns if the contract cannot be followed", async () => {
    await using followed = await follow({}, { watch: true });
    await followed.until("warn: --watch follows files, URLs and Python modules only");
  });
});

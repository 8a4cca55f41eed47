import assert from "node:assert/strict";
import { test } from "node:test";
import { ALL_PROCEDURES, formatContract, type Selection } from "../../lib/contract/mod.ts";
import {
  type ContractChanges,
  nextVersion,
  type VersionServices,
} from "../../lib/sync/package_version.ts";
import { contractOf } from "../support/contracts.ts";
import { tempFolder } from "../support/temp_folder.ts";

const BEFORE = contractOf({ add: {} });
const AFTER = contractOf({ add: {}, greet: {} });

interface Given extends Partial<VersionServices> {
  readonly given?: string;
  readonly selection?: Selection;
}

const decide = (
  { given, selection = ALL_PROCEDURES, ...services }: Given,
  bump: ContractChanges["bump"] = "minor",
) =>
  nextVersion({
    name: "@org/api-types",
    contract: AFTER,
    where: "api",
    folder: ".",
    present: undefined,
    given,
    selection,
    context: { cwd: ".", env: {} },
  }, {
    findSnapshot: () => Promise.resolve(undefined),
    fetchPublished: () => Promise.resolve(undefined),
    compare: () => Promise.resolve({ bump, lines: ["- greet"] }),
    ...services,
  });

const published = (version: string, files: Record<string, string>) => ({
  fetchPublished: () => Promise.resolve({ version, files: new Map(Object.entries(files)) }),
});

const SCHEMA = formatContract(BEFORE);

test("nextVersion() raises the published version by the changes", async () => {
  const rows = [
    ["major", "2.0.0"],
    ["minor", "1.3.0"],
    ["patch", "1.2.4"],
    ["none", "1.2.3-beta.1"],
  ] as const;
  for (const [bump, wanted] of rows) {
    const next = await decide(published("1.2.3-beta.1", { "schema.json": SCHEMA }), bump);
    assert.deepEqual([next.version, next.previous], [wanted, "1.2.3-beta.1"]);
    assert.equal(next.against, "@org/api-types@1.2.3-beta.1");
  }
});

test("nextVersion() begins a changelog and continues the published one", async () => {
  const first = await decide({});
  assert.equal(first.version, "1.0.0");
  assert.equal(first.against, undefined);
  const changelog = first.extras.get("CHANGELOG.md") ?? "";
  assert.equal(changelog, "# Changelog\n\n## 1.0.0\n\nFirst version.\n");
  assert.equal(first.extras.get("schema.json"), formatContract(AFTER));
  const files = { "schema.json": SCHEMA, "CHANGELOG.md": changelog };
  const second = await decide(published("1.0.0", files));
  assert.equal(
    second.extras.get("CHANGELOG.md"),
    "# Changelog\n\n## 1.1.0\n\n- greet\n\n## 1.0.0\n\nFirst version.\n",
  );
  const same = await decide(published("1.0.0", files), "none");
  assert.equal(same.extras.get("CHANGELOG.md"), changelog);
});

test("nextVersion() treats a published package without a contract as a breaking change", async () => {
  const next = await decide(published("0.4.0", {}));
  assert.deepEqual([next.version, next.bump], ["1.0.0", "major"]);
});

test("nextVersion() compares with the snapshot if nothing is published", async () => {
  await using folder = await tempFolder({ "schema.json": SCHEMA });
  const findSnapshot = () => Promise.resolve(folder.at("schema.json"));
  assert.equal((await decide({ findSnapshot })).version, "1.0.0");
  const next = await decide({ findSnapshot, given: "3.1.0" });
  assert.deepEqual([next.version, next.against], ["3.2.0", folder.at("schema.json")]);
});

test("nextVersion() compares only the procedures of the package with the snapshot", async () => {
  const snapshot = formatContract(contractOf({ add: {}, "admin.wipe": {} }));
  await using folder = await tempFolder({ "schema.json": snapshot });
  let before: readonly string[] = [];
  await decide({
    given: "1.0.0",
    selection: { include: [], exclude: ["admin.*"] },
    findSnapshot: () => Promise.resolve(folder.at("schema.json")),
    compare(old) {
      before = [...old.contract.procedures.keys()];
      return Promise.resolve({ bump: "none", lines: [] });
    },
  });
  assert.deepEqual(before, ["add"]);
});

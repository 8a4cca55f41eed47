import { type ToolError, usageError } from "../errors.ts";
import { commandIn } from "../shell_word.ts";

/** `check` without a source, a configuration or a snapshot; `below` are folders with a configuration. */
export function nothingToCheck(below: readonly string[]): ToolError {
  return usageError("Nothing to check: no pyrpc.json, no pyrpc-client.json and no snapshot here", [
    ...below.map((folder) => `${folder} has a pyrpc.json: ${commandIn(folder, "pyrpc check")}`),
    "Pass the contract: pyrpc check SOURCE",
    "or set up the project: pyrpc init",
  ]);
}

/** `check SOURCE --offline`. */
export function offlineExcludesSource(source: string): ToolError {
  return usageError(`--offline and the argument "${source}" exclude each other`);
}

/** `check --offline` with anything but a file. */
export function offlineNeedsFile(given: string): ToolError {
  return usageError(
    `--offline requires a snapshot file, found "${given}"`,
    "Write one while the server is running: pyrpc pull URL -o schema.json",
  );
}

/** `check --against` in a project without a snapshot. */
export function againstNeedsSnapshot(): ToolError {
  return usageError("--against needs a snapshot file", [
    "Write one: pyrpc pull SOURCE -o schema.json",
    'or set it in pyrpc.json: "snapshot": "path/to/schema.json"',
  ]);
}

/** `diff --against` in a project without a snapshot. */
export function noSnapshotFile(): ToolError {
  return usageError(
    "No snapshot file to look up in git",
    'Pass it (pyrpc diff schema.json --against main), or set "snapshot" in pyrpc.json',
  );
}

/** `diff` without a source. */
export function nothingToCompare(): ToolError {
  return usageError("Nothing to compare", TWO_SIDES);
}

/** `diff` with one source and without `--against`. */
export function oneSideOnly(): ToolError {
  return usageError("Only one side to compare", TWO_SIDES);
}

const TWO_SIDES =
  "Pass two SOURCEs (pyrpc diff OLD NEW), or a git revision: pyrpc diff schema.json --against main";

/** `diff - -`. */
export function stdinReadTwice(): ToolError {
  return usageError("Standard input can be read only once");
}

/** `diff --against` with two sources. */
export function againstReplacesOld(first: string, revision: string): ToolError {
  return usageError("--against replaces OLD", `pyrpc diff ${first} --against ${revision}`);
}

/** `--deployed` with a file or a module. */
export function deployedNeedsUrl(given: string): ToolError {
  return usageError(
    `--deployed needs the URL of a server, not "${given}"`,
    "pyrpc check --deployed https://api.example.com",
  );
}

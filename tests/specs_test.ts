import { test } from "node:test";
import { readSpec, runSpec, specNames, toolUnderTest } from "./support/specs.ts";

const { tool, isBinary } = toolUnderTest();

for (const name of await specNames()) {
  const isForBinary = (await readSpec(name)).binaryOnly === true;
  // Omitted instead of skipped: it does not test the source.
  if (isForBinary && !isBinary) continue;
  test(`specs: ${name}`, () => runSpec(name, tool));
}

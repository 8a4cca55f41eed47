/** Files of the mock: examples as JSON or YAML, and cached contracts. Apart from the engine, which runs in browsers too. @module */
export { parseExamples, parseExamplesText } from "./parse_examples.ts";
export { readExamplesFile } from "./read_file.ts";
export { readSnapshot, snapshotPath, writeSnapshot } from "./snapshot.ts";

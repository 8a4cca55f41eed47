/**
 * Writes `lib/rpyc/builtin_exceptions.ts`: the exceptions in the `builtins` of the oldest Python that is supported.
 * `--check` fails if the file differs.
 *
 * @module
 */

import { execFileSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import process from "node:process";
import { fileURLToPath } from "node:url";

const FILE = fileURLToPath(new URL("../lib/rpyc/builtin_exceptions.ts", import.meta.url));
const LIST = `import builtins, sys
assert sys.version_info[:2] == (3, 11), sys.version
print(*sorted(name for name, value in vars(builtins).items()
    if isinstance(value, type) and issubclass(value, BaseException)))`;

const python = process.env["PYTHON"] ?? "python3.11";
const names = execFileSync(python, ["-c", LIST], { encoding: "utf8" }).trim().split(" ");
const lines = names.reduce((lines, name) => {
  const last = lines.at(-1) ?? "";
  if (last.length + name.length < 96) lines[lines.length - 1] = `${last} ${name}`;
  else lines.push(`  ${name}`);
  return lines;
}, [" "]);
const text =
  `/** Exceptions in the \`builtins\` of Python 3.11. Made by \`scripts/python_exceptions.ts\`. */
export const BUILTIN_EXCEPTIONS: ReadonlySet<string> = new Set(
  \`${lines.join("\n").trim()}\`.split(/\\s+/),
);
`;
if (process.argv.includes("--check")) {
  if (readFileSync(FILE, "utf8") !== text) {
    process.stderr.write(`${FILE} is stale: deno run -A scripts/python_exceptions.ts\n`);
    process.exitCode = 1;
  }
} else writeFileSync(FILE, text);

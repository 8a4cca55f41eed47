/**
 * Runs what the README shows: each ```` ```console ```` block, line by line (`$ command`, then what it prints, with
 * `[WILDCARD]` and `[WILDLINE]` for what differs), in one folder that starts as a copy of `examples/`. `pyrpc` is the source.
 *
 * @module
 */

import { chmod, cp, mkdir, readFile, writeFile } from "node:fs/promises";
import { delimiter, join } from "node:path";
import process from "node:process";
import { COMMANDS } from "../commands/mod.ts";
import { matches } from "../tests/support/specs.ts";
import { tempFolder } from "../tests/support/temp_folder.ts";
import { ROOT, run } from "./project.ts";

/** One command of a block and what has to be printed, both streams together. */
export interface Shown {
  readonly line: number;
  readonly command: string;
  readonly output: string;
}

/** The commands in the `console` blocks of a Markdown text. */
export function shownCommands(markdown: string): Shown[] {
  const shown: { line: number; command: string; output: string }[] = [];
  let isInside = false;
  markdown.split("\n").forEach((text, index) => {
    if (/^```/.test(text)) isInside = !isInside && text.trim() === "```console";
    else if (isInside && text.startsWith("$ ")) {
      shown.push({ line: index + 1, command: text.slice(2), output: "" });
    } else if (isInside) {
      const last = shown.at(-1);
      if (last !== undefined) last.output += `${text}\n`;
    }
  });
  return shown;
}

async function main(): Promise<number> {
  await using folder = await tempFolder();
  await cp(join(ROOT, "examples"), folder.at("work"), { recursive: true });
  await mkdir(folder.at("bin"));
  const source =
    `exec "${process.execPath}" run -A --no-check --config "${ROOT}deno.json" "${ROOT}main.ts" "$@"`;
  await writeFile(folder.at("bin/pyrpc"), `#!/bin/sh\n${source}\n`);
  await chmod(folder.at("bin/pyrpc"), 0o755);
  let failed = 0;
  const readme = await readFile(join(ROOT, "README.md"), "utf8");
  const shown = shownCommands(readme);
  for (const { line, command, output } of shown) {
    const { stdout } = await run("sh", ["-c", `{ ${command}\n} 2>&1`], {
      cwd: folder.at("work"),
      env: {
        PATH: `${folder.at("bin")}${delimiter}${process.env["PATH"]}`,
        NO_COLOR: "1",
        CI: undefined,
      },
    });
    if (matches(stdout, output)) continue;
    failed++;
    process.stderr.write(`README.md:${line} "$ ${command}" prints:\n${stdout}`);
  }
  // A row of the table for each command, and no other.
  const rows = [...readme.matchAll(/^\| `pyrpc ([\w-]+)/gm)].map((match) => match[1]);
  for (const name of new Set([...Object.keys(COMMANDS), ...rows])) {
    if (name !== undefined && name in COMMANDS && rows.includes(name)) continue;
    failed++;
    process.stderr.write(
      `README.md: the table of commands and commands/mod.ts differ: "${name}"\n`,
    );
  }
  process.stderr.write(`${shown.length} shown commands, ${failed} problems\n`);
  return failed === 0 && shown.length > 0 ? 0 : 1;
}

if (import.meta.main) process.exitCode = await main();

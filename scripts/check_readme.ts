/**
 * Runs the commands that README.md and `docs` show: each ```` ```console ```` block, line by line (`$ command`, then its output;
 * times and the folder, there `/home/ada`, may differ), in a folder that starts as a copy of `examples/`. `pyrpc` is the source.
 *
 * @module
 */

import { chmod, cp, mkdir, readFile, writeFile } from "node:fs/promises";
import { delimiter, join } from "node:path";
import process from "node:process";
import { matches } from "../tests/support/specs.ts";
import { tempFolder } from "../tests/support/temp_folder.ts";
import { filesBelow, ROOT, run } from "./project.ts";

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
  let [count, failed] = [0, 0];
  for (const file of ["README.md", ...await filesBelow("docs", ".md")]) {
    for (const shown of shownCommands(await readFile(join(ROOT, file), "utf8"))) {
      count++;
      const { stdout } = await run("sh", ["-c", `{ ${shown.command}\n} 2>&1`], {
        cwd: folder.at("work"),
        env: {
          PATH: `${folder.at("bin")}${delimiter}${process.env["PATH"]}`,
          NO_COLOR: "1",
          CI: undefined,
        },
      });
      const comparable = (text: string) =>
        text.replaceAll(folder.at("work"), "/home/ada").replace(/\b\d+ ms\b/g, "0 ms");
      if (matches(comparable(stdout), comparable(shown.output))) continue;
      failed++;
      process.stderr.write(`${file}:${shown.line} "$ ${shown.command}" prints:\n${stdout}`);
    }
  }
  process.stderr.write(`${count} shown commands, ${failed} problems\n`);
  return failed === 0 && count > 0 ? 0 : 1;
}

if (import.meta.main) process.exitCode = await main();

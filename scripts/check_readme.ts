/**
 * Runs what the README shows: each ```` ```console ```` block, line by line (`$ command`, then what it prints; times and the
 * folder, there `/home/ada`, may differ), in one folder that starts as a copy of `examples/`. `pyrpc` is the source.
 * Also checks the table of commands, which `--write` brings up to date.
 *
 * @module
 */

import { chmod, cp, mkdir, readFile, writeFile } from "node:fs/promises";
import { delimiter, join } from "node:path";
import process from "node:process";
import { PYRPC } from "../commands/mod.ts";
import { loadCommands } from "../lib/cli/mod.ts";
import { matches } from "../tests/support/specs.ts";
import { tempFolder } from "../tests/support/temp_folder.ts";
import { replaceBetweenMarkers } from "./markers.ts";
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

/** The commands and their summaries, as Markdown. */
async function commandTable(): Promise<string> {
  const rows = Object.entries(await loadCommands(PYRPC)).map(([name, { help }]) =>
    `| \`pyrpc ${name}\` | ${help.summary} |`
  );
  return ["| command | does |", "| --- | --- |", ...rows].join("\n");
}

async function main(args: readonly string[]): Promise<number> {
  const file = join(ROOT, "README.md");
  if (args.includes("--write")) {
    const text = await readFile(file, "utf8");
    await writeFile(file, replaceBetweenMarkers(text, "commands", await commandTable()));
    return 0;
  }
  await using folder = await tempFolder();
  await cp(join(ROOT, "examples"), folder.at("work"), { recursive: true });
  await mkdir(folder.at("bin"));
  const source =
    `exec "${process.execPath}" run -A --no-check --config "${ROOT}deno.json" "${ROOT}main.ts" "$@"`;
  await writeFile(folder.at("bin/pyrpc"), `#!/bin/sh\n${source}\n`);
  await chmod(folder.at("bin/pyrpc"), 0o755);
  let failed = 0;
  const readme = await readFile(file, "utf8");
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
    const comparable = (text: string) =>
      text.replaceAll(folder.at("work"), "/home/ada").replace(/\b\d+ ms\b/g, "0 ms");
    if (matches(comparable(stdout), comparable(output))) continue;
    failed++;
    process.stderr.write(`README.md:${line} "$ ${command}" prints:\n${stdout}`);
  }
  if (replaceBetweenMarkers(readme, "commands", await commandTable()) !== readme) {
    failed++;
    process.stderr.write("README.md: the table of commands is not what commands/mod.ts says\n");
    process.stderr.write("  hint: deno run -A scripts/check_readme.ts --write\n");
  }
  process.stderr.write(`${shown.length} shown commands, ${failed} problems\n`);
  return failed === 0 && shown.length > 0 ? 0 : 1;
}

if (import.meta.main) process.exitCode = await main(process.argv.slice(2));

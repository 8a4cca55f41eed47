/**
 * `deno task explorer [--check]`: makes `lib/explorer/page.generated.ts` of the sources in `lib/explorer/page/`.
 * With `--check` nothing is written: exit code 1 where the file is not what the sources make.
 *
 * @module
 */

import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { deno, ROOT } from "./project.ts";

const SOURCES = join(ROOT, "lib/explorer/page");
const GENERATED = join(ROOT, "lib/explorer/page.generated.ts");
/** Maximum size of the page in bytes. */
const MAX_SIZE = 60_000;

/** Returns the current text of the generated module. */
export async function explorerModule(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "pyrpc-explorer-"));
  try {
    const output = join(folder, "page.js");
    const made = await deno([
      "bundle",
      "--quiet",
      "--platform=browser",
      "--minify",
      `--output=${output}`,
      join(SOURCES, "main.ts"),
    ]);
    if (made.code !== 0) throw new Error(`"deno bundle" failed:\n${made.stderr}`);
    const script = (await readFile(output, "utf8")).trim();
    // Either would end the script element, or begin one inside it.
    if (/<\/script|<!--/i.test(script)) throw new Error("The script cannot stand in a page");
    const style = shortStyle(await readFile(join(SOURCES, "page.css"), "utf8"));
    // The formatter's blanks around script and style would change the hashes of the page's policy.
    const html = (await readFile(join(SOURCES, "page.html"), "utf8"))
      .replaceAll(/\s*\n\s*/g, "\n")
      .replaceAll(/\s*(\/\*[A-Z]+\*\/)\s*/g, "$1");
    const size = script.length + style.length + html.length;
    if (size > MAX_SIZE) throw new Error(`The page weighs ${size} bytes, more than ${MAX_SIZE}`);
    return [
      "// Made by scripts/explorer.ts of the sources in page/: do not edit. deno task explorer makes it anew.",
      "// deno-fmt-ignore-file",
      `export const PAGE_HTML = ${JSON.stringify(html)};`,
      `export const PAGE_STYLE = ${JSON.stringify(style)};`,
      `export const PAGE_SCRIPT = ${JSON.stringify(script)};`,
      "",
    ].join("\n");
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Strips comments and blanks from CSS. */
function shortStyle(text: string): string {
  return text.replaceAll(/\/\*.*?\*\//gs, "").replaceAll(/\s+/g, " ").replaceAll(
    / ?([{};,]) ?/g,
    "$1",
  ).trim();
}

if (import.meta.main) {
  const wanted = await explorerModule();
  const found = await readFile(GENERATED, "utf8").catch(() => "");
  if (process.argv.includes("--check")) {
    if (found !== wanted) {
      process.stderr.write("lib/explorer/page.generated.ts is old: run deno task explorer\n");
      process.exitCode = 1;
    }
  } else if (found !== wanted) await writeFile(GENERATED, wanted);
}

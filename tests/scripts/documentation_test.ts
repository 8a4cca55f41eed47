// Runs under Deno only: the pages are tested, not an engine.
import assert from "node:assert/strict";
import { readdir, readFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { test } from "node:test";
import { rejectedPhrase } from "../../scripts/check_wording.ts";
import { errorCodes, errorCodesIn } from "../../scripts/error_codes.ts";
import { COMMAND_NAMES, PYRPC } from "../../commands/mod.ts";
import { loadCommands } from "../../lib/cli/mod.ts";
import { kebabCase } from "../../lib/cli/suggestions.ts";
import { filesBelow, ROOT } from "../../scripts/project.ts";
import { readQuickStart, renamed } from "../../scripts/quick_start.ts";
import { absoluteLinks } from "../../scripts/release/absolute_links.ts";
import {
  COMMAND_GROUPS,
  referenceFiles,
  UNLISTED_COMMANDS,
  VARIABLES,
} from "../../scripts/reference_pages.ts";
import { SETTING_VARIABLES } from "../../lib/project/mod.ts";

const page = (name: string) => readFile(join(ROOT, "docs", name), "utf8");

test("docs/troubleshooting.md lists each error code once, and no code that does not exist", async () => {
  const existing = new Set((await errorCodes()).map(({ code }) => code));
  const listed = [...(await page("troubleshooting.md")).matchAll(/^\| `([A-Z][A-Z0-9_]*)` \|/gm)]
    .map(([, code]) => code!);
  assert.deepEqual(listed.filter((code, index) => listed.indexOf(code) !== index), []);
  assert.deepEqual(listed.toSorted(), [...existing].sort());
});

test("docs/troubleshooting.md: every message is one that the code can print", async () => {
  const messages = new Map<string, string[]>();
  for (const error of await errorCodes()) {
    messages.set(error.code, [...messages.get(error.code) ?? [], ...error.messages]);
  }
  const rows = (await page("troubleshooting.md")).matchAll(/^\| `([A-Z][A-Z0-9_]*)` \| (.*?) \|/gm);
  const wrong: string[] = [];
  for (const [, code = "", shown = ""] of rows) {
    const known = messages.get(code) ?? [];
    if (known.length === 0) continue;
    const parts = shown.split("…").map((part) => part.trim()).filter((part) => part !== "");
    const fits = (message: string) => {
      let at = 0;
      return parts.every((part) => (at = message.indexOf(part, at)) >= 0);
    };
    if (!known.some(fits)) wrong.push(`${code}: "${shown}" is not part of ${known.join(" / ")}`);
  }
  assert.deepEqual(wrong, []);
});

test("errorCodesIn() finds codes in literals, conditions, defaults, tuples and the table of imports", () => {
  const text = `
    export const a = () => new ToolError({ code: "A_ONE", message: \`no \${x} here\` });
    const b = (flag: boolean) => serverError({ code: flag ? "B_ONE" : "B_TWO", message: "b" });
    function c({ code = "C_ONE" }: { code?: string }) {}
    function d(): readonly [string, string] { return ["D_ONE", "text"]; }
    const FAILURES = { syntax: () => 1, no_app: () => 2 };
  `;
  const found = errorCodesIn("x.ts", text);
  assert.deepEqual(
    found.map(({ code }) => code),
    ["A_ONE", "B_ONE", "B_TWO", "C_ONE", "D_ONE", "BACKEND_SYNTAX", "BACKEND_NO_APP"],
  );
  assert.deepEqual(found[0]?.messages, ["no … here"]);
});

test("docs/README.md links each page of docs once", async () => {
  const linked = [...(await page("README.md")).matchAll(/\]\(([\w-]+\.md)[)#]/g)].map(([, name]) =>
    name!
  );
  const pages = (await readdir(join(ROOT, "docs"))).filter((name) =>
    name.endsWith(".md") && name !== "README.md"
  );
  assert.deepEqual([...new Set(linked)].sort(), pages.sort());
});

test("every relative link of a Markdown file names a file, and a heading of it", async () => {
  const broken: string[] = [];
  for (const name of await markdownFiles()) {
    const text = withoutCode(await readFile(join(ROOT, name), "utf8"));
    const links = [
      ...[...text.matchAll(/\]\(([^)\s]+)\)/g)],
      ...[...text.matchAll(/\b(?:src|srcset)="([^"]+)"/g)],
    ].map(([, target]) => target!).filter((target) => !/^[a-z]+:/.test(target));
    for (const link of links) {
      const [path = "", anchor] = link.split("#");
      const target = path === "" ? name : join(dirname(name), path);
      const found = await readFile(join(ROOT, target), "utf8").catch((error) =>
        error.code === "EISDIR" ? "" : undefined
      );
      if (found === undefined) broken.push(`${name}: ${link}`);
      else if (anchor !== undefined && !anchorsOf(found).has(anchor)) {
        broken.push(`${name}: ${link} (no such heading)`);
      }
    }
  }
  assert.deepEqual(broken, []);
});

function withoutCode(markdown: string): string {
  return markdown.replace(/^```.*?^```/gms, "").replace(/`[^`\n]*`/g, "");
}

// As GitHub makes anchors: lower case, punctuation removed, blanks replaced.
function anchorsOf(markdown: string): Set<string> {
  const headings = markdown.replace(/^```.*?^```/gms, "").matchAll(/^#+ (.+)$/gm);
  return new Set(
    [...headings].map(([, heading]) =>
      heading!.toLowerCase().replace(/[^\p{L}\p{N}\s_-]/gu, "").replaceAll(" ", "-")
    ),
  );
}

test("commands and flags in Markdown files exist", async () => {
  const commands = await loadCommands(PYRPC);
  const flagsOf = new Map(
    Object.entries(commands).map(([name, { help }]) => {
      const flags = Object.entries(help.flags ?? {}).map(([flag]) => kebabCase(flag));
      return [name, new Set([...flags.flatMap((flag) => [flag, `no-${flag}`]), "help"])];
    }),
  );
  const unknown: string[] = [];
  for (const name of await markdownFiles()) {
    const text = await readFile(join(ROOT, name), "utf8");
    const code = [...text.matchAll(/^```(?:sh|console|yaml)\n([^]*?)^```|`([^`\n]+)`/gm)]
      .map(([, block, span]) => block ?? span ?? "");
    for (const line of code.flatMap((each) => each.split("\n"))) {
      for (const [all, command = "", rest = ""] of line.matchAll(COMMAND_LINE)) {
        const known = flagsOf.get(command);
        if (known === undefined) {
          if (!FOREIGN_COMMANDS.has(command)) unknown.push(`${name}: ${all.trim()}`);
          continue;
        }
        const own = rest.replace(/"[^"]*"|'[^']*'/g, "").replace(/ #.*/, "");
        for (const [, flag] of own.matchAll(/ --([a-z][a-z-]*)/g)) {
          if (!known.has(flag!)) unknown.push(`${name}: pyrpc ${command} --${flag}`);
        }
      }
    }
  }
  assert.deepEqual(unknown, []);
});

/** `pyrpc COMMAND` and what follows it. */
const COMMAND_LINE = /(?<![\w/@.-])(?:pyrpc|pyrpc-toolkit) +([a-z]+)([^|&;]*)/g;

/** Words after `pyrpc` that are not commands of this tool. */
const FOREIGN_COMMANDS = new Set(["help"]);

test("pictures of the README show its present samples, and are small (deno task pictures)", async () => {
  const { python, typescript } = await readQuickStart();
  const lines = [...renamed(python).split("\n").slice(5), ...typescript.split("\n").slice(1)]
    .map(withoutBlanks).filter((line) => line !== "");
  const pictures = join(ROOT, "docs", "pictures");
  for (const name of await readdir(pictures)) {
    const content = await readFile(join(pictures, name));
    assert.ok(content.length < 200_000, `${name} has ${content.length} bytes`);
    if (!name.startsWith("dev-")) continue;
    const shown = content.toString("utf8").split("\n").map((line) =>
      withoutBlanks(line.replace(/<[^>]*>/g, "").replaceAll("&quot;", '"').replaceAll("&lt;", "<"))
    );
    assert.deepEqual(lines.filter((line) => !shown.includes(line.replaceAll("&", "&amp;"))), []);
  }
});

// Pictures place words by their position.
function withoutBlanks(text: string): string {
  return text.replace(/\s/g, "");
}

test("Markdown files contain no wording that scripts/check_wording.ts rejects", async () => {
  const rejected: string[] = [];
  for (const name of await markdownFiles()) {
    const lines = withoutCode(await readFile(join(ROOT, name), "utf8")).split(/\n{2,}|\n(?=[|-])/);
    for (const line of lines) {
      const finding = rejectedPhrase(line);
      if (finding !== undefined) rejected.push(`${name}: ${finding}`);
    }
  }
  assert.deepEqual(rejected, []);
});

async function markdownFiles(): Promise<string[]> {
  const top = (await readdir(ROOT)).filter((name) => name.endsWith(".md"));
  const folders = await Promise.all(
    ["docs", "examples", "install"].map((folder) => filesBelow(folder, ".md")),
  );
  return [...top, ...folders.flat()].filter((name) => !name.includes("node_modules"));
}

test("absoluteLinks() leaves no relative link or picture in the README of packages", async () => {
  const readme = await readFile(join(ROOT, "README.md"), "utf8");
  const targets = [...absoluteLinks(readme).matchAll(/\]\(([^)\s]+)\)|\b(?:src|srcset)="([^"]+)"/g)]
    .map(([, link, source]) => link ?? source!);
  assert.ok(targets.length > 20);
  assert.deepEqual(targets.filter((target) => !target.startsWith("https://")), []);
});

test("generated pages and the README's table of commands are current (deno task docs)", async () => {
  for (const [path, text] of await referenceFiles()) {
    assert.equal(await readFile(join(ROOT, path), "utf8"), text, path);
  }
});

test("the README's table has each command once", () => {
  const listed = Object.values(COMMAND_GROUPS).flatMap((group) => Object.keys(group));
  assert.deepEqual([...listed, ...UNLISTED_COMMANDS].sort(), COMMAND_NAMES.toSorted());
});

test("docs/configuration.md lists each variable of pyrpc that the sources read", async () => {
  const listed = new Set([...Object.values(SETTING_VARIABLES), ...Object.keys(VARIABLES)]);
  const missing = new Set<string>();
  for (const file of [...await filesBelow("lib", ".ts"), ...await filesBelow("commands", ".ts")]) {
    const text = await readFile(join(ROOT, file), "utf8");
    for (const [, name] of text.matchAll(/\benv\[?\.?\[?"(PYRPC_[A-Z_]+)"/g)) {
      if (!listed.has(name!)) missing.add(name!);
    }
  }
  assert.deepEqual([...missing], []);
});

import { Buffer } from "node:buffer";
import { mkdtemp, readdir, readFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { ExitCode, ToolError } from "../lib/errors.ts";
import { runProgram } from "../lib/process/mod.ts";
import { removeQuietly } from "../lib/remove_quietly.ts";
import { type Contract, parseContract } from "../lib/contract/mod.ts";
import type { ContractDiff } from "../lib/compare/mod.ts";
import type { Console } from "../lib/runtime/mod.ts";
import { findingsOf, markdownTable } from "./_diff_formats.ts";
import { viewDiff } from "./_diff_view.ts";
import { findSnapshot } from "./_snapshot.ts";

/** The contract that a types package was made from lies in it under this name. */
export const PACKAGE_CONTRACT = "schema.json";
/** The package's changelog. */
export const PACKAGE_CHANGELOG = "CHANGELOG.md";

/** What the next version of a types package is, and why. */
export interface NextVersion {
  readonly version: string;
  /** undefined: there was none. */
  readonly previous: string | undefined;
  /** What it was compared with, for people; undefined: with nothing. */
  readonly against: string | undefined;
  readonly bump: ContractDiff["bump"];
  /** The section of this version in the changelog. */
  readonly section: string;
  /** The whole changelog. */
  readonly changelog: string;
}

interface Base {
  readonly version: string | undefined;
  readonly contract: Contract | undefined;
  readonly changelog: string;
  readonly where: string;
}

const FIRST_VERSION = "1.0.0";

/**
 * Decides the next version of a types package: by the diff against what is published under its name (asked through npm, so
 * that its registry and tokens apply), else against the project's snapshot.
 *
 * @param given the version to count on from where nothing is published
 * @throws ToolError when npm is missing or fails for another reason than that there is no such package
 */
export async function nextVersion(
  console: Console,
  { name, contract, where, folder, present, given }: {
    name: string;
    contract: Contract;
    where: string;
    /** Where npm looks for its configuration. */
    folder: string;
    /** The package's folder of the last time. */
    present: string | undefined;
    given: string | undefined;
  },
): Promise<NextVersion> {
  const base = await publishedBase(name, folder) ??
    await snapshotBase(console, given ?? await versionIn(present));
  const start = base?.version ?? given;
  if (base?.contract === undefined) {
    const version = base?.version === undefined
      ? given ?? FIRST_VERSION
      // Published by something else: what it promised is not known.
      : raise(base.version, "major");
    const words = base?.version === undefined
      ? "First version."
      : "The version before holds no contract to compare with: taken for a breaking change.";
    const section = `## ${version}\n\n${words}\n`;
    return {
      version,
      previous: base?.version,
      against: base?.where,
      bump: base?.version === undefined ? "none" : "major",
      section,
      changelog: changelogOf(section, base?.changelog ?? ""),
    };
  }
  const { diffContracts } = await import("../lib/compare/mod.ts");
  const diff = diffContracts(base.contract, contract);
  const view = await viewDiff(
    { contract: base.contract, where: base.where },
    { contract, where },
    diff,
    [],
  );
  // A snapshot without a version: the first one.
  const previous = start;
  const version = previous === undefined
    ? FIRST_VERSION
    : diff.bump === "none"
    ? previous
    : raise(previous, diff.bump);
  const findings = findingsOf(view);
  const section = diff.bump === "none" ? "" : [
    `## ${version}`,
    "",
    ...markdownTable(findings),
    "",
  ].join("\n");
  return {
    version,
    previous,
    against: base.where,
    bump: diff.bump,
    section,
    changelog: diff.bump === "none" && base.changelog !== ""
      ? base.changelog
      : changelogOf(section, base.changelog),
  };
}

const HEADING = "# Changelog\n";

function changelogOf(section: string, before: string): string {
  const rest = before.startsWith(HEADING) ? before.slice(HEADING.length).trim() : before.trim();
  return [HEADING, section.trim(), rest].filter((part) => part !== "").join("\n\n").replace(
    "\n\n\n",
    "\n\n",
  ) + "\n";
}

/** The next version: what comes behind a dash or plus is dropped. */
export function raise(version: string, bump: "major" | "minor" | "patch"): string {
  const [major = 0, minor = 0, patch = 0] = (version.split(/[-+]/)[0] ?? "").split(".").map(Number);
  if (bump === "major") return `${major + 1}.0.0`;
  if (bump === "minor") return `${major}.${minor + 1}.0`;
  return `${major}.${minor}.${patch + 1}`;
}

async function snapshotBase(
  console: Console,
  given: string | undefined,
): Promise<Base | undefined> {
  const path = await findSnapshot(console);
  if (path === undefined) return undefined;
  const text = await readFile(path, "utf8").catch(() => undefined);
  if (text === undefined) return undefined;
  const contract = parseContract(JSON.parse(text), { where: path });
  return { version: given, contract, changelog: "", where: path };
}

async function versionIn(folder: string | undefined): Promise<string | undefined> {
  if (folder === undefined) return undefined;
  try {
    const { version } = JSON.parse(await readFile(join(folder, "package.json"), "utf8"));
    return typeof version === "string" ? version : undefined;
  } catch {
    return undefined;
  }
}

async function publishedBase(name: string, folder: string): Promise<Base | undefined> {
  const temporary = await mkdtemp(join(tmpdir(), "pyrpc-published-"));
  try {
    const npm = (...args: string[]) => runProgram("npm", args, { cwd: folder, limitMs: 60_000 });
    const options = ["--pack-destination", temporary, "--ignore-scripts", "--silent"];
    const packed = await npm("pack", `${name}@latest`, ...options);
    if (packed.code !== 0) {
      if (/E404|ETARGET|404 Not Found|No matching version/.test(packed.stderr)) return undefined;
      // With --silent npm says nothing: ask again for the reason.
      const asked = await npm("view", `${name}@latest`, "version");
      if (/E404|ETARGET|404 Not Found|No matching version/.test(asked.stderr)) return undefined;
      throw npmFailed(name, asked.isMissing ? "npm is not installed" : asked.stderr);
    }
    const [archive] = (await readdir(temporary)).filter((file) => file.endsWith(".tgz"));
    if (archive === undefined) throw npmFailed(name, "npm pack wrote nothing");
    const files = readTar(gunzipSync(await readFile(join(temporary, archive))));
    const manifest = JSON.parse(files.get("package/package.json") ?? "{}") as { version?: string };
    const text = files.get(`package/${PACKAGE_CONTRACT}`);
    const where = `${name}@${manifest.version}`;
    return {
      version: manifest.version,
      contract: text === undefined ? undefined : parseContract(JSON.parse(text), { where }),
      changelog: files.get(`package/${PACKAGE_CHANGELOG}`) ?? "",
      where,
    };
  } finally {
    removeQuietly(temporary);
  }
}

const BLOCK = 512;

// The format of `tar` (POSIX ustar): a header block with name and size, then the content in whole blocks.
function readTar(bytes: Uint8Array): Map<string, string> {
  const files = new Map<string, string>();
  const text = (from: number, length: number) =>
    Buffer.from(bytes.subarray(from, from + length)).toString("utf8").replace(/\0.*$/s, "");
  for (let at = 0; at + BLOCK <= bytes.length;) {
    const name = text(at, 100);
    if (name === "") break;
    const size = parseInt(text(at + 124, 12).trim() || "0", 8);
    const prefix = text(at + 345, 155);
    const isFile = text(at + 156, 1) === "0" || bytes[at + 156] === 0;
    if (isFile) {
      const content = bytes.subarray(at + BLOCK, at + BLOCK + size);
      files.set(prefix === "" ? name : `${prefix}/${name}`, Buffer.from(content).toString("utf8"));
    }
    at += BLOCK + Math.ceil(size / BLOCK) * BLOCK;
  }
  return files;
}

function npmFailed(name: string, reason: string): ToolError {
  return new ToolError({
    code: "NPM_FAILED",
    message: `Cannot ask npm which version of "${name}" is published`,
    details: reason.trim().split("\n").slice(0, 5),
    fix: [
      "Check that npm is installed and that you are logged in to the registry of that scope",
      "or decide the version yourself: --package-version 1.2.3",
    ],
    exitCode: ExitCode.Server,
  });
}

/**
 * `deno task release --dry-run [--target TRIPLE|all] [--both-engines] [--reuse] [--out FOLDER]`: every artefact of a release into
 * `dist/`. Where Deno cannot fetch the runtime that it compiles in, its archives are skipped, and it reports this; with
 * `--both-engines`, as in the workflows, that is an error.
 *
 * Publishes nothing itself: `.github/workflows/release.yml` runs this and publishes what it made.
 *
 * @module
 */

import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { chmod, copyFile, mkdir, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import process from "node:process";
import { parseArgs } from "node:util";
import { ExitCode } from "../lib/errors.ts";
import { VERSION } from "../lib/version.ts";
import { bundle } from "./bundle.ts";
import { checkExecutable, compile, type Engine, lacksRuntime } from "./compile.ts";
import { ROOT, seconds } from "./project.ts";
import { absoluteLinks } from "./release/absolute_links.ts";
import { type Member, tarGz, zip } from "./release/archive.ts";
import { completionFiles, manPage } from "./release/documents.ts";
import { formulaText } from "./release/formula.ts";
import { billOfMaterials, noticesText, shippedLibraries } from "./release/libraries.ts";
import { archiveFolder, archiveName } from "./release/names.ts";
import {
  aliasPackage,
  clientPackage,
  cliPackage,
  npmPack,
  platformPackage,
  serverPackage,
  typesPackage,
  vitePackage,
} from "./release/npm_packages.ts";
import { releaseNotes } from "./release/release_notes.ts";
import { executableName, type Target, TARGETS } from "./release/targets.ts";
import { wheel, wheelName } from "./release/wheel.ts";

/**
 * The engine of the executables in the channels (npm, wheels, Homebrew, installers, Docker); the other engine's are
 * released beside them.
 */
const CHANNEL_ENGINE: Engine = "bun";
const OTHER_ENGINE: Engine = CHANNEL_ENGINE === "bun" ? "deno" : "bun";

/** Options of {@link makeRelease}. */
export interface ReleaseOptions {
  /** The output folder. */
  readonly out: string;
  readonly targets: readonly Target[];
  /** Fail if the other engine's archives cannot be built. @default false */
  readonly bothEngines?: boolean;
  /** Reuse executables in `out/bin`. @default false */
  readonly reuse?: boolean;
  /** Artefacts to build besides the archives. @default all of them */
  readonly parts?: readonly Part[];
  /** Called with each artefact that was built. */
  readonly print?: (line: string) => void;
}

/** Artefacts besides the archives. */
export type Part = "npm" | "platform-npm" | "wheels" | "formula";
const PARTS: readonly Part[] = ["npm", "platform-npm", "wheels", "formula"];

const RUNTIME_MISSING = "Deno cannot fetch the runtime that it compiles in";

/** Deno could not fetch the runtime of its executables. */
export class RuntimeMissing extends Error {
  override name = "RuntimeMissing";
  override message = RUNTIME_MISSING;
}

/**
 * Builds the artefacts. Throws if one cannot be built.
 *
 * @returns the targets without an archive of the other engine, because its runtime could not be fetched
 */
export async function makeRelease(options: ReleaseOptions): Promise<readonly Target[]> {
  const { out, targets, parts = PARTS, print = () => {} } = options;
  await mkdir(join(out, "npm"), { recursive: true });
  const libraries = await shippedLibraries();
  const notices = noticesText(libraries);
  const write = (name: string, text: string) => writeFile(join(out, name), text);
  await write("THIRD_PARTY_NOTICES.txt", notices);
  await write("sbom.cdx.json", billOfMaterials(libraries));
  await write("RELEASE_NOTES.md", releaseNotes(await project("CHANGELOG.md"), VERSION));
  for (const name of ["install.sh", "install.ps1", "Dockerfile"]) {
    await copyFile(join(ROOT, "install", name), join(out, name));
  }
  await chmod(join(out, "install.sh"), 0o755);
  await bundle(join(out, "pyrpc.js"));
  const readme = absoluteLinks(await project("README.md"));
  const common = new Map([
    ["LICENSE", await project("LICENSE")],
    ["README.md", readme],
    ["THIRD_PARTY_NOTICES.txt", notices],
    ...await completionFiles(),
    ["man/pyrpc.1", await manPage()],
  ]);
  const packages: string[] = [];
  for (const target of targets) {
    const start = performance.now();
    const file = await executableOf(CHANNEL_ENGINE, target, options);
    const executable = await readFile(file);
    await writeFile(join(out, archiveName(target, VERSION)), archiveOf(target, executable, common));
    if (parts.includes("wheels")) {
      const license = await project("LICENSE");
      const content = { version: VERSION, executable, license, readme, notices };
      await writeFile(join(out, wheelName(target, VERSION)), wheel(target, content));
    }
    if (parts.includes("platform-npm")) {
      packages.push(await platformPackage(join(out, "npm"), target, file, notices));
    }
    print(`${target.triple} (${megabytes(executable)} MB, ${seconds(performance.now() - start)})`);
  }
  const missing: Target[] = [];
  for (const target of targets.filter(({ hasDeno }) => hasDeno)) {
    try {
      // One failure of the network is enough.
      if (missing.length > 0 && process.env["DENORT_BIN"] === undefined) throw new RuntimeMissing();
      const executable = await readFile(await executableOf(OTHER_ENGINE, target, options));
      const name = archiveName(target, VERSION, OTHER_ENGINE);
      await writeFile(join(out, name), archiveOf(target, executable, common));
      print(name);
    } catch (error) {
      if (options.bothEngines || !(error instanceof RuntimeMissing)) throw error;
      missing.push(target);
    }
  }
  if (parts.includes("npm")) {
    const npm = join(out, "npm");
    packages.push(await typesPackage(npm), await clientPackage(npm, notices));
    packages.push(await vitePackage(npm, notices), await serverPackage(npm));
    packages.push(await cliPackage(npm, targets), await aliasPackage(npm));
  }
  for (const folder of packages) print(await npmPack(folder, join(out, "npm")));
  // A gigabyte that the tarballs contain.
  for (const name of ["@pyrpc", "pyrpc"]) {
    await rm(join(out, "npm", name), { recursive: true, force: true });
  }
  const sums = await writeSums(out);
  if (parts.includes("formula")) {
    await mkdir(join(out, "Formula"), { recursive: true });
    await write("Formula/pyrpc.rb", formulaText(VERSION, sums));
  }
  return missing;
}

function archiveOf(
  target: Target,
  executable: Uint8Array,
  common: ReadonlyMap<string, string>,
): Uint8Array {
  const folder = archiveFolder(target, VERSION);
  const members: Member[] = [
    { path: `${folder}/${executableName(target)}`, content: executable, isExecutable: true },
    ...[...common].map(([path, text]) => ({
      path: `${folder}/${path}`,
      content: new TextEncoder().encode(text),
    })),
  ];
  return target.format === "pe" ? zip(members) : tarGz(members);
}

async function executableOf(
  engine: Engine,
  target: Target,
  { out, reuse = false }: ReleaseOptions,
): Promise<string> {
  const name = engine === CHANNEL_ENGINE ? target.triple : `${target.triple}-${engine}`;
  const file = join(out, "bin", name, executableName(target));
  if (!reuse || !existsSync(file)) {
    const { code, stderr } = await compile(engine, file, target);
    if (code !== 0 && lacksRuntime(stderr)) throw new RuntimeMissing();
    if (code !== 0) throw new Error(`Compiling ${target.triple} failed:\n${stderr}`);
  }
  const problem = await checkExecutable(file, target, engine);
  if (problem !== undefined) throw new Error(problem);
  return file;
}

/** Writes `SHA256SUMS` of the downloads. @returns the sums by name */
async function writeSums(out: string): Promise<Map<string, string>> {
  const sums = new Map<string, string>();
  const names = (await readdir(out)).filter((name) =>
    /\.(tar\.gz|zip|whl|sh|ps1|js|json|txt)$/.test(name)
  );
  for (const name of names.sort()) {
    sums.set(name, createHash("sha256").update(await readFile(join(out, name))).digest("hex"));
  }
  const lines = [...sums].map(([name, sum]) => `${sum}  ${name}\n`);
  await writeFile(join(out, "SHA256SUMS"), lines.join(""));
  return sums;
}

function project(name: string): Promise<string> {
  return readFile(join(ROOT, name), "utf8");
}

function megabytes(bytes: Uint8Array): string {
  return (bytes.length / 1e6).toFixed(0);
}

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: {
      "dry-run": { type: "boolean", default: false },
      target: { type: "string", default: "all" },
      "both-engines": { type: "boolean", default: false },
      reuse: { type: "boolean", default: false },
      out: { type: "string", default: join(ROOT, "dist") },
    },
  });
  const { target, out, reuse, "both-engines": bothEngines } = values;
  const targets = TARGETS.filter(({ triple }) => target === "all" || triple === target);
  if (!values["dry-run"] || targets.length === 0) {
    process.stderr.write(
      "usage: deno task release --dry-run [--target TRIPLE|all] [--both-engines] [--reuse] [--out FOLDER]\n" +
        "  A release is published by the workflow that a tag starts: .github/workflows/release.yml\n",
    );
    return ExitCode.Usage;
  }
  const start = performance.now();
  // Files of an earlier release would get into SHA256SUMS.
  for (const name of await readdir(out).catch(() => [])) {
    if (name !== "bin" || !reuse) await rm(join(out, name), { recursive: true });
  }
  const parts = target === "all" ? PARTS : PARTS.filter((part) => part !== "formula");
  const print = (line: string) => void process.stdout.write(`${line}\n`);
  let missing: readonly Target[];
  try {
    missing = await makeRelease({ out, targets, bothEngines, reuse, parts, print });
  } catch (error) {
    if (!(error instanceof RuntimeMissing)) throw error;
    process.stderr.write(`error: ${error.message}: leave out --both-engines, or set DENORT_BIN\n`);
    return ExitCode.Server;
  }
  if (missing.length > 0) {
    const names = missing.map(({ triple }) => triple).join(", ");
    process.stderr.write(
      `warning: ${RUNTIME_MISSING}: no archives of Deno for ${names}; ` +
        "DENORT_BIN sets the file, --both-engines makes this an error\n",
    );
  }
  print(`${out}: made in ${seconds(performance.now() - start)}`);
  return ExitCode.Ok;
}

if (import.meta.main) process.exitCode = await main();

import { existsSync } from "node:fs";
import { readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import process from "node:process";
import { findPython } from "../../tests/support/python.ts";
import { tempFolder } from "../../tests/support/temp_folder.ts";
import { serveFolder } from "../../tests/support/file_server.ts";
import { VERSION } from "../../lib/version.ts";
import { ROOT } from "../project.ts";
import { archiveName } from "../release/names.ts";
import { executableName, hostTarget, type Target, TARGETS } from "../release/targets.ts";
import { wheelName } from "../release/wheel.ts";
import { benchContract } from "./contract.ts";
import { measure, medians } from "./measure.ts";
import type { BenchOptions, BenchResult, BenchRow } from "./mod.ts";

const DIST = join(ROOT, "dist");
const START_MS = 30;
const CODEGEN_MS = 60;

/**
 * Measures start-up, installation through the channels, and sizes of the files that `deno task release --dry-run` wrote
 * to `dist/`.
 */
export async function benchRelease({ runs }: BenchOptions): Promise<BenchResult> {
  const host = hostTarget(process.platform, process.arch);
  const binary = host && join(DIST, "bin", host.triple, executableName(host));
  if (host === undefined || binary === undefined || !existsSync(binary)) {
    throw new Error("dist/ has no release: deno task release --dry-run");
  }
  await using folder = await tempFolder({ "ten.json": JSON.stringify(benchContract(10)) });
  const options = { cwd: folder.path };
  const started = await medians({
    version: { command: binary, args: ["--version"], options },
    codegen: { command: binary, args: ["codegen", "ten.json", "--out", "-"], options },
  }, runs);
  const bounded = (what: string, name: string, bound: number): BenchRow => {
    const milliseconds = started[name]?.milliseconds ?? Infinity;
    const [ours, wanted] = [`${Math.round(milliseconds)} ms`, `≤ ${bound} ms`];
    return { what, ours, peer: "", ratio: "", wanted, holds: milliseconds <= bound };
  };
  return {
    title: "The executable and its channels",
    note:
      "Whole processes, median. Installations once each, ours from this machine (`dist/`), upstream's from its registries with whatever" +
      " is cached there; upstream's first codegen installs an npm package besides, which could not be installed here.",
    rows: [
      bounded("`--version`", "version", START_MS),
      bounded("`codegen` of ten procedures", "codegen", CODEGEN_MS),
      ...await installations(host),
      ...await sizes(),
    ],
  };
}

async function installations(host: Target): Promise<BenchRow[]> {
  await using folder = await tempFolder({
    "package.json": `{ "name": "app", "version": "1.0.0", "private": true }`,
  });
  await using server = await serveFolder(DIST);
  const rows: BenchRow[] = [];
  const add = (what: string, milliseconds: number, peer?: number) => {
    const text = (time: number) => `${(time / 1000).toFixed(1)} s`;
    rows.push({
      what,
      ours: text(milliseconds),
      peer: peer === undefined ? "" : text(peer),
      ratio: peer === undefined ? "" : `${(peer / milliseconds).toFixed(1)}`,
      wanted: "",
      holds: true,
    });
  };
  const shell = await measure({
    command: "sh",
    args: [join(DIST, "install.sh"), "--to", folder.at("bin")],
    options: { env: { PYRPC_DOWNLOAD_URL: server.url, http_proxy: undefined } },
  });
  add("`install.sh`", shell.milliseconds);
  const tarballs = ["types", "client"].map((name) =>
    join(DIST, "npm", `pyrpc-${name}-${VERSION}.tgz`)
  );
  const npm = await measure({
    command: "npm",
    args: ["install", "--no-audit", "--no-fund", "--offline", ...tarballs],
    options: { cwd: folder.path },
  });
  add("`npm install @pyrpc/client`", npm.milliseconds);
  const python = findPython();
  if (python !== undefined) {
    const install = async (name: string, ...what: string[]) => {
      await measure({ command: python, args: ["-m", "venv", folder.at(name)] });
      const args = ["-m", "pip", "install", "--quiet", "--disable-pip-version-check", ...what];
      return (await measure({ command: folder.at(name, "bin", "python"), args })).milliseconds;
    };
    const ours = await install("ours", "--no-index", join(DIST, wheelName(host, VERSION)));
    add(
      "`pip install`: `pyrpc-toolkit`, `pyrpc-core` without its npm part",
      ours,
      await install("theirs", "pyrpc-core"),
    );
  }
  return rows;
}

async function sizes(): Promise<BenchRow[]> {
  const megabytes = (bytes: number) => `${(bytes / 1e6).toFixed(1)} MB`;
  const rows: BenchRow[] = [];
  const add = (what: string, size: number, packed?: number) => {
    const archive = packed === undefined ? "" : `, ${megabytes(packed)} packed`;
    rows.push({
      what,
      ours: megabytes(size) + archive,
      peer: "",
      ratio: "",
      wanted: "",
      holds: true,
    });
  };
  for (const target of TARGETS) {
    const file = join(DIST, "bin", target.triple, executableName(target));
    const archive = join(DIST, archiveName(target, VERSION));
    if (!existsSync(file) || !existsSync(archive)) continue;
    add(`\`${target.triple}\``, (await stat(file)).size, (await stat(archive)).size);
  }
  add("`pyrpc.js`", (await readFile(join(DIST, "pyrpc.js"))).length);
  return rows;
}

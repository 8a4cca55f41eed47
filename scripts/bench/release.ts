import { existsSync } from "node:fs";
import { stat } from "node:fs/promises";
import { join } from "node:path";
import process from "node:process";
import { findPython } from "../../tests/support/python.ts";
import { tempFolder } from "../../tests/support/temp_folder.ts";
import { VERSION } from "../../lib/version.ts";
import { ROOT } from "../project.ts";
import { executableName, hostTarget, type Target } from "../release/targets.ts";
import { wheelName } from "../release/wheel.ts";
import { benchContract } from "./contract.ts";
import { measure, medians } from "./measure.ts";
import type { BenchOptions, BenchResult, BenchRow } from "./mod.ts";

const DIST = join(ROOT, "dist");
const START_MS = 30;
const CODEGEN_MS = 60;
const INSTALL_RATIO = 3;
const BUNDLE_MB = 5;

/** Measures start-up, installation and size of the files that `deno task release --dry-run` wrote to `dist/`. */
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
      "Whole processes, median. Each package is installed once: ours from `dist/`, upstream's from its registry with what is cached there." +
      " Upstream's first codegen installs an npm package besides, which is not part of its time. Not shown: first starts with a cold disk.",
    rows: [
      bounded("`--version`", "version", START_MS),
      bounded("`codegen` of ten procedures", "codegen", CODEGEN_MS),
      ...await installation(host),
      await size(),
    ],
  };
}

/** `pip install` of the wheel beside upstream's package. */
async function installation(host: Target): Promise<BenchRow[]> {
  const python = findPython();
  if (python === undefined) return [];
  await using folder = await tempFolder();
  const install = async (name: string, ...what: string[]) => {
    await measure({ command: python, args: ["-m", "venv", folder.at(name)] });
    const args = ["-m", "pip", "install", "--quiet", "--disable-pip-version-check", ...what];
    return (await measure({ command: folder.at(name, "bin", "python"), args })).milliseconds;
  };
  const ours = await install("ours", "--no-index", join(DIST, wheelName(host, VERSION)));
  const theirs = await install("theirs", "pyrpc-core");
  const ratio = theirs / ours;
  const text = (time: number) => `${(time / 1000).toFixed(1)} s`;
  return [{
    what: "`pip install`: `pyrpc-toolkit`, against `pyrpc-core` without its npm part",
    ours: text(ours),
    peer: text(theirs),
    ratio: `${ratio.toFixed(1)} ×`,
    wanted: `≥ ${INSTALL_RATIO} ×`,
    holds: ratio >= INSTALL_RATIO,
  }];
}

async function size(): Promise<BenchRow> {
  const megabytes = (await stat(join(DIST, "pyrpc.js"))).size / 1e6;
  return {
    what: "size of `pyrpc.js`",
    ours: `${megabytes.toFixed(1)} MB`,
    peer: "",
    ratio: "",
    wanted: `≤ ${BUNDLE_MB} MB`,
    holds: megabytes <= BUNDLE_MB,
  };
}

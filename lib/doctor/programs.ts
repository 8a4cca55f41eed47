import { readdir, readFile, realpath, stat } from "node:fs/promises";
import { delimiter, dirname, join } from "node:path";
import { runProgram } from "../process/mod.ts";
import type { Diagnosis } from "./diagnosis.ts";

type Environment = Readonly<Record<string, string | undefined>>;

const PROGRAM = /^pyrpc(-toolkit)?(\.(exe|cmd|ps1))?$/i;
const PYTHON_PACKAGE = "the Python package pyrpc-core";
const MAX_SCRIPT_BYTES = 64 * 1024;

// Launchers have 100 to 170 KiB, this tool's executable has 90 MiB.
const MAX_LAUNCHER_BYTES = 2 * 1024 * 1024;

interface Program {
  readonly path: string;
  readonly description: string;
}

/** Lists every `pyrpc` on PATH: the Python package installs one as well, and the first one runs. */
export async function probePrograms(env: Environment): Promise<Diagnosis> {
  const programs: Program[] = [];
  for (const path of await programsNamedPyrpc(env)) {
    programs.push({ path, description: await describeProgram(path, env) });
  }
  const [any] = programs;
  if (any === undefined) {
    return { check: "path", status: "skipped", message: "no pyrpc on PATH", details: [] };
  }
  const first = programs.find(({ path }) => /[/\\]pyrpc(\.\w+)?$/i.test(path));
  const details = programs.map(({ path, description }) => `${path}: ${description}`);
  if (first?.description === PYTHON_PACKAGE) {
    return {
      check: "path",
      status: "warning",
      message: `"pyrpc" on PATH is the Python package's, not this tool`,
      details,
      fix: ["pyrpc-toolkit …   (the same tool under its second name)"],
    };
  }
  const message = `"pyrpc" on PATH: ${(first ?? any).path}`;
  return { check: "path", status: "ok", message, details };
}

async function programsNamedPyrpc(env: Environment): Promise<string[]> {
  const folders = (env["PATH"] ?? env["Path"] ?? "").split(delimiter).filter((folder) =>
    folder !== ""
  );
  const seen = new Set<string>();
  const paths: string[] = [];
  for (const folder of folders) {
    const names = await readdir(folder).catch((): string[] => []);
    for (const name of names.filter((each) => PROGRAM.test(each))) {
      const path = join(folder, name);
      const key = `${name}\0${await realpath(path).catch(() => path)}`;
      if (seen.has(key)) continue;
      seen.add(key);
      paths.push(path);
    }
  }
  return paths;
}

async function describeProgram(path: string, env: Environment): Promise<string> {
  const info = await stat(path).catch(() => undefined);
  if (info === undefined || !info.isFile()) return "cannot be read";
  const isScript = info.size < MAX_SCRIPT_BYTES;
  const text = isScript ? await readFile(path, "latin1").catch(() => "") : "";
  if (/^#!.*python|pyrpc_core/.test(text)) return PYTHON_PACKAGE;
  if (!isScript && await isPythonLauncher(path, info.size)) return PYTHON_PACKAGE;
  const { code, stdout } = await runProgram(path, ["--version"], { cwd: dirname(path), env });
  const line = stdout.trim().split("\n")[0] ?? "";
  if (/^pyrpc-toolkit /.test(line)) return line;
  // npm installs scripts for three shells side by side; Windows starts only one of them.
  const isLauncher = code === null && /@pyrpc[\\/](client|cli)\b/.test(text);
  return isLauncher ? "starts pyrpc-toolkit from another shell" : "another program";
}

// A launcher for Windows ends with a zip archive of the script, which pip and uv do not compress.
async function isPythonLauncher(path: string, size: number): Promise<boolean> {
  if (!/\.exe$/i.test(path) || size > MAX_LAUNCHER_BYTES) return false;
  const text = await readFile(path, "latin1").catch(() => "");
  return /PK[^]*pyrpc_core/.test(text);
}

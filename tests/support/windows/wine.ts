/**
 * Windows programs under Wine on Linux: a prefix that is made once, and processes in it.
 *
 * @module
 */

import { type ChildProcess, spawn } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { mkdir, readFile, rm, writeFile } from "node:fs/promises";
import type { Socket } from "node:net";
import { dirname, join } from "node:path";
import process from "node:process";
import { CACHE, type Finished, run } from "../../../scripts/project.ts";
import { tempFolder } from "../temp_folder.ts";
import { withLock } from "../with_lock.ts";
import { forwarderLibrary } from "./forwarder_library.ts";

// Debian's package does not put it on the path.
const DEBIAN_WINE = "/usr/lib/wine/wine64";
const WINE = existsSync(DEBIAN_WINE) ? DEBIAN_WINE : undefined;
const NO_WINE = '"wine64" is not installed';
const PREFIX = join(CACHE, "wine", "prefix-1");

const IS_WINDOWS = process.platform === "win32";

/**
 * For `test(name, { skip: wineSkip() }, …)`: the reason if Windows programs cannot run here. With `CI` the tests fail. On
 * Windows itself they run without Wine.
 */
export function wineSkip(): string | false {
  if (IS_WINDOWS) return false;
  if (process.platform !== "linux" || process.arch !== "x64") return "Wine is used on Linux x64";
  return WINE === undefined && !process.env["CI"] ? NO_WINE : false;
}

/** Options of {@link Wine.run} and {@link Wine.start}. */
export interface WineOptions {
  /** A folder of this machine, which is below `Z:\` in Wine. */
  readonly cwd?: string;
  /** Variables in addition to those of Wine's registry. `PATH` is that of Windows programs, with `;`, before the system's. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** @default nothing */
  readonly stdin?: string;
  /** Node cannot open a Unix pipe under Wine, Python cannot open a file. @default false */
  readonly printsToFiles?: boolean;
}

/** A session of Wine: programs start within 0.1 s while it exists. `await using` ends it and what it started. */
export interface Wine extends AsyncDisposable {
  /** Runs a Windows program to its end. */
  run(program: string, args: readonly string[], options?: WineOptions): Promise<Finished>;
  /**
   * Starts a Windows program; its stdin is empty. With `printsTo` its output goes to files in that folder, as with
   * `printsToFiles`.
   */
  start(
    program: string,
    args: readonly string[],
    options?: Pick<WineOptions, "cwd" | "env"> & { readonly printsTo?: string },
  ): WineChild;
}

/** A running Windows program. */
export interface WineChild {
  readonly child: ChildProcess;
  /** Everything that it has printed, stdout and stderr. */
  output(): string;
  /** Resolves to the exit code. */
  readonly ended: Promise<number>;
}

/** The path of a file of this machine for Windows programs: `Z:\home\…`. */
export function windowsPath(path: string): string {
  return IS_WINDOWS ? path : `Z:${path.replaceAll("/", "\\")}`;
}

/** Starts a session; makes the prefix on first use (about 10 s, 700 MB). */
export async function startWine(): Promise<Wine> {
  const wine = IS_WINDOWS ? undefined : WINE;
  if (!IS_WINDOWS && wine === undefined) throw new Error(NO_WINE);
  if (wine !== undefined) await makePrefix(wine);
  const idle = wine === undefined ? undefined : await startIdleProcess(wine);
  const children = new Set<ChildProcess>();
  const start: Wine["start"] = (program, args, options = {}) => {
    const { printsTo } = options;
    const output = wine === undefined || printsTo === undefined
      ? {}
      : { stdout: join(printsTo, "stdout"), stderr: join(printsTo, "stderr") };
    const child = wine === undefined
      ? spawnHere(program, args, options)
      : spawnIn(wine, program, args, options, output);
    children.add(child);
    return running(child, Object.values(output));
  };
  return {
    start,
    async run(program, args, options = {}) {
      if (wine === undefined) {
        return await finished(spawnHere(program, args, options, options.stdin ?? ""));
      }
      await using folder = await tempFolder({ stdin: options.stdin ?? "", stdout: "", stderr: "" });
      const [stdout, stderr] = [folder.at("stdout"), folder.at("stderr")];
      const result = await finished(spawnIn(wine, program, args, options, {
        // A Unix pipe is not a pipe to a Windows program, but a file is a file.
        stdin: options.stdin === undefined ? "/dev/null" : folder.at("stdin"),
        ...(options.printsToFiles ? { stdout, stderr } : {}),
      }));
      if (!options.printsToFiles) return result;
      return {
        ...result,
        stdout: await readFile(stdout, "utf8"),
        stderr: await readFile(stderr, "utf8"),
      };
    },
    async [Symbol.asyncDispose]() {
      for (const child of children) {
        if (child.exitCode === null && child.signalCode === null) child.kill("SIGKILL");
      }
      if (idle === undefined) return;
      idle.ref();
      const ended = new Promise((resolve) => idle.once("exit", resolve));
      process.kill(-idle.pid!, "SIGKILL");
      await ended;
    },
  };
}

// While a Windows process runs, others start in 0.1 s instead of 2.5 s. It ends when its input is closed, which happens also
// when this process is killed.
async function startIdleProcess(wine: string): Promise<ChildProcess> {
  const wait = 'cat | "$0" "C:\\windows\\system32\\cmd.exe" /d /c "echo ready & set /p x="';
  const idle = spawn("sh", ["-c", wait, wine], {
    env: environment(),
    stdio: ["pipe", "pipe", "ignore"],
    detached: true,
  });
  await new Promise<void>((resolve, reject) => {
    idle.stdout.once("data", () => resolve());
    idle.once("exit", (code) => reject(new Error(`wine64 does not start: exit code ${code}`)));
  });
  idle.stdout.destroy();
  idle.unref();
  (idle.stdin as Socket).unref();
  return idle;
}

function spawnHere(
  program: string,
  args: readonly string[],
  { cwd, env = {} }: WineOptions,
  stdin = "",
): ChildProcess {
  const { PATH = process.env["PATH"], ...others } = env;
  const child = spawn(program, args, {
    cwd,
    // As Wine does: the programs of the system, such as taskkill, are always found.
    env: {
      ...process.env,
      ...others,
      PATH: `${PATH};${process.env["SystemRoot"]}\\System32`,
    } as NodeJS.ProcessEnv,
    stdio: "pipe",
  });
  child.stdin.on("error", () => {/* The program has not read its input. */});
  child.stdin.end(stdin);
  return child;
}

function spawnIn(
  wine: string,
  program: string,
  args: readonly string[],
  { cwd, env = {} }: WineOptions,
  { stdin = "/dev/null", stdout = "/dev/stdout", stderr = "/dev/stderr" },
): ChildProcess {
  const { PATH, ...others } = env;
  const redirect = 'exec <"$1" >"$2" 2>"$3"; shift 3; exec "$@"';
  const line = ["-c", redirect, "sh", stdin, stdout, stderr, wine, program, ...args];
  return spawn("sh", line, {
    cwd,
    env: { ...environment(), ...others, WINEPATH: PATH } as NodeJS.ProcessEnv,
    stdio: ["ignore", "pipe", "pipe"],
  });
}

// None of the variables of this process: the programs' own are in the registry of the prefix.
function environment(): Record<string, string> {
  return {
    HOME: process.env["HOME"] ?? "/",
    PATH: process.env["PATH"] ?? "",
    WINEPREFIX: PREFIX,
    WINEDEBUG: "-all",
    // Neither the offer to install Mono and Gecko nor entries in the desktop's menus.
    WINEDLLOVERRIDES: "mscoree,mshtml=;winemenubuilder.exe=d",
    LANG: "C.UTF-8",
  };
}

function running(child: ChildProcess, files: readonly string[]): WineChild {
  let output = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream?.setEncoding("utf8").on("data", (text: string) => output += text);
  }
  return {
    child,
    output: () => {
      const printed = files.filter(existsSync).map((file) => readFileSync(file, "utf8"));
      return [output, ...printed].join("").replaceAll("\r\n", "\n");
    },
    ended: new Promise((resolve, reject) => {
      child.on("error", reject);
      child.on("close", (code) => resolve(code ?? -1));
    }),
  };
}

async function finished(child: ChildProcess): Promise<Finished> {
  let [stdout, stderr] = ["", ""];
  child.stdout?.setEncoding("utf8").on("data", (text: string) => stdout += text);
  child.stderr?.setEncoding("utf8").on("data", (text: string) => stderr += text);
  return await new Promise((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (code) => resolve({ code: code ?? -1, stdout, stderr }));
  });
}

async function makePrefix(wine: string): Promise<void> {
  const complete = join(PREFIX, ".complete");
  if (existsSync(complete)) return;
  await mkdir(dirname(PREFIX), { recursive: true });
  await withLock(`${PREFIX}.lock`, async () => {
    if (existsSync(complete)) return;
    await rm(PREFIX, { recursive: true, force: true });
    const env = environment();
    // Windows 10: Node refuses older versions.
    for (const args of [["wineboot", "--init"], ["winecfg", "-v", "win10"]]) {
      const { code, stderr } = await run(wine, args, { env });
      if (code !== 0) throw new Error(`wine64 ${args.join(" ")} failed:\n${stderr}`);
    }
    await writeFile(
      join(PREFIX, "drive_c/windows/system32/bcryptprimitives.dll"),
      // Wine 8 lacks it, and Bun, Rust and Python's packages take random bytes from it.
      forwarderLibrary({
        file: "bcryptprimitives.dll",
        name: "ProcessPrng",
        target: "advapi32.SystemFunction036",
      }),
    );
    // The registry is written when the last process has ended.
    await run(join(dirname(DEBIAN_WINE), "wineserver64"), ["-w"], { env });
    await writeFile(complete, "");
  });
}

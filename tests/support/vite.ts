import { type ChildProcess, spawn } from "node:child_process";
import { join } from "node:path";
import process from "node:process";
import { run } from "../../scripts/project.ts";
import { vitePackage } from "../../scripts/release/npm_packages.ts";
import { npmPackages } from "./npm_packages.ts";
import { type TempFolder, tempFolder } from "./temp_folder.ts";

/** The packages of a project with Vite alone. */
export const VITE = ["vite@8.4.0"] as const;

/** A page that prints the answer of one call. */
export const PAGE =
  `<!doctype html><html><head><link rel="icon" href="data:,"></head><body><p id="sum"></p>
<script type="module" src="/main.ts"></script></body></html>`;
export const MAIN = `import type { Types } from "@pyrpc/types";
type Sum = Types extends { add: (...given: never) => infer Result } ? Awaited<Result> : never;
const body = JSON.stringify({ id: 1, method: "add", params: [1, 2] });
const answer = await fetch("/rpc", { method: "POST", headers: { "content-type": "application/json" }, body });
const { result }: { result: Sum } = await answer.json();
document.querySelector("#sum")!.textContent = String(result);
`;

/** The text of a \`vite.config.ts\` with the plugin. */
export function viteConfig(options: object = {}): string {
  return `import pyrpc from "@pyrpc/vite";
export default { plugins: [pyrpc(${JSON.stringify(options)})], server: { host: "127.0.0.1" } };
`;
}

/** Makes a project with npm packages of the cache and the plugin as it is published. */
export async function viteProject(
  files: Readonly<Record<string, string>>,
  packages: readonly string[] = VITE,
  folder = "",
): Promise<TempFolder> {
  const installed = await npmPackages(...packages);
  const project = await tempFolder({
    [join(folder, "package.json")]:
      `{ "name": "app", "version": "1.0.0", "type": "module", "private": true }`,
    ...files,
  });
  const modules = project.at(folder, "node_modules");
  // Links to the same files: a copy would take seconds.
  const copied = await run("cp", ["-al", join(installed, "node_modules"), modules]);
  // Another file system has no links to the cache.
  if (copied.code !== 0) await run("cp", ["-a", join(installed, "node_modules"), modules]);
  await vitePackage(modules, "");
  return project;
}

/** A program that runs until its scope ends. */
export interface RunningProgram extends AsyncDisposable {
  readonly output: () => string;
  /** The first URL that it has printed. */
  readonly url: () => string;
  readonly child: ChildProcess;
}

/** Starts a script of the project's packages with Node. */
export function startScript(
  node: string,
  cwd: string,
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): RunningProgram {
  return start(node, args, { cwd, env });
}

/** Starts a command line in a shell. The end of its scope also ends all programs that it has started. */
export function startCommandLine(
  command: string,
  cwd: string,
  env: Readonly<Record<string, string>>,
): RunningProgram {
  return start("sh", ["-c", command], { cwd, env, detached: true });
}

function start(
  program: string,
  args: readonly string[],
  { cwd, env, detached = false }: {
    readonly cwd: string;
    readonly env: Readonly<Record<string, string>>;
    readonly detached?: boolean;
  },
): RunningProgram {
  const child = spawn(program, args, {
    cwd,
    env: { ...process.env, NO_COLOR: "1", FORCE_COLOR: "0", CI: "", ...env },
    stdio: ["ignore", "pipe", "pipe"],
    detached,
  });
  const killOnExit = () => {
    if (!detached || child.pid === undefined) return void child.kill("SIGKILL");
    try {
      process.kill(-child.pid, "SIGKILL");
    } catch {
      // The group has ended.
    }
  };
  process.once("exit", killOnExit);
  let output = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream.on("data", (chunk) => output += String(chunk));
  }
  return {
    child,
    output: () => output,
    url() {
      const found = /https?:\/\/(?:localhost|127\.0\.0\.1):\d+/.exec(output)?.[0];
      if (found === undefined) throw new Error(`No URL in: ${output}`);
      return found;
    },
    async [Symbol.asyncDispose]() {
      process.off("exit", killOnExit);
      if (child.exitCode !== null || child.signalCode !== null) return;
      const ended = new Promise((resolve) => child.once("exit", resolve));
      killOnExit();
      await ended;
    },
  };
}

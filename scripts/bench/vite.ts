import { type ChildProcessWithoutNullStreams, spawn } from "node:child_process";
import { once } from "node:events";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import process from "node:process";
import { setTimeout as delay } from "node:timers/promises";
import { freePort } from "../../tests/support/free_port.ts";
import { npmPackages } from "../../tests/support/npm_packages.ts";
import { pythonEnvironment } from "../../tests/support/python.ts";
import {
  type RunningProgram,
  startScript,
  VITE,
  viteConfig,
  viteProject,
} from "../../tests/support/vite.ts";
import { waitUntil } from "../../tests/support/wait_until.ts";
import { compile } from "../compile.ts";
import { ROOT } from "../project.ts";
import type { BenchOptions, BenchResult } from "./mod.ts";

const EDITS = 20;
const BOUND_MS = 1500;
// The server of TypeScript reads changes below `node_modules` a second late.
const LATE_MS = 1000;
const CASES = [
  { distribution: "server", target: "src/api.ts", bound: BOUND_MS },
  { distribution: "server", target: "@pyrpc/types", bound: BOUND_MS + LATE_MS },
  { distribution: "workspace", target: "@pyrpc/types", bound: BOUND_MS },
] as const;

/** Measures the time from a save in Python to a type error in the TypeScript server, while Vite runs. */
export async function benchVite(_: BenchOptions): Promise<BenchResult> {
  const binary = join(ROOT, "dist", "pyrpc");
  const compiled = await compile("bun", binary);
  if (compiled.code !== 0) throw new Error(compiled.stderr);
  const rows = [];
  for (const each of CASES) {
    const { distribution, target, bound } = each;
    const times = (await saveToError(binary, each)).sort((a, b) => a - b);
    const median = times[Math.floor(times.length / 2)] ?? Infinity;
    rows.push({
      what:
        `save in Python → type error in the editor, ${distribution} distribution, types in \`${target}\``,
      ours: `${median.toFixed(0)} ms`,
      peer: "",
      ratio: `slowest ${times.at(-1)?.toFixed(0)} ms`,
      wanted: `≤ ${bound} ms`,
      holds: median <= bound,
    });
  }
  return {
    title: "`@pyrpc/vite`",
    note:
      `Median of ${EDITS} edits of a parameter's type, which add and remove an error in turns. \`pyrpc dev\` of the compiled executable with FastAPI waits 300 ms after a save and serves the new code; with server distribution the plugin polls it every 500 ms. Vite 8 serves the page, and tsserver 5.9 is asked for diagnostics until they change. On Linux tsserver reads changes below \`node_modules\` a second late, those of a file of the project at once.`,
    rows,
  };
}

function pythonText(type: "int" | "str"): string {
  return `from fastapi import FastAPI
from pyrpc_core import rpc
from pyrpc_fastapi import mount_fastapi


@rpc
def add(a: ${type}, b: int) -> int:
    return 1


app = FastAPI()
mount_fastapi(app)
`;
}

async function saveToError(
  binary: string,
  { distribution, target }: (typeof CASES)[number],
): Promise<number[]> {
  const python = await pythonEnvironment("shop-0.14");
  const port = await freePort();
  const settings = { version: 1, framework: "fastapi", entrypoint: "main", distribution, port };
  const backend = distribution === "server" ? settings : { ...settings, client_root: "../web" };
  const client = distribution === "server"
    ? { distribution, server_url: `http://127.0.0.1:${port}`, target }
    : { distribution };
  await using project = await viteProject(
    {
      "api/main.py": pythonText("int"),
      "api/pyrpc.json": JSON.stringify(backend),
      "web/pyrpc-client.json": JSON.stringify(client),
      "web/vite.config.ts": viteConfig(),
      "web/index.html": '<script type="module" src="/main.ts"></script>',
      "web/main.ts": `import type { Types } from "${
        target === "src/api.ts" ? "./src/api" : target
      }";
declare const rpc: Types;
rpc.add(1, 2);
`,
      "web/tsconfig.json": JSON.stringify({
        compilerOptions: {
          strict: true,
          module: "esnext",
          moduleResolution: "bundler",
          target: "es2022",
        },
        files: ["main.ts"],
      }),
    },
    VITE,
    "web",
  );
  const args = ["dev", "--no-console", "--python", python.python];
  await using dev = startScript(binary, project.at("api"), args, python.env);
  await using vite = startScript("node", project.at("web"), ["node_modules/vite/bin/vite.js"]);
  const editor = await startEditor(project.at("web/main.ts"));
  const times: number[] = [];
  try {
    await inProgram([dev, vite], waitUntil(() => editor.errors().then((n) => n === 0), 60_000));
    for (let edit = 0; edit < EDITS; edit++) {
      // A save at any moment between two polls.
      await delay(1000 + 37 * edit);
      const wanted = edit % 2 === 0 ? 1 : 0;
      const start = performance.now();
      await writeFile(project.at("api/main.py"), pythonText(wanted === 1 ? "str" : "int"));
      await inProgram(
        [dev, vite],
        waitUntil(() => editor.errors().then((n) => n === wanted), 20_000),
      );
      times.push(performance.now() - start);
    }
  } finally {
    editor.end();
  }
  return times;
}

async function inProgram(programs: readonly RunningProgram[], work: Promise<void>): Promise<void> {
  await work.catch((cause) => {
    throw new Error(programs.map(({ output }) => output()).join("\n"), { cause });
  });
}

/** A TypeScript server with one open file. */
async function startEditor(file: string) {
  const folder = await npmPackages("typescript@5.9.3");
  const script = join(folder, "node_modules/typescript/lib/tsserver.js");
  const child = spawn("node", [script, "--disableAutomaticTypingAcquisition"], { stdio: "pipe" });
  const killOnExit = () => void child.kill("SIGKILL");
  process.once("exit", killOnExit);
  await once(child, "spawn");
  const ask = asker(child);
  void ask("open", { file });
  return {
    async errors(): Promise<number> {
      const answer = await ask("semanticDiagnosticsSync", { file });
      return (answer as readonly unknown[]).length;
    },
    end() {
      process.off("exit", killOnExit);
      child.kill("SIGKILL");
    },
  };
}

function asker(child: ChildProcessWithoutNullStreams) {
  const waiting = new Map<number, (body: unknown) => void>();
  let text = "";
  let last = 0;
  child.stdout.setEncoding("utf8").on("data", (chunk: string) => {
    text += chunk;
    const lines = text.split("\n");
    text = lines.pop() ?? "";
    for (const line of lines) {
      if (!line.startsWith("{")) continue;
      const message = JSON.parse(line) as { type: string; request_seq?: number; body?: unknown };
      if (message.type === "response") waiting.get(message.request_seq ?? 0)?.(message.body);
    }
  });
  return (command: string, args: object): Promise<unknown> => {
    const seq = ++last;
    child.stdin.write(`${JSON.stringify({ seq, type: "request", command, arguments: args })}\n`);
    return new Promise((resolve) => waiting.set(seq, resolve));
  };
}

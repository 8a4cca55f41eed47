import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { mkdir, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { join } from "node:path";
import process from "node:process";
import { setTimeout as delay } from "node:timers/promises";
import { pythonEnvironment } from "../../tests/support/python.ts";
import { tempFolder } from "../../tests/support/temp_folder.ts";
import { compile } from "../compile.ts";
import { ROOT } from "../project.ts";
import { peakDuring } from "./measure.ts";
import type { BenchOptions, BenchResult, BenchRow } from "./mod.ts";
import { memoryOf } from "./process_tree.ts";

const EDITS = 20;
const DEBOUNCE = 300;
// The timer of upstream's `watch`.
const UPSTREAM_DEBOUNCE = 300;

/** From a save to types on disk and to new code that answers, and the memory of it. */
export async function benchDev(_: BenchOptions): Promise<BenchResult> {
  const binary = join(ROOT, "dist", "pyrpc");
  const compiled = await compile("bun", binary);
  if (compiled.code !== 0) throw new Error(compiled.stderr);
  const python = await pythonEnvironment("shop-0.14");
  const rows: BenchRow[] = [];
  let memory: { ours: number; theirs: number } | undefined;
  for (const [procedures, bound] of [[10, 60], [500, 120]] as const) {
    // Ours is edited in an imported module; upstream's never sees one, so that everything is in its entry module.
    const ours = await saveToTypes({
      procedures,
      command: binary,
      args: ["dev", "--types-only", "--no-console", "--python", python.python],
      types: "frontend/node_modules/@pyrpc/types/src/index.ts",
      isImported: true,
    });
    const theirs = await saveToTypes({
      procedures,
      command: join(python.bin, "pyrpc"),
      args: ["watch", "main", "--client", "../frontend"],
      types: "frontend/__pyrpc.ts",
      isImported: false,
      env: python.env,
    });
    if (procedures === 500) memory = { ours: ours.peakMiB, theirs: theirs.peakMiB };
    const more = ours.median - DEBOUNCE;
    const theirMore = theirs.median - UPSTREAM_DEBOUNCE;
    rows.push({
      what:
        `save → types on disk beyond the debounce, ${procedures} procedures (upstream: \`watch\`)`,
      ours: `${more.toFixed(0)} ms`,
      peer: `${theirMore.toFixed(0)} ms`,
      ratio: `${(theirMore / more).toFixed(1)} ×`,
      wanted: `≤ ${bound} ms`,
      holds: more <= bound,
    });
  }
  const answer = await saveToAnswer(binary, ["dev", "--no-console", "--python", python.python]);
  const uvicorn = await saveToAnswer(
    python.python,
    ["-m", "uvicorn", "main:app", "--reload", "--log-level", "error"],
  );
  rows.push({
    what:
      "save → new code on `GET /rpc` beyond the debounce (the other: all of `uvicorn --reload`)",
    ours: `${(answer - DEBOUNCE).toFixed(0)} ms`,
    peer: `${uvicorn.toFixed(0)} ms`,
    ratio: `${(uvicorn / answer).toFixed(1)} ×`,
    wanted: "≤ 400 ms",
    holds: answer - DEBOUNCE <= 400,
  });
  if (memory !== undefined) {
    const { ours, theirs } = memory;
    rows.push({
      what: "peak memory of all processes, 500 procedures, no server (upstream: `watch`)",
      ours: `${ours.toFixed(0)} MiB`,
      peer: `${theirs.toFixed(0)} MiB`,
      ratio: `${(theirs / ours).toFixed(1)} ×`,
      wanted: "< upstream's",
      holds: ours < theirs,
    });
  }
  return {
    title: "`pyrpc dev`",
    note:
      `Median of ${EDITS} edits; the compiled executable and pyRPC 0.14 with FastAPI. Upstream waits ${UPSTREAM_DEBOUNCE} ms after a save, ours ${DEBOUNCE}. Memory is the sum of each process's own peak of private and shared pages in proportion (PSS), looked at every 50 ms.`,
    rows,
  };
}

const HEAD = "from pyrpc_core import rpc\nfrom models import Item\n\n";
const MODELS =
  "from pydantic import BaseModel\n\n\nclass Item(BaseModel):\n    id: int\n    name: str\n    tags: list[str] = []\n";
const APP =
  "from fastapi import FastAPI\nfrom pyrpc_fastapi import mount_fastapi\n\napp = FastAPI()\nmount_fastapi(app)\n";

function source(count: number, name: string): string {
  const procedures = Array.from(
    { length: count },
    (_, index) =>
      `@rpc\ndef ${
        index === 0 ? name : `procedure_${index}`
      }(a: int, b: str = "x", item: Item | None = None) -> list[Item]:\n    """Procedure ${index}."""\n    return []\n`,
  );
  return HEAD + procedures.join("\n");
}

interface Project extends AsyncDisposable {
  at(...parts: string[]): string;
  /** Writes the module that is edited. */
  save(name: string): Promise<void>;
}

async function makeProject(procedures: number, isImported: boolean): Promise<Project> {
  const folder = await tempFolder({
    "frontend/package.json": "{}",
    "backend/models.py": MODELS,
    "backend/pyrpc.json": JSON.stringify({
      version: 1,
      framework: "fastapi",
      entrypoint: "main",
      client_root: "../frontend",
      distribution: "workspace",
    }),
    ...(isImported ? { "backend/main.py": `import procedures\n${APP}` } : {}),
  });
  const save = async (name: string) => {
    const text = source(procedures, name);
    if (isImported) await writeFile(folder.at("backend/procedures.py"), text);
    else await writeFile(folder.at("backend/main.py"), text + "\n" + APP);
  };
  await save("first");
  await mkdir(folder.at("frontend"), { recursive: true });
  return { at: folder.at, save, [Symbol.asyncDispose]: () => folder[Symbol.asyncDispose]() };
}

async function saveToTypes(
  { procedures, command, args, types, isImported, env = {} }: {
    readonly procedures: number;
    readonly command: string;
    readonly args: readonly string[];
    readonly types: string;
    readonly isImported: boolean;
    readonly env?: Readonly<Record<string, string>>;
  },
): Promise<{ median: number; peakMiB: number }> {
  await using project = await makeProject(procedures, isImported);
  const child = start(command, args, project.at("backend"), env);
  const edit = async () => {
    const holds = (name: string) =>
      readText(project.at(types)).includes(`${name}:`) ||
      readText(project.at(types)).includes(`${name}(`);
    await until(() => holds("first"));
    await delay(2500);
    const times: number[] = [];
    for (let count = 0; count < EDITS; count++) {
      const name = `edit_${count}`;
      await delay(700);
      const begin = performance.now();
      await project.save(name);
      await until(() => holds(name));
      times.push(performance.now() - begin);
    }
    return median(times);
  };
  try {
    const [median, peakMiB] = await peakDuring(() => memoryOf(child.pid!), edit);
    return { median, peakMiB };
  } finally {
    await stop(child);
  }
}

async function saveToAnswer(command: string, args: readonly string[]): Promise<number> {
  await using project = await makeProject(10, true);
  const port = await freePort();
  const child = start(command, [...args, "--port", String(port)], project.at("backend"), {});
  const names = async () => {
    try {
      const answer = await fetch(`http://127.0.0.1:${port}/rpc`, {
        headers: { connection: "close" },
      });
      return Object.keys(await answer.json() as object);
    } catch {
      return [];
    }
  };
  const answers = async (name: string) => {
    while (!(await names()).includes(name)) await delay(2);
  };
  try {
    await answers("first");
    await delay(2500);
    const times: number[] = [];
    for (let count = 0; count < EDITS; count++) {
      await delay(700);
      const begin = performance.now();
      await project.save(`edit_${count}`);
      await answers(`edit_${count}`);
      times.push(performance.now() - begin);
    }
    return median(times);
  } finally {
    await stop(child);
  }
}

function start(
  command: string,
  args: readonly string[],
  cwd: string,
  env: Readonly<Record<string, string>>,
): ChildProcess {
  return spawn(command, [...args], {
    cwd,
    env: { ...process.env, ...env, NO_COLOR: "1" },
    stdio: "ignore",
  });
}

async function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, "exit");
  child.kill("SIGINT");
  await ended;
}

async function until(holds: () => boolean): Promise<void> {
  const end = performance.now() + 60_000;
  while (!holds()) {
    if (performance.now() > end) throw new Error("An edit was never seen");
    await delay(1);
  }
}

function readText(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return "";
  }
}

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? NaN;
}

async function freePort(): Promise<number> {
  const server = createServer();
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  server.close();
  return typeof address === "object" && address !== null ? address.port : 0;
}

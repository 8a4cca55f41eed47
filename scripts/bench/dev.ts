import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync, statSync } from "node:fs";
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
// The interval of upstream's `watch`.
const UPSTREAM_DEBOUNCE = 300;

/** Measures the time from a save to types on disk and to new code that answers, and the memory. */
export async function benchDev(_: BenchOptions): Promise<BenchResult> {
  const binary = join(ROOT, "dist", "pyrpc");
  const compiled = await compile("bun", binary);
  if (compiled.code !== 0) throw new Error(compiled.stderr);
  const python = await pythonEnvironment("shop-0.14");
  const rows: BenchRow[] = [];
  for (const [procedures, bound, factor] of [[10, 60, 1], [500, 150, 5]] as const) {
    const [ours, theirs] = await saveToTypes(procedures, [
      // Our edits are in an imported module. Upstream does not watch imports, so that its edits are in the entry
      // module.
      {
        command: binary,
        args: ["dev", "--types-only", "--no-console", "--python", python.python],
        types: "frontend/node_modules/@pyrpc/types/src/index.ts",
        isImported: true,
      },
      {
        command: join(python.bin, "pyrpc"),
        args: ["watch", "main", "--client", "../frontend"],
        types: "frontend/__pyrpc.ts",
        isImported: false,
        env: python.env,
      },
    ]);
    const more = ours.milliseconds - DEBOUNCE;
    const theirMore = theirs.milliseconds - UPSTREAM_DEBOUNCE;
    rows.push({
      what:
        `save → types on disk beyond the debounce, ${procedures} procedures (upstream: \`watch\`)`,
      ours: `${more.toFixed(0)} ms`,
      peer: `${theirMore.toFixed(0)} ms`,
      ratio: `${(theirMore / more).toFixed(1)} ×`,
      wanted: factor === 1 ? `≤ ${bound} ms` : `≤ ${bound} ms, ≥ ${factor} ×`,
      holds: more <= bound && theirMore >= factor * more,
    });
    if (procedures < 500) continue;
    rows.push({
      what:
        `peak memory of all processes, ${procedures} procedures, no server (upstream: \`watch\`)`,
      ours: `${ours.peakMiB.toFixed(0)} MiB`,
      peer: `${theirs.peakMiB.toFixed(0)} MiB`,
      ratio: `${(theirs.peakMiB / ours.peakMiB).toFixed(1)} ×`,
      wanted: "< upstream's",
      holds: ours.peakMiB < theirs.peakMiB,
    });
  }
  const [answer, uvicorn] = await saveToAnswer([
    [binary, "dev", "--no-console", "--python", python.python],
    [python.python, "-m", "uvicorn", "main:app", "--reload", "--log-level", "error"],
  ]);
  rows.push({
    what:
      "save → new code on `GET /rpc` beyond the debounce, 10 procedures (the other: `uvicorn --reload`, with its own)",
    ours: `${(answer - DEBOUNCE).toFixed(0)} ms`,
    peer: `${uvicorn.toFixed(0)} ms`,
    ratio: "",
    wanted: "≤ 400 ms",
    holds: answer - DEBOUNCE <= 400,
  });
  return {
    title: "`pyrpc dev`",
    note:
      `Median of ${EDITS} edits, the two of a line edited in turns; the compiled executable and pyRPC 0.14 with FastAPI. Ten procedures have one group of models and ten shapes of signatures (scalars, optionals, lists, dicts, unions, literals, models in and out), 500 have 50 such groups. Upstream waits ${UPSTREAM_DEBOUNCE} ms after a save, ours ${DEBOUNCE}. Memory is the sum of each process's own peak of private and shared pages in proportion (PSS), read every 50 ms. Not shown: applications that are slow to import, saves of several files, and edits of a model.`,
    rows,
  };
}

const HEAD = `from typing import Literal

from models import *
from pyrpc_core import rpc

`;

const APP =
  "from fastapi import FastAPI\nfrom pyrpc_fastapi import mount_fastapi\n\napp = FastAPI()\nmount_fastapi(app)\n";

// One group of models for one resource of a backend.
function models(group: number): string {
  return `class State${group}(str, Enum):
    open = "open"
    paid = "paid"
    shipped = "shipped"


class Line${group}(BaseModel):
    product: str
    quantity: int = Field(default=1, ge=1, le=${100 + group})
    note: str | None = None


class Order${group}(BaseModel):
    """Order of kind ${group}."""

    id: int
    number_${group}: str
    state: State${group} = State${group}.open
    lines: list[Line${group}] = []
    labels: dict[str, str] = {}
    is_paid: bool = False


class Filter${group}(BaseModel):
    state: State${group} | None = None
    text: str = ""
    limit: int = Field(default=20, le=200)
`;
}

const SIGNATURES: readonly ((group: number) => string)[] = [
  () => "(a: int, b: str) -> bool",
  () => "(q: str | None = None, limit: int = 20) -> str | None",
  () => "(ids: list[int]) -> list[str]",
  () => "(counts: dict[str, int]) -> dict[str, float]",
  () => "(key: int | str) -> int | str",
  () => '(order: Literal["asc", "desc"] = "asc") -> Literal["yes", "no"]',
  (group) => `(order: Order${group}) -> int`,
  (group) => `(id: int) -> Order${group}`,
  (group) => `(filter: Filter${group}) -> list[Order${group}]`,
  (group) => `(ids: list[int], line: Line${group} | None = None) -> dict[str, Line${group}]`,
];

function source(count: number, first: string): string {
  const procedures = Array.from({ length: count }, (_, index) => {
    const signature = SIGNATURES[index % SIGNATURES.length]!;
    const name = index === 0 ? first : `procedure_${index}`;
    const group = Math.floor(index / SIGNATURES.length);
    return `@rpc\ndef ${name}${
      signature(group)
    }:\n    """Procedure ${index}."""\n    raise NotImplementedError\n`;
  });
  return HEAD + procedures.join("\n");
}

function modelSource(count: number): string {
  const groups = Array.from(
    { length: Math.ceil(count / SIGNATURES.length) },
    (_, group) => models(group),
  );
  return `from enum import Enum\n\nfrom pydantic import BaseModel, Field\n\n\n${
    groups.join("\n\n")
  }`;
}

interface Project extends AsyncDisposable {
  at(...parts: string[]): string;
  /** Writes the edited module. */
  save(name: string): Promise<void>;
}

async function makeProject(procedures: number, isImported: boolean): Promise<Project> {
  const folder = await tempFolder({
    "frontend/package.json": "{}",
    "backend/models.py": modelSource(procedures),
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

interface Watcher {
  readonly command: string;
  readonly args: readonly string[];
  readonly types: string;
  readonly isImported: boolean;
  readonly env?: Readonly<Record<string, string>>;
}

interface Watched {
  readonly milliseconds: number;
  readonly peakMiB: number;
}

type Pair<T> = readonly [ours: T, theirs: T];

async function saveToTypes(
  procedures: number,
  watchers: Pair<Watcher>,
): Promise<Pair<Watched>> {
  await using ours = await watch(procedures, watchers[0]);
  await using theirs = await watch(procedures, watchers[1]);
  const [[[milliseconds, theirMilliseconds], peakMiB], theirPeakMiB] = await peakDuring(
    () => memoryOf(theirs.pid),
    () => peakDuring(() => memoryOf(ours.pid), () => editInTurns([ours.edit, theirs.edit])),
  );
  return [
    { milliseconds, peakMiB },
    { milliseconds: theirMilliseconds, peakMiB: theirPeakMiB },
  ];
}

interface Running extends AsyncDisposable {
  readonly pid: number;
  /** Saves a procedure with this name and waits until it is visible. */
  edit(name: string): Promise<void>;
}

async function watch(
  procedures: number,
  { command, args, types, isImported, env = {} }: Watcher,
): Promise<Running> {
  const project = await makeProject(procedures, isImported);
  const child = start(command, args, project.at("backend"), env);
  // Reading the file every millisecond would slow down both.
  let version: number | undefined;
  const seen = (name: string) =>
    until(() => {
      const path = project.at(types);
      const { mtimeMs } = statSync(path, { throwIfNoEntry: false }) ?? {};
      if (mtimeMs === version) return false;
      const text = readText(path);
      const isSeen = text.includes(`${name}:`) || text.includes(`${name}(`);
      if (isSeen) version = mtimeMs;
      return isSeen;
    });
  return await running(child, project, seen);
}

async function saveToAnswer(commands: Pair<readonly string[]>): Promise<Pair<number>> {
  await using ours = await serve(commands[0]);
  await using theirs = await serve(commands[1]);
  return await editInTurns([ours.edit, theirs.edit]);
}

async function serve([command, ...args]: readonly string[]): Promise<Running> {
  const project = await makeProject(10, true);
  const port = await freePort();
  const child = start(command!, [...args, "--port", String(port)], project.at("backend"), {});
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
  const seen = async (name: string) => {
    while (!(await names()).includes(name)) await delay(2);
  };
  return await running(child, project, seen);
}

async function running(
  child: ChildProcess,
  project: Project,
  seen: (name: string) => Promise<void>,
): Promise<Running> {
  const end = async () => {
    await stop(child);
    await project[Symbol.asyncDispose]();
  };
  try {
    await seen("first");
  } catch (error) {
    await end();
    throw error;
  }
  return {
    pid: child.pid!,
    async edit(name) {
      await project.save(name);
      await seen(name);
    },
    [Symbol.asyncDispose]: end,
  };
}

/** Returns the medians of {@link EDITS} edits of each, alternating. */
async function editInTurns(edits: Pair<Running["edit"]>): Promise<Pair<number>> {
  await delay(2500);
  const times: Pair<number[]> = [[], []];
  for (let count = 0; count < EDITS; count++) {
    for (const [index, edit] of edits.entries()) {
      await delay(700);
      const begin = performance.now();
      await edit(`edit_${count}`);
      times[index]!.push(performance.now() - begin);
    }
  }
  return [median(times[0]), median(times[1])];
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

import type { Contract } from "../contract/mod.ts";
import { defined } from "../defined.ts";
import { anyFreePort, isListening } from "../dev/mod.ts";
import {
  contractOf,
  findInterpreter,
  importLimit,
  type ModuleAnswer,
  type ModuleRun,
  PythonBackend,
  splitEntry,
} from "../python/mod.ts";
import type { Clock } from "../runtime/mod.ts";
import type { LoadContext, LoadOptions } from "../source/mod.ts";
import { serverDidNotStart } from "./errors.ts";

/** A module that is served on a free port of this machine. */
export interface ServedModule {
  readonly url: string;
  readonly contract: Contract;
  readonly answer: ModuleAnswer;
  /** Lines that the server printed since the last call of this function. */
  newLines(): readonly string[];
  /** Ends the server and its Python. */
  end(): Promise<void>;
}

const HOST = "127.0.0.1";
const STARTUP_MS = 20_000;
const POLL_MS = 20;
const KEPT_LINES = 200;
const SHOWN_LINES = 8;

/** Imports and serves a module as `pyrpc dev` does. @throws ToolError exit code 4 if it cannot be imported or served */
export async function serveModule(
  entry: string,
  { python, framework, verbose = false }: LoadOptions,
  { cwd, env, signal }: LoadContext,
  clock: Clock,
): Promise<ServedModule> {
  let lines: string[] = [];
  let rest = "";
  const backend = new PythonBackend({
    interpreter: await findInterpreter({ python, env, folder: cwd }),
    root: cwd,
    env,
    onOutput(text) {
      const parts = `${rest}${text}`.split(/\r?\n/);
      rest = parts.pop() ?? "";
      lines = [...lines, ...parts].slice(-KEPT_LINES);
    },
    ...defined({ limit: importLimit(env) }),
  });
  try {
    const { module, app } = splitEntry(entry);
    const question = { module, app, appModule: module, framework, keep: true };
    const run = await backend.ask({ ...question, ...defined({ signal }) });
    const { answer } = run;
    if (!answer.ok) throw backend.errorOf(answer, question, verbose);
    const port = await anyFreePort(HOST);
    await serve(run, answer, {
      entry,
      port,
      clock,
      backend,
      lastLines: () => lines.slice(-SHOWN_LINES),
    });
    const path = answer.app?.endpoints?.paths[0] ?? "/rpc";
    return {
      url: `http://${HOST}:${port}${path.replace(/\/rpc\/?$/, "")}`,
      contract: contractOf(answer, entry, cwd),
      answer,
      newLines() {
        const found = lines;
        lines = [];
        return found;
      },
      end: () => backend.end(),
    };
  } catch (error) {
    await backend.end();
    throw error;
  }
}

async function serve(
  run: ModuleRun,
  answer: ModuleAnswer,
  { entry, port, clock, backend, lastLines }: {
    readonly entry: string;
    readonly port: number;
    readonly clock: Clock;
    readonly backend: PythonBackend;
    readonly lastLines: () => readonly string[];
  },
): Promise<void> {
  const framework = answer.app?.kind ?? "asgi";
  const start = await run.serve({ host: HOST, port, framework });
  if (start.kind === "unbound") {
    const install = start.code === "NO_UVICORN" ? `: ${backend.installCommand("uvicorn")}` : "";
    throw serverDidNotStart(entry, `${start.reason}${install}`, []);
  }
  let hasEnded = start.kind === "exit";
  void run.exited.then(() => hasEnded = true);
  // Flask reports that it is ready a moment before it listens.
  const begin = clock.monotonic();
  while (!hasEnded && clock.monotonic() - begin < STARTUP_MS) {
    if (await isListening(HOST, port, clock)) return;
    await new Promise<void>((resolve) => void clock.after(POLL_MS, resolve));
  }
  throw serverDidNotStart(entry, hasEnded ? "it ended" : "it does not listen", lastLines());
}

import type { Buffer } from "node:buffer";
import type { ChildProcess } from "node:child_process";
import { platform } from "node:os";
import { StringDecoder } from "node:string_decoder";
import { runProgram, startProgram } from "../process/mod.ts";
import { pythonDoesNotStart } from "./errors.ts";
import type { Interpreter } from "./interpreter.ts";
import {
  formatOrder,
  type Hello,
  parseWorkerLine,
  type WorkerEvent,
  type WorkerMode,
  type WorkerOrder,
  workerStart,
} from "./introspect.ts";

/** How a process ended; both null: it never ran. */
export interface ProcessExit {
  readonly code: number | null;
  readonly signal: string | null;
}

/** How a {@link WorkerProcess} is started. */
export interface WorkerOptions {
  readonly interpreter: Interpreter;
  /** The project's folder, absolute: Python runs here and imports from here. */
  readonly root: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly mode: WorkerMode;
  /** Whether packages are imported ahead of the next question. */
  readonly preload: boolean;
  /** What the user's code prints, in pieces as they come. */
  readonly onOutput: (text: string) => void;
}

// An interpreter on a cold disk needs seconds; one that says nothing for this long never will.
const START_LIMIT = 30_000;

/** One running worker: orders go in, events come out, both a line each. */
export class WorkerProcess {
  /** What it says of itself; rejects with a ToolError when it does not start. */
  readonly hello: Promise<Hello>;
  /** Resolves when it is gone; never rejects. */
  readonly exited: Promise<ProcessExit>;
  /** Whether packages were imported ahead. */
  isWarm = false;
  /** Whether forking it has become unsafe. */
  isUnfit = false;
  readonly #child: ChildProcess | undefined;
  readonly #listeners = new Map<number, (event: WorkerEvent) => void>();
  #hasExited = false;

  constructor(options: WorkerOptions) {
    const { interpreter, root, env, mode, preload, onOutput } = options;
    const start = workerStart(mode, { root, preload });
    const started = startProgram(interpreter.command, [...interpreter.args, ...start.args], {
      cwd: root,
      env,
    });
    const child = started instanceof Error ? undefined : started;
    let spawnError = started instanceof Error ? started : undefined;
    this.#child = child;
    this.exited = new Promise((done) => {
      const end = (exit: ProcessExit) => {
        this.#hasExited = true;
        done(exit);
      };
      if (child === undefined) end({ code: null, signal: null });
      child?.once("error", (error) => {
        spawnError = error;
        if (child.pid === undefined) end({ code: null, signal: null });
      });
      // Not "close": a grandchild of the user's may keep the pipes open.
      child?.once("exit", (code, signal) => end({ code, signal }));
    });
    this.hello = new Promise((resolve, reject) => {
      const fail = (reason: string) => reject(pythonDoesNotStart(interpreter, reason));
      const limit = setTimeout(() => {
        fail(`no answer in ${START_LIMIT / 1000} s`);
        this.#killGroup();
      }, START_LIMIT);
      this.#listeners.set(HELLO, (event) => {
        clearTimeout(limit);
        resolve(event as Hello);
      });
      void this.exited.then(({ code, signal }) => {
        clearTimeout(limit);
        // Its last line may still be in the pipe.
        setTimeout(() => fail(spawnError?.message ?? `it ended with ${signal ?? code}`), 50);
      });
    });
    // Whoever needs it awaits it; a worker that is ended before it spoke is no unhandled rejection.
    this.hello.catch(() => {});
    // A worker that has ended is reported by its exit, not by the pipe.
    child?.stdin?.on("error", () => {});
    child?.stdout?.on("data", lineReader((line) => this.#read(line)));
    const decoder = new StringDecoder("utf8");
    child?.stderr?.on("data", (data: Buffer) => onOutput(decoder.write(data)));
    child?.stdin?.write(start.input);
  }

  /** Calls back for each event of one question; `exit` is the last. */
  listen(id: number, listener: (event: WorkerEvent) => void): void {
    this.#listeners.set(id, listener);
  }

  send(order: WorkerOrder): void {
    if (!this.#hasExited) this.#child?.stdin?.write(formatOrder(order));
  }

  get hasExited(): boolean {
    return this.#hasExited;
  }

  /** Ends it and all below it: politely, and by force after `grace` milliseconds. */
  async end(grace = 700): Promise<void> {
    if (this.#hasExited) return;
    this.#child?.stdin?.end();
    if (platform() === "win32") this.#killTree();
    else this.#child?.kill("SIGTERM");
    const force = setTimeout(() => this.#killGroup(), grace);
    await this.exited;
    clearTimeout(force);
  }

  #read(line: string): void {
    const event = parseWorkerLine(line);
    if (event === undefined) return;
    if (event.event === "warm") this.isWarm = true;
    else if (event.event === "unfit") this.isUnfit = true;
    else this.#listeners.get("id" in event ? event.id : HELLO)?.(event);
    if (event.event === "exit") this.#listeners.delete(event.id);
  }

  // By the system's own program: Deno sends a child no second signal, and none of the runtimes signals a group.
  #killGroup(): void {
    const pid = this.#child?.pid;
    if (pid === undefined) return;
    if (platform() === "win32") return this.#killTree();
    const kill = runProgram("kill", ["-KILL", "--", `-${pid}`, `${pid}`]);
    void kill.then(() => this.#child?.kill("SIGKILL"));
  }

  // Windows has no process groups that a signal reaches.
  #killTree(): void {
    const pid = this.#child?.pid;
    if (pid === undefined) return;
    const kill = runProgram("taskkill", ["/T", "/F", "/PID", String(pid)]);
    void kill.then(() => this.#child?.kill());
  }
}

const HELLO = -1;

// The worker writes ASCII: bytes are characters, and a piece's end cannot fall inside one.
function lineReader(onLine: (line: string) => void): (data: Buffer) => void {
  let pieces: string[] = [];
  return (data) => {
    const lines = data.toString("latin1").split("\n");
    const last = lines.pop() ?? "";
    for (const line of lines) {
      pieces.push(line);
      onLine(pieces.join(""));
      pieces = [];
    }
    if (last !== "") pieces.push(last);
  };
}

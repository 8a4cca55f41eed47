import type { Buffer } from "node:buffer";
import type { ChildProcess } from "node:child_process";
import { platform } from "node:os";
import { StringDecoder } from "node:string_decoder";
import { runProgram, startProgram } from "../process/mod.ts";
import { pythonDoesNotStart, pythonGone } from "./errors.ts";
import type { Interpreter } from "./install_command.ts";
import {
  formatOrder,
  type Hello,
  parseWorkerLine,
  type WorkerEvent,
  type WorkerOrder,
} from "./protocol.ts";
import { type WorkerMode, workerStart } from "./worker_package.ts";

/** Exit of a process; both are null if it never ran. */
export interface ProcessExit {
  readonly code: number | null;
  readonly signal: string | null;
}

/** Options of {@link WorkerProcess}. */
export interface WorkerOptions {
  readonly interpreter: Interpreter;
  /** The project's folder, absolute: Python runs here and imports from here. */
  readonly root: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly mode: WorkerMode;
  /** Preloads packages for the next question. */
  readonly preload: boolean;
  /** Receives the output of the user's code in chunks. */
  readonly onOutput: (text: string) => void;
  /** The user's code has opened a source of the project for writing. */
  readonly onWrote?: ((path: string) => void) | undefined;
  /** Answers have a `WireFloat` for each whole number that is written as a float. @default {false} */
  readonly marksFloats?: boolean;
}

// An interpreter on a cold disk needs seconds.
const START_LIMIT = 30_000;

/** A running worker. Orders and events are one line each. */
export class WorkerProcess {
  /** The first message; rejects with a ToolError if the worker does not start. */
  readonly hello: Promise<Hello>;
  /** Resolves when the process has ended; never rejects. */
  readonly exited: Promise<ProcessExit>;
  /** True after packages were preloaded. */
  isWarm = false;
  /** True after forking became unsafe. */
  isUnfit = false;
  readonly #child: ChildProcess | undefined;
  readonly #listeners = new Map<number, (event: WorkerEvent) => void>();
  readonly #onWrote: WorkerOptions["onWrote"];
  readonly #marksFloats: boolean;
  #hasExited = false;

  constructor(options: WorkerOptions) {
    const { interpreter, root, env, mode, preload, onOutput } = options;
    this.#onWrote = options.onWrote;
    this.#marksFloats = options.marksFloats ?? false;
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
      // Not "close": a process that the user's code started may keep the pipes open.
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
        setTimeout(() => {
          const isGone = (spawnError as NodeJS.ErrnoException | undefined)?.code === "ENOENT";
          if (isGone) reject(pythonGone(interpreter));
          else fail(spawnError?.message ?? `it ended with ${signal ?? code}`);
        }, 50);
      });
    });
    // A worker that ends early must not cause an unhandled rejection. Those who need `hello` await it.
    this.hello.catch(() => {});
    // The exit of the worker is reported, not the error of its pipe.
    child?.stdin?.on("error", () => {});
    child?.stdout?.on("data", lineReader((line) => this.#read(line)));
    const decoder = new StringDecoder("utf8");
    child?.stderr?.on("data", (data: Buffer) => onOutput(decoder.write(data)));
    child?.stdin?.write(start.input);
  }

  /** Calls back for each event of a question; `exit` is the last. */
  listen(id: number, listener: (event: WorkerEvent) => void): void {
    this.#listeners.set(id, listener);
  }

  send(order: WorkerOrder): void {
    if (!this.#hasExited) this.#child?.stdin?.write(formatOrder(order));
  }

  get hasExited(): boolean {
    return this.#hasExited;
  }

  /** Ends the worker and its children: SIGTERM first, SIGKILL after `grace` milliseconds. */
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
    const event = parseWorkerLine(line, { marksFloats: this.#marksFloats });
    if (event === undefined) return;
    if (event.event === "warm") this.isWarm = true;
    else if (event.event === "unfit") this.isUnfit = true;
    else if (event.event === "wrote") this.#onWrote?.(event.path);
    else this.#listeners.get("id" in event ? event.id : HELLO)?.(event);
    if (event.event === "exit") this.#listeners.delete(event.id);
  }

  // By the system's `kill`: Deno sends only one signal to a child, and no runtime can signal a group.
  #killGroup(): void {
    const pid = this.#child?.pid;
    if (pid === undefined) return;
    if (platform() === "win32") return this.#killTree();
    const kill = runProgram("kill", ["-KILL", "--", `-${pid}`, `${pid}`]);
    void kill.then(() => this.#child?.kill("SIGKILL"));
  }

  // Windows cannot signal process groups.
  #killTree(): void {
    const pid = this.#child?.pid;
    if (pid === undefined) return;
    const kill = runProgram("taskkill", ["/T", "/F", "/PID", String(pid)]);
    void kill.then(() => this.#child?.kill());
  }
}

const HELLO = -1;

// The worker writes ASCII, so that a chunk cannot end inside a character.
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

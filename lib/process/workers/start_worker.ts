/**
 * This program started again, as a worker thread or a child process: a second entry file does not exist in an executable or in a
 * bundle that is run by its address, so the same one is started with a mark.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { Socket } from "node:net";
import process from "node:process";
import { fileURLToPath } from "node:url";
import {
  isMainThread,
  type MessagePort,
  parentPort,
  Worker,
  workerData,
} from "node:worker_threads";
import { keepStdoutForData } from "../../runtime/mod.ts";

/** First argument of a program that was started again; it is no command and stands in no help. */
export const WORKER_ARGUMENT = "__worker";

// Variables that make a Bun executable run something else than itself.
const HOSTILE = ["BUN_OPTIONS", "BUN_BE_BUN"];

/** A worker thread running `program` (the address of the entry module), which gets `data` as it is. */
export function startWorker(program: string, data: unknown): Worker {
  // Deno takes files only; a program that is run by its address is imported by one that is no file either.
  const isFile = !/^https?:/.test(program);
  const entry = isFile
    ? program
    : `data:text/javascript,${encodeURIComponent(`import ${JSON.stringify(program)};`)}`;
  return new Worker(new URL(entry), {
    workerData: data,
    argv: [WORKER_ARGUMENT],
    stdout: false,
    stderr: false,
  });
}

/** A child process running `program`, which gets `data` (JSON) as its first message. Its standard streams are pipes for bytes. */
export function startChild(program: string, data: unknown): ChildProcess {
  const [command, ...args] = [...programCommand(program), WORKER_ARGUMENT];
  const env = { ...process.env };
  for (const name of HOSTILE) delete env[name];
  const child = spawn(command!, args, { env, stdio: ["pipe", "pipe", "inherit", "ipc"] });
  child.on("error", () => {});
  child.send({ kind: "data", data }, () => {});
  return child;
}

/** The command that runs this program: the executable itself, or the runtime with the entry module. */
export function programCommand(program: string): readonly [string, ...string[]] {
  const runtime = globalThis as { Deno?: { build?: { standalone?: boolean } } };
  const isCompiled = program.includes("$bunfs") || program.includes("~BUN") ||
    runtime.Deno?.build?.standalone === true;
  if (isCompiled) return [process.execPath];
  const entry = program.startsWith("file:") ? fileURLToPath(program) : program;
  return runtime.Deno === undefined
    ? [process.execPath, entry]
    : [process.execPath, "run", "--allow-all", "--no-prompt", entry];
}

/** What a program that was started again has of the one that started it. */
export type WorkerStart =
  | { readonly kind: "worker"; readonly port: MessagePort; readonly data: unknown }
  | {
    readonly kind: "child";
    readonly data: unknown;
    /** Resolves when the message has left, or cannot leave any more. */
    send(message: unknown): Promise<void>;
    readonly input: NodeJS.ReadStream;
    readonly output: NodeJS.WriteStream;
    onMessage(handler: (message: unknown, socket: unknown) => void): void;
    onEnd(handler: () => void): void;
  };

/** Resolves when the parent has said what is to be done; rejects where there is no parent. */
export function workerStart(): Promise<WorkerStart> {
  if (!isMainThread && parentPort !== null) {
    return Promise.resolve({ kind: "worker", port: parentPort, data: workerData as unknown });
  }
  if (process.send === undefined) {
    return Promise.reject(new Error(`"${WORKER_ARGUMENT}" is for pyrpc's own use`));
  }
  // Standard output carries a connection's bytes: what handlers print goes where people look.
  const output = process.stdout;
  keepStdoutForData();
  return new Promise((resolve) => {
    const kept: [unknown, unknown][] = [];
    let handler: ((message: unknown, socket: unknown) => void) | undefined;
    process.on("message", (message: unknown, given: unknown) => {
      const socket = given instanceof Socket ? receivedSocket(given) : given;
      if (
        typeof message === "object" && message !== null && Reflect.get(message, "kind") === "data"
      ) {
        resolve({
          kind: "child",
          data: Reflect.get(message, "data"),
          input: process.stdin,
          output,
          send: (message) => new Promise((done) => void process.send?.(message, () => done())),
          onMessage(next) {
            handler = next;
            for (const [message, socket] of kept.splice(0)) next(message, socket);
          },
          onEnd: (handler) => void process.on("disconnect", handler),
        });
        // Only now: a socket that comes together with another message can be lost.
        process.send?.({ kind: "ready" });
      } else if (handler === undefined) kept.push([message, socket]);
      else handler(message, socket);
    });
  });
}

// The engines make it one that ends when its peer has said that it sends no more: what was asked until then would get no answer.
function receivedSocket(socket: Socket): Socket {
  socket.allowHalfOpen = true;
  return socket;
}

/** Milliseconds since the epoch, and of a clock that only goes forward. */
export const CLOCKS = { now: () => Date.now(), monotonic: () => performance.now() } as const;

/** Ends this process at once. */
export function endProcess(code: number): never {
  process.exit(code);
}

/**
 * Starts this program as a worker thread or child process. An executable, or a bundle that is run by its URL, has no second
 * entry file, so the same entry runs with a special first argument.
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

/** First argument of a worker or child; internal, not a command. */
export const WORKER_ARGUMENT = "__worker";

// Variables that make a Bun executable run another program than itself.
const HOSTILE = ["BUN_OPTIONS", "BUN_BE_BUN"];

/** Starts a worker thread of `program` (the URL of the entry module), which receives `data`. */
export function startWorker(program: string, data: unknown): Worker {
  // Deno accepts files only; a program that is run by its URL is imported by a data URL.
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

/** Starts a child process of `program`, which receives `data` (JSON) as its first message. Its standard streams are pipes. */
export function startChild(program: string, data: unknown): ChildProcess {
  const [command, ...args] = programCommand(program);
  const env = { ...process.env };
  for (const name of HOSTILE) delete env[name];
  const child = spawn(command, [...args, WORKER_ARGUMENT], {
    env,
    stdio: ["pipe", "pipe", "inherit", "ipc"],
    windowsHide: true,
  });
  child.on("error", () => {});
  child.send({ kind: "data", data }, () => {});
  return child;
}

/** Returns the command that runs this program: the executable itself, or the engine with the entry module. */
export function programCommand(program: string): readonly [string, ...string[]] {
  const runtime = globalThis as { Deno?: { build?: { standalone?: boolean } } };
  const isCompiled = program.includes("$bunfs") || program.includes("~BUN") ||
    runtime.Deno?.build?.standalone === true;
  if (isCompiled) return [process.execPath];
  const entry = program.startsWith("file:") ? fileURLToPath(program) : program;
  return runtime.Deno === undefined
    ? [process.execPath, entry]
    : [process.execPath, "run", "--allow-all", "--no-prompt", "--quiet", entry];
}

/** The link of a worker or child to the process that started it. */
export type WorkerStart =
  | { readonly kind: "worker"; readonly port: MessagePort; readonly data: unknown }
  | {
    readonly kind: "child";
    readonly data: unknown;
    /** Resolves when the message was sent, or cannot be sent any more. */
    send(message: unknown): Promise<void>;
    readonly input: NodeJS.ReadStream;
    readonly output: NodeJS.WriteStream;
    onMessage(handler: (message: unknown, socket: unknown) => void): void;
  };

/** Resolves when the parent has sent its data; rejects without a parent. A child process ends with its parent. */
export function workerStart(): Promise<WorkerStart> {
  if (!isMainThread && parentPort !== null) {
    return Promise.resolve({ kind: "worker", port: parentPort, data: workerData as unknown });
  }
  if (process.connected === false) endProcess(0);
  if (process.send === undefined) {
    return Promise.reject(new Error(`"${WORKER_ARGUMENT}" is for pyrpc's own use`));
  }
  // Standard output carries the bytes of a connection: handlers print to standard error.
  const output = process.stdout;
  keepStdoutForData();
  // The parent may end while this child is still loading this program or its service.
  process.once("disconnect", () => endProcess(0));
  if ("Deno" in globalThis) endWithoutParent();
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
          send: sendToParent,
          onMessage(next) {
            handler = next;
            for (const [message, socket] of kept.splice(0)) next(message, socket);
          },
        });
        // Sent only now: a socket that arrives together with another message can be lost.
        void sendToParent({ kind: "ready" });
      } else if (handler === undefined) kept.push([message, socket]);
      else handler(message, socket);
    });
  });
}

// A parent that is killed before it has read all messages resets the channel, which Deno does not report as its end.
function endWithoutParent(): void {
  const parent = process.ppid;
  setInterval(() => {
    if (process.ppid !== parent) endProcess(0);
  }, PARENT_CHECK_MS).unref();
}

const PARENT_CHECK_MS = 1_000;

// Some engines throw if the parent has ended, others report it to the callback.
function sendToParent(message: unknown): Promise<void> {
  return new Promise((done) => {
    try {
      process.send?.(message, () => done());
    } catch {
      done();
    }
  });
}

// By default the engines close a received socket when its peer ends its side, which would lose the last replies.
function receivedSocket(socket: Socket): Socket {
  socket.allowHalfOpen = true;
  return socket;
}

/** Clocks of a worker or child: milliseconds since the epoch, and of a clock that never jumps. */
export const CLOCKS = { now: () => Date.now(), monotonic: () => performance.now() } as const;

/** Ends this process at once. */
export function endProcess(code: number): never {
  process.exit(code);
}

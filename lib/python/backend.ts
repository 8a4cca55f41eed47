import type { ToolError } from "../errors.ts";
import {
  type FailureContext,
  moduleFailed,
  moduleHangs,
  oldInterpreter,
  pythonEnded,
} from "./errors.ts";
import { LOOPBACK_ORIGIN } from "../origins.ts";
import { type Interpreter, isSupported } from "./interpreter.ts";
import type { Hello, ModuleAnswer, ModuleFailure, WorkerEvent } from "./introspect.ts";
import { type ProcessExit, WorkerProcess } from "./worker_process.ts";

/** How a {@link PythonBackend} is run. */
export interface PythonBackendOptions {
  readonly interpreter: Interpreter;
  /** The project's folder, absolute: Python runs here and imports from here. */
  readonly root: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  /**
   * Whether a process with the third-party packages is kept for the next question. Worth it from the second question on.
   * @default {false}
   */
  readonly preload?: boolean;
  /** Milliseconds that an import may take. @default {60000} */
  readonly limit?: number;
  /** What the user's code prints, in pieces as they come. */
  readonly onOutput: (text: string) => void;
}

/** What is asked. */
export interface Question {
  readonly module: string;
  /** The application's name, where it was given; without, it is the only one of the module, or `app`. */
  readonly app?: string | undefined;
  /** The module that has the application. @default {module} */
  readonly appModule?: string | undefined;
  /**
   * Whether the application is needed: several, and a factory that fails, are errors.
   * @default {keep}
   */
  readonly servable?: boolean;
  /** Whether the process stays after its answer, to be told to serve. */
  readonly keep?: boolean;
  /** Gives the question up: the process that imports is ended, and the question rejects with the signal's reason. */
  readonly signal?: AbortSignal;
}

/** Where and how an imported application is served. */
export interface ServeOrder {
  readonly host: string;
  readonly port: number;
  /** Used where the object does not say what it is of. */
  readonly framework: string;
  /** Origins whose web pages may call the bare application, besides those of this machine; `*` for all. */
  readonly corsOrigins?: readonly string[];
  /** Receives the origin of each page that was refused. */
  readonly onRefusedOrigin?: (origin: string) => void;
}

/** How serving began. */
export type ServeStart =
  | { readonly kind: "ready" }
  /** The port could not be had; `code` as in errno, such as `EADDRINUSE`. */
  | { readonly kind: "unbound"; readonly code: string; readonly reason: string }
  | { readonly kind: "exit"; readonly exit: ProcessExit };

/** A process that imported the module and answered. */
export interface ModuleRun {
  readonly answer: ModuleAnswer | ModuleFailure;
  /** Resolves when the process is gone; never rejects. */
  readonly exited: Promise<ProcessExit>;
  /** Tells a process that was kept to serve what it imported. */
  serve(order: ServeOrder): Promise<ServeStart>;
  /** Ends it, politely for `grace` milliseconds. */
  stop(grace?: number): Promise<void>;
}

const LIMIT = 60_000;
// A fork that hangs was most likely forked at a bad moment: do not wait for the whole time before a fresh one is asked.
const WARM_LIMIT = 15_000;
// Two answers that only a fresh interpreter could give are no accident.
const MISFITS = 2;

/**
 * The Python side of a project: asked as often as needed, each time in a process that has not imported the project before.
 *
 * A process that forks for each question answers; where there is no fork, or a fork dies, hangs or fails in a way that a
 * fork can be the cause of, a fresh interpreter does.
 */
export class PythonBackend {
  readonly interpreter: Interpreter;
  readonly root: string;
  readonly #options: PythonBackendOptions;
  #worker: WorkerProcess | undefined;
  readonly #alone = new Set<WorkerProcess>();
  // Workers with packages that are no longer installed, which live as long as what they serve.
  readonly #retired = new Set<WorkerProcess>();
  // The ends of the processes that each worker has forked and that still run.
  readonly #runs = new WeakMap<WorkerProcess, Set<Promise<ProcessExit>>>();
  #hello: Hello | undefined;
  #misfits = 0;
  #nextId = 1;
  #hasEnded = false;

  constructor(options: PythonBackendOptions) {
    this.#options = options;
    this.interpreter = options.interpreter;
    this.root = options.root;
  }

  /**
   * What the interpreter says of itself.
   *
   * @throws ToolError when it does not start or is too old.
   */
  async hello(): Promise<Hello> {
    const hello = await this.#warmWorker().hello;
    this.#hello = hello;
    if (!isSupported(hello.version)) {
      await this.#worker?.end();
      throw oldInterpreter(this.interpreter.command, hello.version, this.interpreter.origin);
    }
    return hello;
  }

  /**
   * Imports the module and describes its procedures.
   *
   * @returns the process that answered; its `answer` may be a failure of the user's code.
   * @throws ToolError when Python does not start, is too old, or ends without an answer.
   */
  async ask(question: Question): Promise<ModuleRun> {
    // A worker that cannot fork has ended after its first words.
    const { fork } = this.#hello?.fork === false ? this.#hello : await this.hello();
    if (fork && this.#misfits < MISFITS && !this.#warmWorker().isUnfit) {
      const run = await this.#askFork(question);
      if (run !== undefined) return run;
    }
    return await this.#askAlone(question);
  }

  /** The error that a failed answer is for the user. */
  errorOf(failure: ModuleFailure, question: Question, verbose = false): ToolError {
    const { module, appModule = module } = question;
    const isOfApp = failure.kind === "no_app" || failure.kind === "several_apps";
    return moduleFailed(failure, { ...this.#context(isOfApp ? appModule : module), verbose });
  }

  /** Gives up the port that the worker holds for the servers. */
  unlisten(): void {
    this.#worker?.send({ do: "unlisten" });
  }

  /** Ends every process. The object cannot be used afterwards. */
  async end(): Promise<void> {
    this.#hasEnded = true;
    const workers = [
      ...this.#alone,
      ...this.#retired,
      ...(this.#worker === undefined ? [] : [this.#worker]),
    ];
    await Promise.all(workers.map((worker) => worker.end()));
  }

  #context(module: string): FailureContext {
    return {
      module,
      root: this.root,
      interpreter: this.interpreter,
      hello: this.#hello,
      limit: this.#options.limit ?? LIMIT,
    };
  }

  #warmWorker(): WorkerProcess {
    if (this.#worker === undefined || this.#worker.hasExited) this.#worker = this.#start("warm");
    return this.#worker;
  }

  #start(mode: "warm" | "alone"): WorkerProcess {
    if (this.#hasEnded) throw new Error("the Python backend was ended");
    const { interpreter, root, env, preload = false, onOutput } = this.#options;
    return new WorkerProcess({ interpreter, root, env, mode, preload, onOutput });
  }

  // Undefined: a fresh interpreter should be asked.
  async #askFork(question: Question): Promise<ModuleRun | undefined> {
    const limit = this.#options.limit ?? LIMIT;
    for (;;) {
      const worker = this.#warmWorker();
      await worker.hello;
      const { isWarm } = worker;
      const result = await this.#put(
        worker,
        question,
        isWarm ? Math.min(limit, WARM_LIMIT) : limit,
      );
      if (this.#hasEnded) return undefined;
      if (result === "stale") {
        // Packages were installed or removed: what was imported is the past. A server that runs from it runs on.
        this.#retire(worker);
        continue;
      }
      if (!("answer" in result)) return undefined;
      if (isWarm && !result.answer.ok && isDoubtful(result.answer)) {
        const fresh = await this.#askAlone(question);
        if (fresh.answer.ok) this.#misfits++;
        return fresh;
      }
      return result;
    }
  }

  #retire(worker: WorkerProcess): void {
    this.#worker = undefined;
    this.#retired.add(worker);
    worker.send({ do: "unlisten" });
    void Promise.all(this.#runs.get(worker) ?? []).then(() => worker.end());
    void worker.exited.then(() => this.#retired.delete(worker));
  }

  async #askAlone(question: Question): Promise<ModuleRun> {
    question.signal?.throwIfAborted();
    const worker = this.#start("alone");
    this.#alone.add(worker);
    void worker.exited.then(() => this.#alone.delete(worker));
    await worker.hello;
    const result = await this.#put(worker, question, this.#options.limit ?? LIMIT);
    if (result === "stale") throw new Error("a fresh interpreter cannot be stale");
    if ("answer" in result) return result;
    question.signal?.throwIfAborted();
    if (result.isHung) throw moduleHangs(this.#context(question.module));
    throw pythonEnded(result, this.#context(question.module));
  }

  // One question to one worker: its answer, or how it ended without one.
  #put(
    worker: WorkerProcess,
    { module, app, appModule, keep = false, servable = keep, signal }: Question,
    limit: number,
  ): Promise<ModuleRun | UnansweredExit | "stale"> {
    const id = this.#nextId++;
    return new Promise((resolve) => {
      let hasAnswered = false;
      let ended: (exit: ProcessExit) => void = () => {};
      let started: (start: ServeStart) => void = () => {};
      let refused: ServeOrder["onRefusedOrigin"];
      const exited = new Promise<ProcessExit>((done) => {
        ended = done;
      });
      const runs = this.#runs.get(worker) ?? new Set();
      this.#runs.set(worker, runs.add(exited));
      void exited.then(() => runs.delete(exited));
      // Python ends a slow import by itself, which tells the place. This is for what it cannot interrupt.
      let isHung = false;
      const hang = setTimeout(() => {
        isHung = true;
        void stop(0);
      }, limit + 2000);
      const stop = async (grace = 500) => {
        if (worker.hasExited) return;
        worker.send({ do: "stop", id, grace: grace / 1000 });
        if (this.#alone.has(worker)) await worker.end(grace);
        await exited;
      };
      const giveUp = () => {
        if (!hasAnswered) void stop(0);
      };
      signal?.addEventListener("abort", giveUp);
      const onExit = (exit: ProcessExit) => {
        clearTimeout(hang);
        signal?.removeEventListener("abort", giveUp);
        if (!hasAnswered) resolve({ ...exit, isHung });
        started({ kind: "exit", exit });
        ended(exit);
      };
      const run: Omit<ModuleRun, "answer"> = {
        exited,
        serve: ({ host, port, framework, corsOrigins, onRefusedOrigin }) =>
          new Promise((done) => {
            started = done;
            refused = onRefusedOrigin;
            const origins = { pattern: LOOPBACK_ORIGIN.source, added: corsOrigins ?? [] };
            worker.send({ do: "serve", id, host, port, framework, origins });
            void exited.then((exit) => done({ kind: "exit", exit }));
          }),
        stop,
      };
      worker.listen(id, (event: WorkerEvent) => {
        switch (event.event) {
          case "answer":
            hasAnswered = true;
            clearTimeout(hang);
            return resolve({ ...run, answer: event });
          case "stale":
            clearTimeout(hang);
            ended({ code: null, signal: null });
            return resolve("stale");
          case "ready":
            return started({ kind: "ready" });
          case "unbound":
            return started({ kind: "unbound", code: event.code, reason: event.reason });
          case "refused_origin":
            return refused?.(event.origin);
          case "exit":
            return onExit({ code: event.code, signal: event.signal });
          default:
        }
      });
      // What a dead worker last wrote may still be in the pipe.
      void worker.exited.then((exit) => setTimeout(() => onExit(exit), 50));
      worker.send({
        do: "ask",
        id,
        module,
        app: app ?? null,
        appModule: appModule ?? null,
        servable,
        root: this.root,
        limit: limit / 1000,
        keep,
      });
      if (signal?.aborted) giveUp();
    });
  }
}

/** The end of a process that has not answered. */
interface UnansweredExit extends ProcessExit {
  /** Whether we ended it, because its time was up. */
  readonly isHung: boolean;
}

// Failures whose cause may be that packages were imported earlier than the user's code would have done it.
function isDoubtful(failure: ModuleFailure): boolean {
  return failure.kind === "timeout" ||
    (failure.kind === "exception" && !failure.deepestIsProject);
}

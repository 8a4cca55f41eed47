import { LOOPBACK_ORIGIN } from "../origins.ts";
import type { ModuleAnswer, ModuleFailure, WorkerEvent } from "./protocol.ts";
import type { ProcessExit, WorkerProcess } from "./worker_process.ts";

/** A question to a Python backend. */
export interface Question {
  readonly module: string;
  /** The application's name. @default the only one of the module, or `app` */
  readonly app?: string | undefined;
  /** The module that has the application. @default {module} */
  readonly appModule?: string | undefined;
  /** The framework of the project; undefined: a folder with Django's settings is a Django project. */
  readonly framework?: string | undefined;
  /**
   * Requires an application: several, and a factory that fails, are errors.
   * @default {keep}
   */
  readonly servable?: boolean;
  /** Keeps the process after its answer, for {@link ModuleRun.serve}. */
  readonly keep?: boolean;
  /** Cancels the question: its process is ended, and the question rejects with the signal's reason. */
  readonly signal?: AbortSignal;
}

/** Options of {@link ModuleRun.serve}. */
export interface ServeOrder {
  readonly host: string;
  readonly port: number;
  /** Framework of an application whose class is unknown. */
  readonly framework: string;
  /** Further origins whose web pages may call the bare application, besides those of this machine; `*` for all. */
  readonly corsOrigins?: readonly string[];
  /** Receives the origin of each page that was refused. */
  readonly onRefusedOrigin?: (origin: string) => void;
}

/** Result of {@link ModuleRun.serve}. */
export type ServeStart =
  | { readonly kind: "ready" }
  /** The port is not available; `code` as in errno, such as `EADDRINUSE`. */
  | { readonly kind: "unbound"; readonly code: string; readonly reason: string }
  | { readonly kind: "exit"; readonly exit: ProcessExit };

/** A process that imported the module and answered. */
export interface ModuleRun {
  readonly answer: ModuleAnswer | ModuleFailure;
  /** Resolves when the process has ended; never rejects. */
  readonly exited: Promise<ProcessExit>;
  /** Orders a process that was kept to serve the module that it imported. */
  serve(order: ServeOrder): Promise<ServeStart>;
  /** Ends the process: SIGTERM first, SIGKILL after `grace` milliseconds. */
  stop(grace?: number): Promise<void>;
}

/** The process ended without an answer. */
export interface UnansweredExit extends ProcessExit {
  /** True if it was ended because it exceeded the time limit. */
  readonly isHung: boolean;
}

/** Result of a {@link QuestionRun}; `stale`: the worker's packages have changed since it imported them. */
export type QuestionResult = ModuleRun | UnansweredExit | "stale";

/** Options of {@link QuestionRun}. */
export interface QuestionRunOptions {
  /** Identifies the question among those of the worker. */
  readonly id: number;
  readonly question: Question;
  /** The project's folder. */
  readonly root: string;
  /** Time limit of the import (ms). */
  readonly limit: number;
  /** The worker answers no other question: it ends with this one. */
  readonly isOnlyRun: boolean;
}

// Python interrupts a slow import itself and reports its position. This is for code that cannot be interrupted.
const HANG_GRACE = 2000;
// The last lines of an ended worker may still be in the pipe.
const PIPE_GRACE = 50;

/** One question to one worker, and the process that answers it. */
export class QuestionRun {
  readonly result: Promise<QuestionResult>;
  /** Resolves when the process has ended; never rejects. */
  readonly exited: Promise<ProcessExit>;
  readonly #worker: WorkerProcess;
  readonly #options: QuestionRunOptions;
  readonly #hangTimer: ReturnType<typeof setTimeout>;
  #hasAnswered = false;
  #isHung = false;
  #resolveResult: (result: QuestionResult) => void = () => {};
  #resolveExited: (exit: ProcessExit) => void = () => {};
  #onRefusedOrigin: ServeOrder["onRefusedOrigin"];
  #resolveStart: (start: ServeStart) => void = () => {};

  /** Sends the question. */
  constructor(worker: WorkerProcess, options: QuestionRunOptions) {
    this.#worker = worker;
    this.#options = options;
    this.result = new Promise((resolve) => this.#resolveResult = resolve);
    this.exited = new Promise((resolve) => this.#resolveExited = resolve);
    this.#hangTimer = setTimeout(() => {
      this.#isHung = true;
      void this.#stop(0);
    }, options.limit + HANG_GRACE);
    const { signal } = options.question;
    signal?.addEventListener("abort", this.#cancel);
    worker.listen(options.id, (event) => this.#receive(event));
    void worker.exited.then((exit) => setTimeout(() => this.#end(exit), PIPE_GRACE));
    this.#ask();
    if (signal?.aborted) this.#cancel();
  }

  #ask(): void {
    const { id, root, limit, question } = this.#options;
    const { module, app = null, appModule = null, keep = false, servable = keep } = question;
    const { framework = null } = question;
    this.#worker.send({
      do: "ask",
      id,
      module,
      app,
      appModule,
      framework,
      servable,
      root,
      limit: limit / 1000,
      keep,
    });
  }

  #receive(event: WorkerEvent): void {
    switch (event.event) {
      case "answer":
        this.#hasAnswered = true;
        clearTimeout(this.#hangTimer);
        return this.#resolveResult({
          answer: event,
          exited: this.exited,
          serve: (order) => this.#serve(order),
          stop: (grace) => this.#stop(grace),
        });
      case "stale":
        clearTimeout(this.#hangTimer);
        this.#resolveExited({ code: null, signal: null });
        return this.#resolveResult("stale");
      case "ready":
        return this.#resolveStart({ kind: "ready" });
      case "unbound":
        return this.#resolveStart({ kind: "unbound", code: event.code, reason: event.reason });
      case "refused_origin":
        return this.#onRefusedOrigin?.(event.origin);
      case "exit":
        return this.#end({ code: event.code, signal: event.signal });
      default:
    }
  }

  #end(exit: ProcessExit): void {
    clearTimeout(this.#hangTimer);
    this.#options.question.signal?.removeEventListener("abort", this.#cancel);
    if (!this.#hasAnswered) this.#resolveResult({ ...exit, isHung: this.#isHung });
    this.#resolveStart({ kind: "exit", exit });
    this.#resolveExited(exit);
  }

  #serve(order: ServeOrder): Promise<ServeStart> {
    const { host, port, framework, corsOrigins = [], onRefusedOrigin } = order;
    this.#onRefusedOrigin = onRefusedOrigin;
    const origins = { pattern: LOOPBACK_ORIGIN.source, added: corsOrigins };
    return new Promise((resolve) => {
      this.#resolveStart = resolve;
      this.#worker.send({ do: "serve", id: this.#options.id, host, port, framework, origins });
      void this.exited.then((exit) => resolve({ kind: "exit", exit }));
    });
  }

  async #stop(grace = 500): Promise<void> {
    if (this.#worker.hasExited) return;
    this.#worker.send({ do: "stop", id: this.#options.id, grace: grace / 1000 });
    if (this.#options.isOnlyRun) await this.#worker.end(grace);
    await this.exited;
  }

  readonly #cancel = (): void => {
    if (!this.#hasAnswered) void this.#stop(0);
  };
}

import type { ToolError } from "../errors.ts";
import {
  type FailureContext,
  moduleFailed,
  moduleHangs,
  oldInterpreter,
  pythonEnded,
} from "./errors.ts";
import { installCommand, type Interpreter, isSupported } from "./install_command.ts";
import type { Hello, ModuleFailure } from "./protocol.ts";
import { type ModuleRun, type Question, type QuestionResult, QuestionRun } from "./question_run.ts";
import { type ProcessExit, WorkerProcess } from "./worker_process.ts";

/** Options of {@link PythonBackend}. */
export interface PythonBackendOptions {
  readonly interpreter: Interpreter;
  /** The project's folder, absolute: Python runs here and imports from here. */
  readonly root: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  /**
   * Preloads third-party packages for the next question. Pays off from the second question on.
   * @default {false}
   */
  readonly preload?: boolean;
  /** Time limit of an import (ms). @default {60000} */
  readonly limit?: number;
  /** Receives the output of the user's code in chunks. */
  readonly onOutput: (text: string) => void;
  /** The user's code has opened a source of the project for writing. */
  readonly onWrote?: ((path: string) => void) | undefined;
  /** Answers have a `WireFloat` for each whole number that is written as a float. @default {false} */
  readonly marksFloats?: boolean;
}

const LIMIT = 60_000;
// A fork of preloaded packages that hangs is probably the fault of the fork: a fresh interpreter is asked earlier.
const WARM_LIMIT = 15_000;
// Number of questions that only a fresh interpreter could answer, after which forking is given up.
const MAX_FORK_FAILURES = 2;

/**
 * The Python side of a project. Each question is answered by a process that has not imported the project before.
 *
 * The process is a fork of one worker. A fresh interpreter answers if the system cannot fork, or if a fork dies, hangs or
 * fails for a reason that forking may have caused.
 */
export class PythonBackend {
  readonly interpreter: Interpreter;
  readonly root: string;
  readonly #options: PythonBackendOptions;
  #worker: WorkerProcess | undefined;
  readonly #alone = new Set<WorkerProcess>();
  // Workers with outdated packages, which live as long as their servers.
  readonly #retired = new Set<WorkerProcess>();
  // The processes of each worker that still run.
  readonly #runs = new WeakMap<WorkerProcess, Set<Promise<ProcessExit>>>();
  #hello: Hello | undefined;
  #forkFailures = 0;
  #nextId = 1;
  #hasEnded = false;

  constructor(options: PythonBackendOptions) {
    this.#options = options;
    this.interpreter = options.interpreter;
    this.root = options.root;
  }

  /**
   * Describes the interpreter.
   *
   * @throws ToolError if it does not start or is too old.
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
   * @throws ToolError if Python does not start, is too old, or ends without an answer.
   */
  async ask(question: Question): Promise<ModuleRun> {
    // A worker that cannot fork has ended after its first message.
    const { fork } = this.#hello?.fork === false ? this.#hello : await this.hello();
    if (fork && this.#forkFailures < MAX_FORK_FAILURES && !this.#warmWorker().isUnfit) {
      const run = await this.#askFork(question);
      if (run !== undefined) return run;
    }
    return await this.#askAlone(question);
  }

  /** Converts a failed answer to an error for the user. */
  errorOf(failure: ModuleFailure, question: Question, verbose = false): ToolError {
    const { module, appModule = module } = question;
    const isOfApp = failure.kind === "no_app" || failure.kind === "several_apps";
    return moduleFailed(failure, { ...this.#context(isOfApp ? appModule : module), verbose });
  }

  /** The command that installs a package for this interpreter. */
  installCommand(name: string): string {
    return installCommand(this.interpreter, [name]);
  }

  /** Closes the listening socket that the worker keeps for its servers. */
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
    return new WorkerProcess({ preload: false, ...this.#options, mode });
  }

  // Returns undefined if a fresh interpreter should be asked.
  async #askFork(question: Question): Promise<ModuleRun | undefined> {
    const limit = this.#options.limit ?? LIMIT;
    for (;;) {
      const worker = this.#warmWorker();
      await worker.hello;
      const { isWarm } = worker;
      const result = await this.#run(
        worker,
        question,
        isWarm ? Math.min(limit, WARM_LIMIT) : limit,
      );
      if (this.#hasEnded) return undefined;
      if (result === "stale") {
        // Packages were installed or removed since they were preloaded. A running server keeps running.
        this.#retire(worker);
        continue;
      }
      if (!("answer" in result)) return undefined;
      if (isWarm && !result.answer.ok && mayBeCausedByFork(result.answer)) {
        const fresh = await this.#askAlone(question);
        if (fresh.answer.ok) this.#forkFailures++;
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
    const result = await this.#run(worker, question, this.#options.limit ?? LIMIT);
    if (result === "stale") throw new Error("a fresh interpreter cannot be stale");
    if ("answer" in result) return result;
    question.signal?.throwIfAborted();
    if (result.isHung) throw moduleHangs(this.#context(question.module));
    throw pythonEnded(result, this.#context(question.module));
  }

  async #run(worker: WorkerProcess, question: Question, limit: number): Promise<QuestionResult> {
    const run = new QuestionRun(worker, {
      id: this.#nextId++,
      question,
      root: this.root,
      limit,
      isOnlyRun: this.#alone.has(worker),
    });
    const runs = this.#runs.get(worker) ?? new Set();
    this.#runs.set(worker, runs.add(run.exited));
    void run.exited.then(() => runs.delete(run.exited));
    return await run.result;
  }
}

// Preloading imports packages earlier than the user's code would.
function mayBeCausedByFork(failure: ModuleFailure): boolean {
  return failure.kind === "timeout" ||
    (failure.kind === "exception" && !failure.deepestIsProject);
}

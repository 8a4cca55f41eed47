import { ToolError } from "../errors.ts";
import {
  contractOf,
  type FindInterpreterOptions,
  type ModuleAnswer,
  type ModuleRun,
  type Question,
} from "../python/mod.ts";
import type { Clock } from "../runtime/mod.ts";
import type { Contract } from "../contract/mod.ts";
import { Asker, type Backend } from "./asker.ts";
import { OwnWrites } from "./own_writes.ts";
import { packagesStamp } from "./packages_stamp.ts";
import { Scheduler } from "./scheduler.ts";
import { startPython } from "./start_python.ts";
import {
  fileDigest,
  fileStamp,
  type ReadDigest,
  type ReadStamp,
  SourceStamps,
} from "./source_stamps.ts";
import { watchProject } from "./watch_project.ts";
import { Watcher } from "./watcher.ts";

/** A module and how Python is asked about it. */
export interface ModuleTarget {
  /** Python runs here and imports from here. */
  readonly folder: string;
  /** `module` or `module:app`, as given. */
  readonly entrypoint: string;
  /** The interpreter that was asked for; undefined: find one. */
  readonly python: string | undefined;
  readonly question: Question;
  /** Milliseconds without a change before Python is asked. */
  readonly debounce: number;
}

/** A module that was imported and described. */
export interface DescribedModule {
  readonly contract: Contract;
  readonly answer: ModuleAnswer;
  /** The process that imported it; it still runs if the question asked for it. */
  readonly run: ModuleRun;
  /** Time of the clock at which the run began. */
  readonly since: number;
}

/** The parts of a loop that use the system. Tests replace them. */
export interface LoopParts {
  readonly connect: (
    target: ModuleTarget,
    onWrote: (path: string) => void,
  ) => Promise<Backend>;
  readonly watch: typeof watchProject;
  readonly readStamp: ReadStamp;
  readonly readDigest: ReadDigest;
  readonly packagesStamp: typeof packagesStamp;
}

/** Options of {@link ModuleLoop}. */
export interface ModuleLoopOptions {
  readonly target: ModuleTarget;
  /** The configuration file to watch as well. */
  readonly config?: string | undefined;
  /** See {@link WatcherOptions}. */
  readonly poll?: boolean | undefined;
  readonly env: FindInterpreterOptions["env"];
  readonly cwd: string;
  readonly clock: Clock;
  readonly verbose?: boolean | undefined;
  readonly parts?: Partial<LoopParts> | undefined;
  /** Output of the user's code, in pieces. */
  readonly onOutput: (text: string) => void;
  /** Delivers a description. The next run begins after it; a ToolError goes to `onBroken`. */
  readonly onDescribed: (described: DescribedModule) => Promise<void>;
  /** The module cannot be described. Not called again for the same error, unless {@link ModuleLoop.describe} was called. */
  readonly onBroken: (error: ToolError) => void;
  /** A file of the source was saved; a description follows. */
  readonly onChange?: (() => void) | undefined;
  /** The backend writes these files itself at each start; they are not followed for now. */
  readonly onOwnWrites?: ((paths: readonly string[]) => void) | undefined;
  readonly onConfig?: () => void;
  /** The loop cannot continue: files cannot be watched any more (a ToolError), or an unexpected error. */
  readonly onFailure: (error: unknown) => void;
}

/** Watches a Python module with everything it imports from the project, and describes it after each change. */
export class ModuleLoop {
  readonly #options: ModuleLoopOptions;
  readonly #parts: LoopParts;
  readonly #stamps: SourceStamps;
  readonly #watcher: Watcher;
  readonly #scheduler: Scheduler;
  readonly #asker: Asker;
  readonly #ownWrites: OwnWrites;
  #target: ModuleTarget;
  /** The error that was reported last, if it still applies. */
  #lastError: string | undefined;
  #prefix: string | undefined;
  /** A Python that does not answer yet. */
  #next: Backend | undefined;
  #hasEnded = false;

  constructor(options: ModuleLoopOptions) {
    const { clock, target, config, parts, onConfig = () => {}, onFailure } = options;
    this.#options = options;
    this.#target = target;
    this.#parts = {
      connect: (target, onWrote) => startPython(target, { ...options, onWrote }),
      watch: watchProject,
      readStamp: fileStamp,
      readDigest: fileDigest,
      packagesStamp,
      ...parts,
    };
    const { readStamp, readDigest, watch } = this.#parts;
    this.#stamps = new SourceStamps(readStamp, readDigest);
    this.#ownWrites = new OwnWrites({
      onFound: (paths) => {
        if (!this.#hasEnded) options.onOwnWrites?.(paths);
      },
    });
    this.#asker = new Asker({ clock, stamp: () => this.#stamps.current() });
    this.#scheduler = new Scheduler({
      clock,
      debounce: () => this.#target.debounce,
      run: () => this.#run(),
      onQuiet: () => this.#askEarly(),
      onDue: () => this.#asker.cancelSoon(),
      onFailure: (error) => this.#fail(error),
    });
    this.#watcher = new Watcher({
      folder: target.folder,
      config,
      poll: options.poll,
      clock,
      stamps: this.#stamps,
      readStamp,
      packagesStamp: () => this.#parts.packagesStamp(this.#prefix),
      watch,
      isIdle: () => this.#scheduler.state === "idle",
      onSource: (path) => this.#changed(path),
      onConfig,
      onFailure,
    });
  }

  /** Returns true while a run is under way. */
  get isRunning(): boolean {
    return this.#scheduler.state === "running" || this.#scheduler.state === "running-again";
  }

  /**
   * Starts Python, watches, and describes the module for the first time. A module that cannot be described is reported
   * to `onBroken` and watched until it is fixed.
   *
   * @throws ToolError if Python cannot be used, or files cannot be watched
   */
  async start(): Promise<void> {
    await this.usePython(await this.#connect(this.#target));
    await this.#watcher.start();
    await this.describe();
    this.#watcher.startPolling();
  }

  /** Describes the module now, or directly after the run under way. Resolves when no further run is due. */
  describe(): Promise<void> {
    this.#lastError = undefined;
    return this.#scheduler.runNow();
  }

  /** Resolves when no run is under way. */
  get runs(): Promise<void> {
    return this.#scheduler.runs;
  }

  /** Describes another target from the next run on, which the caller starts; a question about the present one is cancelled. */
  setTarget(target: ModuleTarget): void {
    this.#target = target;
    this.#asker.cancel();
  }

  /** Starts another Python for {@link usePython}. @throws ToolError if it cannot be used */
  async startPython(target: ModuleTarget): Promise<Backend> {
    const backend = await this.#connect(target);
    this.#next = backend;
    try {
      await backend.hello();
    } catch (error) {
      await backend.end();
      throw error;
    }
    return backend;
  }

  /** Asks this Python from now on; the present one ends with all its processes. */
  async usePython(backend: Backend): Promise<void> {
    this.#next = undefined;
    await this.#asker.connect(backend);
    this.#prefix = (await backend.hello()).prefix;
    await this.#watcher.recordPackages();
  }

  /** The command that installs a package for the module's interpreter. */
  installCommand(name: string): string {
    return this.#asker.backend.installCommand(name);
  }

  /** Releases the port that Python holds for the server. */
  unlisten(): void {
    this.#asker.backend.unlisten();
  }

  /** Ends the watcher and every process. */
  async end(): Promise<void> {
    this.#hasEnded = true;
    this.#scheduler.stop();
    const closed = this.#watcher.end();
    await Promise.all([this.#asker.end(), this.#next?.end(), closed]);
  }

  #connect(target: ModuleTarget): Promise<Backend> {
    return this.#parts.connect(target, (path) => this.#ownWrites.wrote(path));
  }

  // Without a path: packages, or a folder.
  #changed(path: string | undefined): void {
    if (path !== undefined && this.#ownWrites.ignores(path)) return;
    this.#options.onChange?.();
    this.#asker.discardEarly();
    this.#scheduler.change();
  }

  #askEarly(): void {
    const isWanted = () => this.#scheduler.state === "settling";
    this.#asker.askEarly(this.#target.question, isWanted).catch((error) => this.#fail(error));
  }

  async #run(): Promise<void> {
    const since = this.#options.clock.monotonic();
    const target = this.#target;
    this.#ownWrites.began();
    try {
      await this.#stamps.record();
      const run = await this.#asker.ask(target.question);
      if (run === undefined || this.#hasEnded) return;
      const { answer } = run;
      this.#watcher.add(answer.files);
      if (answer.ok) await this.#stamps.setFiles(answer.files);
      else await this.#stamps.addFiles(answer.files);
      this.#stamps.recordContent().catch((error: unknown) => this.#fail(error));
      // The caller of setTarget describes the new one afterwards.
      if (target !== this.#target || this.#hasEnded) return void run.stop(0);
      await this.#deliver(run, target, since);
    } catch (error) {
      if (this.#hasEnded) return;
      if (!(error instanceof ToolError)) throw error;
      const text = JSON.stringify([error.message, error.where, error.position, error.fix]);
      if (text !== this.#lastError) this.#options.onBroken(error);
      this.#lastError = text;
    }
  }

  async #deliver(run: ModuleRun, target: ModuleTarget, since: number): Promise<void> {
    const { answer } = run;
    if (!answer.ok) {
      throw this.#asker.backend.errorOf(answer, target.question, this.#options.verbose);
    }
    try {
      const contract = contractOf(answer, target.entrypoint, target.folder);
      this.#lastError = undefined;
      await this.#options.onDescribed({ contract, answer, run, since });
    } catch (error) {
      void run.stop(0);
      throw error;
    }
  }

  #fail(error: unknown): void {
    if (!this.#hasEnded) this.#options.onFailure(error);
  }
}

import { stat } from "node:fs/promises";
import {
  compareGenerated,
  type GeneratedChanges,
  type GeneratedTypes,
  generateTypes,
  readGeneratedFile,
} from "../codegen/mod.ts";
import type { ProjectConfig, ProjectState } from "../config/mod.ts";
import { ToolError } from "../errors.ts";
import {
  contractOf,
  findInterpreter,
  type FindInterpreterOptions,
  importLimit,
  type Interpreter,
  type ModuleAnswer,
  type ModuleRun,
  type ProcessExit,
  PythonBackend,
  type Question,
  splitEntry,
} from "../python/mod.ts";
import type { Contract } from "../schema/mod.ts";
import { askRpc } from "./ask_http.ts";
import { deliverTypes, isGone, type TypesDelivery } from "./deliver_types.ts";
import { watcherFailed } from "./errors.ts";
import { outputLines } from "./output_lines.ts";
import { packagesStamp } from "./packages_stamp.ts";
import { isListening } from "./port_state.ts";
import { type WatchedProject, watchProject } from "./watch_project.ts";

/** What a session tells while it runs. */
export type DevEvent =
  /** A line that the backend printed. */
  | { readonly kind: "output"; readonly line: string }
  /** The backend was described; in server distribution nothing is delivered. */
  | {
    readonly kind: "contract";
    readonly procedures: number;
    readonly changes: GeneratedChanges;
    readonly deliveries: readonly TypesDelivery[];
    readonly answer: ModuleAnswer;
    readonly generated: GeneratedTypes;
    readonly server: ServerRole;
    /** Milliseconds from the end of the debounce until all was written. */
    readonly milliseconds: number;
  }
  /** The backend cannot be described; what was delivered and what is served stays. */
  | { readonly kind: "broken"; readonly error: ToolError }
  /** Types that had vanished were delivered again. */
  | { readonly kind: "restored"; readonly deliveries: readonly TypesDelivery[] }
  | {
    readonly kind: "server";
    readonly state: "started" | "restarted";
    readonly milliseconds: number;
  }
  | {
    readonly kind: "server_failed";
    readonly exit: ProcessExit | undefined;
    readonly reason: string | undefined;
    /** What it printed last. */
    readonly lines: readonly string[];
  }
  /** `GET /rpc` of the server that runs does not answer with a contract. */
  | {
    readonly kind: "schema_broken";
    readonly reason: string;
    /** The application demands credentials, which clients may have. */
    readonly isGuarded: boolean;
    /** Procedures that may be the cause, and why. */
    readonly suspects: readonly { readonly name: string; readonly reason: string }[];
  }
  | { readonly kind: "schema_mended" }
  /** The server that ran before the session has ended; the session starts its own. */
  | { readonly kind: "attached_ended" }
  /** `pyrpc.json` has changed and holds from now on. */
  | { readonly kind: "config"; readonly project: ProjectConfig }
  /** `pyrpc.json` has changed and cannot be used; the old one holds on. */
  | { readonly kind: "config_broken"; readonly error: ToolError };

/** Whether the session runs the backend's server; `attached`: another process runs it, until it ends. */
export type ServerRole = "own" | "attached" | "none";

/** How a {@link DevSession} is run. */
export interface DevSessionOptions {
  readonly project: ProjectConfig;
  /** Reads the configuration again, with the values of the command line on top. */
  readonly reload: () => Promise<ProjectState>;
  readonly env: FindInterpreterOptions["env"];
  readonly cwd: string;
  readonly server: ServerRole;
  /** Milliseconds of a clock that never jumps. */
  readonly monotonic: () => number;
  readonly verbose?: boolean;
  /** Collects garbage and returns free memory to the system; called after each description. */
  readonly freeMemory?: () => void;
  readonly onEvent: (event: DevEvent) => void;
  /** The session cannot go on: files cannot be watched any more (a ToolError), or a bug of ours. */
  readonly onFailure: (error: unknown) => void;
}

const NO_CHANGES: GeneratedChanges = {
  procedures: { added: [], changed: [], removed: [] },
  types: { added: [], changed: [], removed: [] },
};
// Somebody who saves without a pause sees results all the same.
const LONGEST_WAIT = 2000;
// Milliseconds: what imports for longer than this is given up when it was changed meanwhile.
const PATIENCE = 3000;
const LOOK_MS = 300;
const ATTACHED_MS = 500;
// One refused connection may be a restart.
const REFUSALS = 2;
// From this number of procedures on, garbage is also collected between the steps of one description.
const MANY = 100;
// An editor's save is several changes of a file within a few milliseconds.
const SETTLE_MS = 40;

/** A question asked while the debounce still runs. */
interface EarlyQuestion {
  readonly project: ProjectConfig;
  readonly server: ServerRole;
  /** The state of the known sources when it was asked. */
  readonly stamp: string;
  readonly run: Promise<ModuleRun>;
  readonly giveUp: AbortController;
}

/** The question that the present round waits for. */
interface Asking {
  readonly since: number;
  readonly giveUp: AbortController;
  timer: ReturnType<typeof setTimeout> | undefined;
}

/**
 * The development loop: a change of a source → debounce → the backend is described by a process of its own → types are
 * delivered → that very process serves, in the place of the one before.
 */
export class DevSession {
  #options: DevSessionOptions;
  #project: ProjectConfig;
  #server: ServerRole;
  #python: PythonBackend | undefined;
  #interpreter: Interpreter | undefined;
  #watched: WatchedProject | undefined;
  #output: ReturnType<typeof outputLines>;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #look: ReturnType<typeof setTimeout> | undefined;
  #attachedTimer: ReturnType<typeof setTimeout> | undefined;
  #early: EarlyQuestion | undefined;
  #asking: Asking | undefined;
  // The sources as they were when they were asked for last.
  #asked: { readonly files: readonly string[]; readonly stamp: string } | undefined;
  #earlyTimer: ReturnType<typeof setTimeout> | undefined;
  // How many early questions are still being given up.
  #discarding = 0;
  #files: readonly string[] = [];
  #waitingSince: number | undefined;
  #running: Promise<void> | undefined;
  #isAgain = false;
  #hasEnded = false;
  #generated: GeneratedTypes | undefined;
  #contract: Contract | undefined;
  #deliveries: readonly TypesDelivery[] = [];
  #serving: ModuleRun | undefined;
  #wasServing = false;
  #isSchemaBroken = false;
  // What the server prints while we ask it ourselves.
  #held: string[] | undefined;
  #configTimer: ReturnType<typeof setTimeout> | undefined;
  #stamp = "";
  #prefix: string | undefined;

  constructor(options: DevSessionOptions) {
    this.#options = options;
    this.#project = options.project;
    this.#server = options.server;
    this.#output = outputLines({
      onLine: (line) => {
        if (this.#held === undefined) this.#tell({ kind: "output", line });
        else this.#held.push(line);
      },
      monotonic: options.monotonic,
    });
  }

  /** The configuration that holds now. */
  get project(): ProjectConfig {
    return this.#project;
  }

  /** Who runs the backend's server now. */
  get server(): ServerRole {
    return this.#server;
  }

  /** The last good description. */
  get contract(): Contract | undefined {
    return this.#contract;
  }

  /** The types of {@link contract}. */
  get generated(): GeneratedTypes | undefined {
    return this.#generated;
  }

  /** Where the types were delivered last. */
  get deliveries(): readonly TypesDelivery[] {
    return this.#deliveries;
  }

  /** Whether a server of ours runs now. */
  get isServing(): boolean {
    return this.#serving !== undefined;
  }

  /**
   * Finds Python, starts watching and describes the backend for the first time. A backend that is broken is told as an
   * event: it is watched until it is mended.
   *
   * @throws ToolError when there is no Python to ask, or files cannot be watched.
   */
  async start(): Promise<void> {
    this.#interpreter = await this.#findInterpreter();
    // Fails here, once, when it is no Python that can be used at all.
    this.#prefix = (await this.#backend().hello()).prefix;
    this.#stamp = await packagesStamp(this.#prefix);
    await this.#watch();
    await this.regenerate();
    this.#lookAgain();
    this.#lookAtAttached(0);
  }

  /** Describes and delivers now. Two at once become one after the other. */
  regenerate(): Promise<void> {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#waitingSince = undefined;
    if (this.#running !== undefined) {
      // What has changed since it began is not in it.
      this.#isAgain = true;
      this.#giveUpSoon();
      return this.#running;
    }
    this.#running = this.#runUntilQuiet().finally(() => {
      this.#running = undefined;
    });
    return this.#running;
  }

  /** Ends server, worker and watcher; no process is left. */
  async end(): Promise<void> {
    this.#hasEnded = true;
    const timers = [
      this.#timer,
      this.#earlyTimer,
      this.#look,
      this.#attachedTimer,
      this.#configTimer,
    ];
    for (const timer of timers) clearTimeout(timer);
    const watched = this.#watched?.close();
    await this.#python?.end();
    this.#output.end();
    // Closing thousands of handles may take its time, and nothing depends on it.
    await Promise.race([watched, new Promise((done) => setTimeout(done, 100))]);
  }

  #tell(event: DevEvent): void {
    if (!this.#hasEnded) this.#options.onEvent(event);
  }

  #findInterpreter(): Promise<Interpreter> {
    const { env, cwd } = this.#options;
    const { python, folder } = this.#project;
    return findInterpreter({ python, env, folder, cwd });
  }

  #backend(): PythonBackend {
    const limit = importLimit(this.#options.env);
    this.#python ??= new PythonBackend({
      interpreter: this.#interpreter!,
      root: this.#project.folder,
      env: this.#options.env,
      preload: true,
      onOutput: (text) => this.#output.write(text),
      ...(limit === undefined ? {} : { limit }),
    });
    return this.#python;
  }

  async #watch(): Promise<void> {
    const { folder, path } = this.#project;
    try {
      this.#watched = await watchProject({
        folder,
        config: path,
        onSource: () => this.#schedule(),
        onConfig: () => this.#scheduleConfig(),
        onFailure: (error) => {
          if (!this.#hasEnded) this.#options.onFailure(watcherFailed(folder, error));
        },
      });
    } catch (error) {
      throw watcherFailed(folder, error instanceof Error ? error : new Error(String(error)));
    }
  }

  #schedule(): void {
    if (this.#hasEnded) return;
    const now = this.#options.monotonic();
    this.#waitingSince ??= now;
    const left = this.#waitingSince + Math.max(LONGEST_WAIT, this.#project.debounce) - now;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(
      () => this.#guard(this.regenerate()),
      Math.max(0, Math.min(this.#project.debounce, left)),
    );
    this.#discardEarly();
    clearTimeout(this.#earlyTimer);
    if (this.#project.debounce > 2 * SETTLE_MS) {
      this.#earlyTimer = setTimeout(() => this.#guard(this.#askEarly()), SETTLE_MS);
    }
  }

  // Python works while the debounce waits for more changes: if none come, the answer is there when it ends.
  async #askEarly(): Promise<void> {
    if (this.#running !== undefined || this.#discarding > 0 || this.#hasEnded) return;
    const project = this.#project;
    const stamp = await stampOf(this.#files);
    if (this.#timer === undefined || this.#running !== undefined || this.#hasEnded) return;
    this.#discardEarly();
    const giveUp = new AbortController();
    const server = this.#server;
    const run = this.#backend().ask({ ...questionOf(project, server), signal: giveUp.signal });
    run.catch(() => {});
    this.#early = { project, server, stamp, run, giveUp };
  }

  #discardEarly(): void {
    const early = this.#early;
    if (early === undefined) return;
    this.#early = undefined;
    this.#discarding++;
    // It may be an import that never ends.
    early.giveUp.abort();
    early.run.then((run) => run.stop(0), () => {}).finally(() => this.#discarding--);
  }

  // A question of the past must not keep one about what was saved since waiting, for a minute where an import hangs.
  #giveUpSoon(): void {
    const asking = this.#asking;
    if (asking === undefined || asking.timer !== undefined) return;
    const age = this.#options.monotonic() - asking.since;
    asking.timer = setTimeout(() => asking.giveUp.abort(), Math.max(0, PATIENCE - age));
  }

  async #askPatiently(question: Question): Promise<ModuleRun> {
    const giveUp = new AbortController();
    const asking: Asking = { since: this.#options.monotonic(), giveUp, timer: undefined };
    this.#asking = asking;
    try {
      return await this.#backend().ask({ ...question, signal: giveUp.signal });
    } finally {
      clearTimeout(asking.timer);
      if (this.#asking === asking) this.#asking = undefined;
    }
  }

  // The early answer if nothing has changed since it was asked for, else a new one.
  async #answer(project: ProjectConfig, server: ServerRole): Promise<ModuleRun> {
    const early = this.#early;
    const question = questionOf(project, server);
    if (early === undefined) return await this.#askPatiently(question);
    const run = await early.run.catch(() => undefined);
    const isCurrent = run !== undefined && early === this.#early && early.project === project &&
      early.server === server && early.stamp === await stampOf(this.#files);
    if (isCurrent && early === this.#early) {
      this.#early = undefined;
      return run;
    }
    if (early === this.#early) this.#discardEarly();
    return await this.#askPatiently(question);
  }

  // Work that nobody awaits: what it throws ends the session instead of the process.
  #guard(work: Promise<void>): void {
    work.catch((error: unknown) => {
      if (!this.#hasEnded) this.#options.onFailure(error);
    });
  }

  async #runUntilQuiet(): Promise<void> {
    do {
      this.#isAgain = false;
      try {
        await this.#describe();
      } catch (error) {
        if (this.#hasEnded) return;
        // Given up for the next round, which is due.
        if (this.#isAgain && error instanceof Error && error.name === "AbortError") continue;
        if (!(error instanceof ToolError)) throw error;
        this.#tell({ kind: "broken", error });
      }
    } while (this.#isAgain && !this.#hasEnded);
  }

  async #describe(): Promise<void> {
    const begin = this.#options.monotonic();
    const project = this.#project;
    const server = this.#server;
    const { entrypoint, folder, distribution } = project;
    clearTimeout(this.#earlyTimer);
    const python = this.#backend();
    const known = this.#files;
    this.#asked = { files: known, stamp: await stampOf(known) };
    const run = await this.#answer(project, server);
    if (this.#hasEnded) return;
    if (project !== this.#project || server !== this.#server) {
      // It has changed meanwhile: this is the answer to a question of the past.
      this.#isAgain = true;
      return void run.stop(0);
    }
    const { answer } = run;
    this.#files = answer.files;
    this.#watched?.add(answer.files);
    if (!answer.ok) {
      throw python.errorOf(answer, questionOf(project, server), this.#options.verbose);
    }
    try {
      const contract = contractOf(answer, entrypoint, folder);
      // What each step leaves behind must not add up where it is much.
      const free = contract.procedures.size < MANY ? undefined : this.#options.freeMemory;
      free?.();
      const generated = generateTypes(contract);
      free?.();
      const deliveries = distribution === "workspace" ? deliverTypes(generated, project) : [];
      const milliseconds = this.#options.monotonic() - begin;
      const changes = this.#changes(generated, deliveries);
      this.#contract = contract;
      this.#generated = generated;
      this.#deliveries = deliveries;
      this.#tell({
        kind: "contract",
        procedures: contract.procedures.size,
        changes,
        deliveries,
        answer,
        generated,
        server,
        milliseconds,
      });
    } catch (error) {
      void run.stop(0);
      throw error;
    }
    if (server === "own") await this.#serve(run);
    this.#options.freeMemory?.();
    if (server !== "none") await this.#checkServer(answer);
  }

  // What is different for the client: from the last time, or the first time from the file that was there.
  #changes(generated: GeneratedTypes, deliveries: readonly TypesDelivery[]): GeneratedChanges {
    const before = this.#generated?.text ??
      deliveries.find(({ state }) => state === "written")?.before;
    if (before === undefined || this.#generated?.hash === generated.hash) return NO_CHANGES;
    return compareGenerated(readGeneratedFile(before), readGeneratedFile(generated.text));
  }

  async #serve(run: ModuleRun): Promise<void> {
    const begin = this.#options.monotonic();
    const { host, port, framework } = this.#project;
    const before = this.#serving;
    this.#serving = undefined;
    await before?.stop();
    if (this.#hasEnded) return;
    const start = await run.serve({ host, port, framework });
    if (this.#hasEnded) return;
    if (start.kind === "ready") {
      this.#serving = run;
      void run.exited.then((exit) => this.#onServerEnd(run, exit));
      this.#tell({
        kind: "server",
        state: this.#wasServing ? "restarted" : "started",
        milliseconds: this.#options.monotonic() - begin,
      });
      this.#wasServing = true;
      return;
    }
    this.#python?.unlisten();
    if (start.kind === "unbound") void run.stop(0);
    // Its last words may still be under way.
    await new Promise((done) => setTimeout(done, 50));
    this.#tell({
      kind: "server_failed",
      exit: start.kind === "exit" ? start.exit : undefined,
      reason: start.kind === "unbound" ? start.reason : undefined,
      lines: this.#output.last,
    });
  }

  #onServerEnd(run: ModuleRun, exit: ProcessExit): void {
    // Not when it made way for another one.
    if (this.#serving !== run || this.#hasEnded) return;
    this.#serving = undefined;
    this.#python?.unlisten();
    setTimeout(() => {
      this.#tell({ kind: "server_failed", exit, reason: undefined, lines: this.#output.last });
    }, 50);
  }

  // In server distribution the clients depend on GET /rpc, which one procedure can break for all.
  async #checkServer(answer: ModuleAnswer): Promise<void> {
    if (this.#project.distribution !== "server") return;
    if (this.#server === "own" && this.#serving === undefined) return;
    this.#held ??= [];
    const state = await askRpc(this.#project.host, this.#project.port, 5000);
    // What it prints about it may come a moment after the answer.
    await new Promise((done) => setTimeout(done, 50));
    this.#release(state.kind === "answer" && state.status >= 500);
    if (this.#hasEnded) return;
    if (state.kind === "answer" && state.status === 200) {
      if (this.#isSchemaBroken) this.#tell({ kind: "schema_mended" });
      this.#isSchemaBroken = false;
      return;
    }
    this.#isSchemaBroken = true;
    const reason = state.kind === "answer"
      ? `answers ${state.status}`
      : state.kind === "refused"
      ? "cannot be reached"
      : `fails: ${state.reason}`;
    const suspects = [
      ...answer.problems.map(({ name, part, reason }) => ({
        name,
        reason: part === null || part === "return" ? reason : `parameter ${part}: ${reason}`,
      })),
      ...answer.adapted.map((name) => ({ name, reason: "a default that is no JSON" })),
    ];
    const isGuarded = state.kind === "answer" && (state.status === 401 || state.status === 403);
    this.#tell({ kind: "schema_broken", reason, isGuarded, suspects: isGuarded ? [] : suspects });
  }

  // Our own question is not worth a log line, and its failure, which is told in other words, not a traceback.
  #release(isFailure: boolean): void {
    const lines = this.#held ?? [];
    this.#held = undefined;
    const own = lines.findIndex((line) => line.includes('"GET /rpc '));
    lines.forEach((line, index) => {
      if (index !== own && !isFailure) this.#tell({ kind: "output", line });
    });
  }

  // Changes that no watcher of sources tells: delivered types that vanish, packages that come and go.
  #lookAgain(): void {
    this.#look = setTimeout(() => {
      this.#guard((async () => {
        await this.#restoreTypes();
        await this.#lookAtSources();
        const stamp = await packagesStamp(this.#prefix);
        if (stamp !== this.#stamp) {
          this.#stamp = stamp;
          this.#schedule();
        }
        if (!this.#hasEnded) this.#lookAgain();
      })());
    }, LOOK_MS);
  }

  // The server of another process ends without a word. A connection that asks nothing leaves no line in its log.
  #lookAtAttached(refusals: number): void {
    if (this.#server !== "attached" || this.#hasEnded) return;
    this.#attachedTimer = setTimeout(() => {
      this.#guard((async () => {
        const { host, port } = this.#project;
        const isThere = await isListening(host, port);
        if (this.#server !== "attached" || this.#hasEnded) return;
        const count = isThere ? 0 : refusals + 1;
        if (count < REFUSALS) return this.#lookAtAttached(count);
        this.#tell({ kind: "attached_ended" });
        await this.#serveOwn();
      })());
    }, ATTACHED_MS);
  }

  async #serveOwn(): Promise<void> {
    this.#server = "own";
    this.#isSchemaBroken = false;
    this.#discardEarly();
    await this.regenerate();
  }

  // A watcher may tell the first of two quick writes only.
  async #lookAtSources(): Promise<void> {
    const asked = this.#asked;
    const isBusy = () => this.#running !== undefined || this.#timer !== undefined;
    if (asked === undefined || isBusy()) return;
    const isSame = asked.stamp === await stampOf(asked.files);
    if (!isSame && !isBusy() && asked === this.#asked) this.#schedule();
  }

  async #restoreTypes(): Promise<void> {
    if (this.#generated === undefined || this.#running !== undefined) return;
    const isMissing = await Promise.all(this.#deliveries.map(async ({ path, root, error }) => {
      if (error === undefined) return path !== undefined && await isGone(path);
      // A client that had vanished itself, and is back.
      return error.code === "DEV_CLIENT_GONE" && !await isGone(root);
    }));
    if (!isMissing.includes(true) || this.#running !== undefined || this.#hasEnded) return;
    this.#deliveries = deliverTypes(this.#generated, this.#project);
    this.#tell({ kind: "restored", deliveries: this.#deliveries });
  }

  #scheduleConfig(): void {
    clearTimeout(this.#configTimer);
    this.#configTimer = setTimeout(() => this.#guard(this.#reloadConfig()), 100);
  }

  async #reloadConfig(): Promise<void> {
    try {
      const state = await this.#options.reload();
      if (this.#hasEnded) return;
      if (state.kind !== "ready") {
        throw new ToolError({
          code: "CONFIG_INCOMPLETE",
          message: `An answer is missing: ${state.missing.join(", ")}`,
          where: this.#project.path,
          fix: "Add it, or run pyrpc init",
          exitCode: 3,
        });
      }
      if (sameProject(state.project, this.#project)) return;
      const { python, host, port } = this.#project;
      this.#project = state.project;
      const hasMoved = state.project.host !== host || state.project.port !== port;
      // The server that runs is at the address from before.
      if (hasMoved && this.#server === "attached") this.#server = "own";
      if (state.project.python !== python) {
        this.#interpreter = await this.#findInterpreter();
        await this.#restartPython();
      } else if (hasMoved) {
        await this.#restartPython();
      }
      this.#tell({ kind: "config", project: state.project });
      await this.regenerate();
    } catch (error) {
      if (!(error instanceof ToolError)) throw error;
      this.#tell({ kind: "config_broken", error });
    }
  }

  async #restartPython(): Promise<void> {
    await this.#running;
    this.#serving = undefined;
    const python = this.#python;
    this.#python = undefined;
    await python?.end();
  }
}

function questionOf(project: ProjectConfig, server: ServerRole): Question {
  return {
    module: project.module,
    app: project.application,
    appModule: splitEntry(project.entrypoint).module,
    keep: server === "own",
    servable: server !== "none",
  };
}

// Times and sizes of sources: an event that came before the last byte was written must not be the last word.
async function stampOf(files: readonly string[]): Promise<string> {
  const stamps = await Promise.all(
    files.map((file) =>
      stat(file).then(({ mtimeMs, size, ino }) => `${mtimeMs} ${size} ${ino}`, () => "-")
    ),
  );
  return stamps.join();
}

function sameProject(a: ProjectConfig, b: ProjectConfig): boolean {
  const essence = ({ values: _, notices: __, ...rest }: ProjectConfig) => JSON.stringify(rest);
  return essence(a) === essence(b);
}

import type { ProjectConfig, ProjectState } from "../project/mod.ts";
import { endpointFault, type FindInterpreterOptions, type ModuleAnswer } from "../python/mod.ts";
import { startCommand } from "../process/mod.ts";
import type { Clock } from "../runtime/mod.ts";
import type { Contract } from "../contract/mod.ts";
import type { DiffReport } from "../report/mod.ts";
import { askRpc } from "./ask_http.ts";
import { checkAttachedContract, watchAttachedServer } from "./attached_server.ts";
import { BrokenLines, type CompileParts } from "./broken_lines.ts";
import { ConfigReload } from "./config_reload.ts";
import { type BackendSources, type ClientDelivery, typesOf } from "../delivery/mod.ts";
import { Deliverer } from "./deliverer.ts";
import type { DevEvent, ServerRole } from "./dev_event.ts";
import { type ExecCommand, ExecServer } from "./exec_server.ts";
import { DevServer } from "./dev_server.ts";
import { type DescribedModule, type LoopParts, ModuleLoop } from "./module_loop.ts";
import { keepDescribed } from "./keep_described.ts";
import { isListening } from "./port_state.ts";
import { targetOf } from "./project_target.ts";
import { SchemaCheck } from "./schema_check.ts";
import type { Described } from "./served_contract.ts";
import { ServerLog } from "./server_log.ts";
import { delay, reportProgress, startPolling } from "./timers.ts";

/** The parts of a session that use the system. Tests replace them. */
export interface SessionParts extends LoopParts, CompileParts {
  readonly startCommand: typeof startCommand;
  readonly askRpc: typeof askRpc;
  readonly isListening: typeof isListening;
}

/** Options of {@link DevSession}. */
export interface DevSessionOptions {
  readonly project: ProjectConfig;
  /** Reads the configuration again, with the values of the command line on top. */
  readonly reload: () => Promise<ProjectState>;
  readonly env: FindInterpreterOptions["env"];
  readonly cwd: string;
  readonly server: ServerRole;
  /** The command of the role `exec`. */
  readonly exec?: ExecCommand | undefined;
  /** The command of `exec` ended by itself. */
  readonly onExit?: (code: number) => void;
  readonly clock: Clock;
  readonly verbose?: boolean;
  /** Replace the types of another backend. */
  readonly force?: boolean;
  /** Write declaration maps into the Python source. @default {true} */
  readonly sourceMap?: boolean;
  /** List the lines of the clients that break, after each change. @default {false} */
  readonly brokenLines?: boolean;
  /** Compare files instead of waiting for events. @default where the file system reports no events */
  readonly poll?: boolean | undefined;
  /** Collects garbage and returns free memory to the system; called after each description. */
  readonly freeMemory?: () => void;
  readonly parts?: Partial<SessionParts>;
  readonly onEvent: (event: DevEvent) => void;
  /** The session cannot continue: files cannot be watched any more (a ToolError), or an unexpected error. */
  readonly onFailure: (error: unknown) => void;
}

const RESTORE_MS = 300;
/** A server may print about a request a moment after it has answered. */
const LATE_OUTPUT_MS = 50;
/** From this number of procedures on, garbage is also collected between the steps of one description. */
const MANY = 100;

/**
 * Development loop of a project: a {@link ModuleLoop} describes the backend after each change, a {@link Deliverer}
 * writes the types, and a {@link DevServer} serves with the very process that was described.
 */
export class DevSession {
  readonly #options: DevSessionOptions;
  readonly #clock: Clock;
  readonly #log: ServerLog;
  readonly #loop: ModuleLoop;
  readonly #deliverer: Deliverer;
  readonly #devServer: DevServer;
  readonly #exec: ExecServer | undefined;
  readonly #schemaCheck: SchemaCheck;
  readonly #configReload: ConfigReload;
  readonly #brokenLines: BrokenLines;
  #project: ProjectConfig;
  #server: ServerRole;
  #contract: Contract | undefined;
  #stopReporting = () => {};
  #stopRestoring = () => {};
  #stopWatchingServer = () => {};
  #stopCheckingServer = () => {};
  /** The types' hash of the last contract that the attached server had, or was to have. */
  #servedHash: string | undefined;
  #hasEnded = false;

  constructor(options: DevSessionOptions) {
    const { project, server, env, cwd, clock, verbose, parts } = options;
    this.#options = options;
    this.#deliverer = new Deliverer({ force: options.force });
    this.#clock = clock;
    this.#project = project;
    this.#server = server;
    const onEvent = (event: DevEvent) => this.#emit(event);
    const onLine = (line: string) => onEvent({ kind: "output", line });
    const log = new ServerLog({ clock, onLine, verbose });
    this.#log = log;
    this.#loop = new ModuleLoop({
      target: targetOf(project, server),
      config: project.path,
      poll: options.poll,
      env,
      cwd,
      clock,
      verbose,
      parts,
      onOutput: (text) => log.write(text),
      onDescribed: (described) => this.#deliver(described),
      onBroken: (error) => onEvent({ kind: "broken", error }),
      onChange: () => this.#brokenLines.cancel(),
      onOwnWrites: (paths) => onEvent({ kind: "own_writes", paths }),
      onConfig: () => this.#configReload.schedule(),
      onFailure: (error) => this.#fail(error),
    });
    this.#brokenLines = new BrokenLines({
      cwd,
      env,
      clock,
      isAutomatic: options.brokenLines ?? false,
      parts,
      onEvent,
      onFailure: (error) => this.#fail(error),
    });
    this.#devServer = new DevServer({
      clock,
      lastLines: () => log.last,
      unlisten: () => this.#loop.unlisten(),
      installCommand: (name) => this.#loop.installCommand(name),
      onEvent,
    });
    const ask = parts?.askRpc ?? askRpc;
    this.#exec = options.exec && new ExecServer({
      ...options.exec,
      cwd,
      env,
      clock,
      ask: async (...address) => {
        // The lines of these requests are not printed.
        log.hold();
        const state = await ask(...address);
        if (state.kind === "answer") await delay(clock, LATE_OUTPUT_MS);
        log.release(false);
        return state;
      },
      start: parts?.startCommand ?? startCommand,
      onOutput: (text) => log.write(text),
      onEvent,
      onExit: (code) => {
        onEvent({ kind: "exec_ended", code });
        if (!this.#hasEnded) options.onExit?.(code);
      },
      onFailure: (error) => this.#fail(error),
    });
    this.#schemaCheck = new SchemaCheck({ clock, log, ask, onEvent });
    this.#configReload = new ConfigReload({
      clock,
      load: options.reload,
      current: () => this.#project,
      apply: (project) => this.#apply(project),
      onBroken: (error) => onEvent({ kind: "config_broken", error }),
      onRecovery: () => onEvent({ kind: "config_recovered" }),
      onFailure: (error) => this.#fail(error),
    });
  }

  /** The configuration in use. */
  get project(): ProjectConfig {
    return this.#project;
  }

  /** The present {@link ServerRole}. */
  get server(): ServerRole {
    return this.#server;
  }

  /** The last good description. */
  get contract(): Contract | undefined {
    return this.#contract;
  }

  /** The targets of the last delivery. */
  get deliveries(): readonly ClientDelivery[] {
    return this.#deliverer.deliveries;
  }

  /** Returns true while a server of this session runs. */
  get isServing(): boolean {
    return this.#devServer.isRunning;
  }

  /**
   * Finds Python, starts watching and describes the backend for the first time. A backend that is broken is an event: it
   * is watched until it is fixed.
   *
   * @throws ToolError if Python cannot be used, or files cannot be watched
   */
  async start(): Promise<void> {
    this.#exec?.start(this.#project);
    this.#stopReporting = reportProgress(this.#clock, (seconds) => {
      this.#emit({ kind: "importing", seconds });
    });
    await this.#loop.start().finally(() => this.#stopReporting());
    if (this.#hasEnded) return;
    this.#stopRestoring = startPolling({
      clock: this.#clock,
      interval: RESTORE_MS,
      onFailure: (error) => this.#fail(error),
    }, () => this.#restoreTypes());
    if (this.#server === "attached") this.#watchAttached();
  }

  /** Describes, delivers and serves now. Two calls at once run one after the other. */
  regenerate(): Promise<void> {
    return this.#loop.describe();
  }

  /**
   * Lists the lines of the clients that break since the session began. The result is undefined before the first
   * description, and if the next change comes.
   *
   * @throws ToolError if the project has no clients
   */
  brokenLines(): Promise<DiffReport | undefined> {
    return this.#brokenLines.list();
  }

  /** Restarts the command of the role `exec`. */
  async restartCommand(): Promise<void> {
    await this.#exec?.restart(this.#project);
  }

  /** Ends server, worker and watcher; no process is left. */
  async end(): Promise<void> {
    this.#hasEnded = true;
    this.#brokenLines.cancel();
    this.#configReload.end();
    this.#stopRestoring();
    this.#stopWatchingServer();
    this.#stopCheckingServer();
    this.#devServer.end();
    this.#schemaCheck.end();
    await this.#loop.end();
    await this.#exec?.end();
    this.#log.end();
  }

  #emit(event: DevEvent): void {
    if (!this.#hasEnded) this.#options.onEvent(event);
  }

  #fail(error: unknown): void {
    if (!this.#hasEnded) this.#options.onFailure(error);
  }

  async #deliver({ contract, answer, run, since }: DescribedModule): Promise<void> {
    this.#stopReporting();
    const project = this.#project;
    const server = this.#server;
    const { host, port, framework, corsOrigins, distribution } = project;
    const { freeMemory } = this.#options;
    const free = contract.procedures.size < MANY ? undefined : freeMemory;
    free?.();
    const kept = keepDescribed(contract, answer, this.#contract);
    const types = typesOf(kept.contract);
    const generated = types(undefined);
    free?.();
    const { deliveries, changes, models, stale } = this.#deliverer.deliver(types, project, {
      unknown: kept.unknown,
      sources: this.#sourcesOf(answer),
    });
    this.#contract = kept.contract;
    this.#emit({
      kind: "contract",
      procedures: contract.procedures.size,
      changes,
      models,
      deliveries,
      answer,
      generated,
      server,
      milliseconds: this.#clock.monotonic() - since,
    });
    this.#brokenLines.described(kept.contract, generated.hash, project);
    if (stale.length > 0) this.#emit({ kind: "stale_types", paths: stale });
    if (server === "own") {
      const onRefusedOrigin = (origin: string) => this.#emit({ kind: "refused_origin", origin });
      const order = { host, port, framework, corsOrigins, onRefusedOrigin };
      await this.#devServer.replace(run, order);
    }
    freeMemory?.();
    if (server === "attached") this.#checkAttached({ contract, answer, project }, generated.hash);
    // The next change does not wait for the command.
    this.#exec?.described({ contract, answer, project }).catch((error) => this.#fail(error));
    const isServed = server === "attached" || this.#devServer.isRunning;
    const { entrypoint } = project;
    const isServedByDev = server === "own";
    const fault = endpointFault(answer, { entrypoint, framework, isServedByDev });
    const isUnknown = answer.app !== null && answer.app.endpoints === null;
    // A request costs a line in the log of some servers: without a doubt it is not needed for the types.
    const isChecked = distribution === "server" || fault !== undefined || isUnknown;
    if (isChecked && isServed && !this.#hasEnded) {
      await this.#schemaCheck.check(host, port, answer, fault);
    }
  }

  #sourcesOf({ definitions }: ModuleAnswer): BackendSources | undefined {
    const { sourceMap = true } = this.#options;
    const isMapped = sourceMap && definitions !== undefined && definitions !== null;
    return isMapped ? { definitions, folder: this.#project.folder } : undefined;
  }

  async #restoreTypes(): Promise<void> {
    const isBusy = () => this.#loop.isRunning || this.#hasEnded;
    if (isBusy() || !await this.#deliverer.isIncomplete() || isBusy()) return;
    this.#emit({ kind: "restored", deliveries: this.#deliverer.restore(this.#project) });
  }

  #watchAttached(): void {
    const { host, port } = this.#project;
    this.#stopWatchingServer = watchAttachedServer({
      host,
      port,
      clock: this.#clock,
      isListening: this.#options.parts?.isListening ?? isListening,
      onEnd: () => this.#serveOwn(),
      onFailure: (error) => this.#fail(error),
    });
  }

  #checkAttached(described: Described, hash: string): void {
    const isFirst = this.#servedHash === undefined;
    if (hash === this.#servedHash) return;
    this.#servedHash = hash;
    this.#stopCheckingServer();
    // It was compared before the session began.
    if (isFirst) return;
    this.#stopCheckingServer = checkAttachedContract(described, {
      clock: this.#clock,
      ask: this.#options.parts?.askRpc ?? askRpc,
      onStale: (response) => this.#emit({ kind: "attached_stale", response }),
      onFailure: (error) => this.#fail(error),
    });
  }

  async #serveOwn(): Promise<void> {
    this.#stopCheckingServer();
    this.#emit({ kind: "attached_ended" });
    this.#server = "own";
    this.#schemaCheck.reset();
    this.#loop.setTarget(targetOf(this.#project, "own"));
    await this.regenerate();
  }

  async #apply(project: ProjectConfig): Promise<void> {
    const { python, host, port } = this.#project;
    const hasMoved = project.host !== host || project.port !== port;
    // The attached server is at the previous address.
    const server = hasMoved && this.#server === "attached" ? "own" : this.#server;
    const target = targetOf(project, server);
    // Python holds the socket of the previous address.
    const backend = project.python !== python || hasMoved
      ? await this.#loop.startPython(target)
      : undefined;
    if (server !== this.#server) {
      this.#stopWatchingServer();
      this.#stopCheckingServer();
    }
    this.#project = project;
    this.#server = server;
    this.#loop.setTarget(target);
    if (backend !== undefined) {
      await this.#loop.runs;
      this.#devServer.forget();
      await this.#loop.usePython(backend);
    }
    this.#emit({ kind: "config", project });
    await this.regenerate();
  }
}

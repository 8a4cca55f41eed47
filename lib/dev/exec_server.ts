import { isDjangoRefusal } from "../django_urls.ts";
import type { RunningCommand, startCommand } from "../process/mod.ts";
import { type EndpointFault, endpointFault, SPLIT_ROUTES } from "../python/mod.ts";
import type { ProjectConfig } from "../project/mod.ts";
import type { Clock } from "../runtime/mod.ts";
import type { askRpc, HttpState } from "./ask_http.ts";
import type { ExecEvent } from "./dev_event.ts";
import { type Described, difference } from "./served_contract.ts";
import { delay } from "./timers.ts";

/** A command that runs the backend's server, instead of the session. */
export interface ExecCommand {
  /** A command line of the system's shell. */
  readonly line: string;
  /** True to restart it after each change without errors; otherwise it reloads itself. */
  readonly restarts: boolean;
}

/** Options of {@link ExecServer}. */
export interface ExecServerOptions extends ExecCommand {
  readonly cwd: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly clock: Clock;
  readonly ask: typeof askRpc;
  readonly start: typeof startCommand;
  readonly onOutput: (text: string) => void;
  readonly onEvent: (event: ExecEvent) => void;
  /** The command ended by itself. */
  readonly onExit: (code: number) => void;
  readonly onFailure: (error: unknown) => void;
}

/** A server has this long (ms) to answer with the project's contract. */
const READY_MS = 60_000;
const POLL_MS = 200;
/** Longest pause (ms) while the server answers with something else: each request is a line of its log. */
const MAX_POLL_MS = 2000;
const ANSWER_MS = 5000;
/** Django's refusal is reported after this time (ms): a server that reloads itself may still answer with the old routes. */
const REFUSED_MS = 3000;
/** Time (ms) from SIGTERM until SIGKILL. */
const END_MS = 5000;
const END_POLL_MS = 20;

/** The server that the user's own command runs: started once, restarted on request only, ended with the session. */
export class ExecServer {
  readonly #options: ExecServerOptions;
  #command: RunningCommand | undefined;
  /** Number of descriptions: only the last one is waited for. */
  #descriptions = 0;
  #restarts: Promise<void> = Promise.resolve();
  #hasAnswered = false;
  /** Django's refusal was reported, and the server has not answered with the contract since. */
  #isRefused = false;
  #hasEnded = false;

  constructor(options: ExecServerOptions) {
    this.#options = options;
  }

  /** Starts the command; `PYRPC_HOST` and `PYRPC_PORT` are the address that it is expected at. */
  start({ host, port }: Pick<ProjectConfig, "host" | "port">): void {
    const { line, cwd, env, start, onOutput, onExit, onFailure } = this.#options;
    const command = start(line, {
      cwd,
      env: { ...env, PYRPC_HOST: host, PYRPC_PORT: String(port) },
      onOutput,
    });
    this.#command = command;
    command.ended.then((code) => {
      if (this.#command === command && !this.#hasEnded) onExit(code);
    }, onFailure);
  }

  /** The project was described: restarts the command if wanted, and waits until it answers with the contract. */
  async described(described: Described): Promise<void> {
    const { restarts, clock, onEvent } = this.#options;
    const number = ++this.#descriptions;
    const isCurrent = () => number === this.#descriptions && !this.#hasEnded;
    const since = clock.monotonic();
    if (restarts && number > 1) await this.restart(described.project);
    if (!isCurrent()) return;
    let last: HttpState = { kind: "refused" };
    let pause = POLL_MS;
    while (clock.monotonic() - since < READY_MS) {
      const { host, port } = described.project;
      last = await this.#options.ask(host, port, ANSWER_MS);
      if (!isCurrent()) return;
      if (difference(last, described) === undefined) {
        const milliseconds = clock.monotonic() - since;
        if (!this.#hasAnswered) onEvent({ kind: "exec_ready", milliseconds });
        this.#hasAnswered = true;
        this.#isRefused = false;
        return;
      }
      const waited = clock.monotonic() - since;
      // Waiting does not help: the routes have to be changed.
      if (waited >= REFUSED_MS && !this.#isRefused && isRefusal(last)) {
        this.#isRefused = true;
        this.#reportUnready(last, described, waited);
      }
      await delay(clock, Math.min(pause, READY_MS - (clock.monotonic() - since)));
      if (!isCurrent()) return;
      pause = last.kind === "answer" ? Math.min(pause * 1.5, MAX_POLL_MS) : POLL_MS;
    }
    if (!(this.#isRefused && isRefusal(last))) this.#reportUnready(last, described, READY_MS);
  }

  #reportUnready(last: HttpState, described: Described, waited: number): void {
    this.#hasAnswered = false;
    this.#options.onEvent({
      kind: "exec_unready",
      seconds: Math.round(waited / 1000),
      response: difference(last, described) ?? "",
      fault: faultOf(last, described),
    });
  }

  /** Ends the command, and starts it again. */
  restart(address: Pick<ProjectConfig, "host" | "port">): Promise<void> {
    // One after the other: the port has to be free again.
    this.#restarts = this.#restarts.then(async () => {
      await this.#stop();
      this.#hasAnswered = false;
      if (!this.#hasEnded) this.start(address);
    });
    return this.#restarts;
  }

  /** Ends the command and everything that it started: SIGTERM, after five seconds SIGKILL. */
  async end(): Promise<void> {
    this.#hasEnded = true;
    await this.#restarts;
    await this.#stop();
  }

  async #stop(): Promise<void> {
    const { clock } = this.#options;
    const command = this.#command;
    this.#command = undefined;
    if (command === undefined || !command.isRunning()) return;
    const deadline = clock.monotonic() + END_MS;
    command.signal("SIGTERM");
    while (command.isRunning() && clock.monotonic() < deadline) await delay(clock, END_POLL_MS);
    if (command.isRunning()) command.signal("SIGKILL");
    await command.ended.catch(() => {});
  }
}

function faultOf(state: HttpState, { answer, project }: Described): EndpointFault | undefined {
  if (state.kind !== "answer" || state.status === 200) return undefined;
  if (isRefusal(state)) return SPLIT_ROUTES;
  return endpointFault(answer, { ...project, isServedByDev: false });
}

function isRefusal(state: HttpState): boolean {
  return state.kind === "answer" && isDjangoRefusal(state.status, state.body);
}

import type { ModuleRun, ProcessExit, ServeOrder, ServeStart } from "../python/mod.ts";
import type { Clock } from "../runtime/mod.ts";
import type { ServerEvent } from "./dev_event.ts";
import { delay } from "./timers.ts";

/** Options of {@link DevServer}. */
export interface DevServerOptions {
  readonly clock: Clock;
  /** The last lines of output, for the report of a failure. */
  readonly lastLines: () => readonly string[];
  /** Releases the port, which Python holds across restarts. */
  readonly unlisten: () => void;
  /** The command that installs a package for the backend's interpreter. */
  readonly installCommand: (name: string) => string;
  readonly onEvent: (event: ServerEvent) => void;
}

/** The last output of a process may arrive after its end. */
const LATE_OUTPUT_MS = 50;

/** The backend's server: the process that described the module serves it, in the place of the one before. */
export class DevServer {
  readonly #options: DevServerOptions;
  #run: ModuleRun | undefined;
  #hasStarted = false;
  #hasEnded = false;

  constructor(options: DevServerOptions) {
    this.#options = options;
  }

  get isRunning(): boolean {
    return this.#run !== undefined;
  }

  /** Stops the present server and serves with another process on the same socket. */
  async replace(run: ModuleRun, order: ServeOrder): Promise<void> {
    const { clock, unlisten, onEvent } = this.#options;
    const begin = clock.monotonic();
    const before = this.#run;
    this.#run = undefined;
    await before?.stop();
    if (this.#hasEnded) return;
    const start = await run.serve(order);
    if (this.#hasEnded) return;
    if (start.kind === "ready") {
      this.#run = run;
      void run.exited.then((exit) => this.#exited(run, exit));
      onEvent({
        kind: "server",
        state: this.#hasStarted ? "restarted" : "started",
        milliseconds: clock.monotonic() - begin,
      });
      this.#hasStarted = true;
      return;
    }
    unlisten();
    if (start.kind === "unbound") void run.stop(0);
    await this.#reportFailure(
      start.kind === "exit" ? start.exit : undefined,
      start.kind === "unbound" ? this.#reasonOf(start) : undefined,
    );
  }

  #reasonOf({ code, reason }: ServeStart & { readonly kind: "unbound" }): string {
    return code === "NO_UVICORN" ? `${reason}: ${this.#options.installCommand("uvicorn")}` : reason;
  }

  /** Ignores the end of the present server: all of Python is being replaced. */
  forget(): void {
    this.#run = undefined;
  }

  /** Reports nothing from now on. The process ends with the Python that started it. */
  end(): void {
    this.#hasEnded = true;
  }

  async #exited(run: ModuleRun, exit: ProcessExit): Promise<void> {
    if (this.#run !== run || this.#hasEnded) return;
    this.#run = undefined;
    this.#options.unlisten();
    await this.#reportFailure(exit, undefined);
  }

  async #reportFailure(exit: ProcessExit | undefined, reason: string | undefined): Promise<void> {
    const { clock, lastLines, onEvent } = this.#options;
    await delay(clock, LATE_OUTPUT_MS);
    if (!this.#hasEnded) onEvent({ kind: "server_failed", exit, reason, lines: lastLines() });
  }
}

import type { ProjectConfig, ProjectState } from "../project/mod.ts";
import { ToolError } from "../errors.ts";
import type { Clock } from "../runtime/mod.ts";
import { configIncomplete } from "./errors.ts";

/** Options of {@link ConfigReload}. */
export interface ConfigReloadOptions {
  readonly clock: Clock;
  /** Reads the configuration again. */
  readonly load: () => Promise<ProjectState>;
  /** The configuration in use. */
  readonly current: () => ProjectConfig;
  /** Applies a configuration that differs from the one in use. */
  readonly apply: (project: ProjectConfig) => Promise<void>;
  /** The file cannot be used. */
  readonly onBroken: (error: ToolError) => void;
  /** The file can be used again, and the configuration is that in use. */
  readonly onRecovery: () => void;
  readonly onFailure: (error: unknown) => void;
}

/** An editor writes a file in several steps. */
const SETTLE_MS = 100;

/** Reads the configuration again after its file has changed. */
export class ConfigReload {
  readonly #options: ConfigReloadOptions;
  #cancel = () => {};
  #isBroken = false;
  #hasEnded = false;

  constructor(options: ConfigReloadOptions) {
    this.#options = options;
  }

  /** The file has changed. */
  schedule(): void {
    if (this.#hasEnded) return;
    this.#cancel();
    this.#cancel = this.#options.clock.after(SETTLE_MS, () => {
      this.#reload().catch(this.#options.onFailure);
    });
  }

  end(): void {
    this.#hasEnded = true;
    this.#cancel();
  }

  async #reload(): Promise<void> {
    const { load, current, apply, onBroken } = this.#options;
    try {
      const state = await load();
      if (this.#hasEnded) return;
      if (state.kind !== "ready") throw configIncomplete(current().path, state.missing);
      if (!isSame(state.project, current())) await apply(state.project);
      else if (this.#isBroken) this.#options.onRecovery();
      this.#isBroken = false;
    } catch (error) {
      if (!(error instanceof ToolError)) throw error;
      this.#isBroken = true;
      onBroken(error);
    }
  }
}

function isSame(a: ProjectConfig, b: ProjectConfig): boolean {
  const essence = ({ values: _, warnings: __, ...rest }: ProjectConfig) => JSON.stringify(rest);
  return essence(a) === essence(b);
}

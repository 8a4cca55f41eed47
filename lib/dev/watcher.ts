import type { Clock } from "../runtime/mod.ts";
import { watcherFailed } from "./errors.ts";
import { isSettingsFile } from "./settings_files.ts";
import type { ReadStamp, SourceStamps } from "./source_stamps.ts";
import { startPolling } from "./timers.ts";
import type { WatchedProject, watchProject } from "./watch_project.ts";

/** Options of {@link Watcher}. */
export interface WatcherOptions {
  /** Folder of the project; changes of the Python files in it are reported. */
  readonly folder: string;
  /** The configuration file, if there is one. */
  readonly config: string | undefined;
  /** Compare the files instead of waiting for events. @default where the file system reports no events */
  readonly poll?: boolean | undefined;
  readonly clock: Clock;
  readonly stamps: SourceStamps;
  readonly readStamp: ReadStamp;
  /** Changes when packages are installed or removed. */
  readonly packagesStamp: () => Promise<string>;
  readonly watch: typeof watchProject;
  /** Sources are compared with their stored state only while this returns true. */
  readonly isIdle: () => boolean;
  /** A source has changed, or, without a path, packages or a folder. */
  readonly onSource: (path: string | undefined) => void;
  readonly onConfig: () => void;
  /** Files can no longer be watched (a ToolError), or an unexpected error. */
  readonly onFailure: (error: unknown) => void;
}

const POLL_MS = 300;
/** Closing thousands of handles may take long, and nothing depends on it. */
const CLOSE_MS = 100;

/** Reports changes of sources, packages and configuration: events of the file system, completed by polling. */
export class Watcher {
  readonly #options: WatcherOptions;
  #watched: WatchedProject | undefined;
  #packages = "";
  #config = "";
  #stopPolling = () => {};
  #hasEnded = false;

  constructor(options: WatcherOptions) {
    this.#options = options;
  }

  /** Resolves when changes are seen. @throws ToolError if files cannot be watched */
  async start(): Promise<void> {
    const { folder, config, poll, watch, readStamp } = this.#options;
    if (config !== undefined) this.#config = await readStamp(config);
    try {
      this.#watched = await watch({
        folder,
        config,
        poll,
        onSource: (path) => void this.#checkSource(path).catch((error) => this.#fail(error)),
        onConfig: () => void this.#pollConfig().catch((error) => this.#fail(error)),
        onFailure: (error) => this.#fail(watcherFailed(folder, error)),
      });
    } catch (error) {
      throw watcherFailed(folder, error instanceof Error ? error : new Error(String(error)));
    }
  }

  /** Finds the changes that no event reports, from now on. */
  startPolling(): void {
    const { clock, onFailure } = this.#options;
    if (this.#hasEnded) return;
    this.#stopPolling = startPolling({ clock, interval: POLL_MS, onFailure }, () => this.#poll());
  }

  /** Stores which packages are installed: only later changes are reported. */
  async recordPackages(): Promise<void> {
    this.#packages = await this.#options.packagesStamp();
  }

  /** Watches the folders of these files as well: the project imports them from outside. */
  add(files: readonly string[]): void {
    this.#watched?.add(files);
  }

  async end(): Promise<void> {
    this.#hasEnded = true;
    this.#stopPolling();
    let cancel = () => {};
    const late = new Promise<void>((resolve) => {
      cancel = this.#options.clock.after(CLOSE_MS, resolve);
    });
    await Promise.race([this.#watched?.close(), late]);
    cancel();
  }

  async #poll(): Promise<void> {
    const { stamps, isIdle, onSource, packagesStamp } = this.#options;
    await this.#pollConfig();
    if (isIdle()) {
      const changed = await stamps.changedFiles();
      if (isIdle() && !this.#hasEnded) changed.forEach(onSource);
    }
    const packages = await packagesStamp();
    if (packages === this.#packages || this.#hasEnded) return;
    this.#packages = packages;
    onSource(undefined);
  }

  // Editors and generators write files again without a change.
  async #checkSource(path: string): Promise<void> {
    const { stamps, onSource } = this.#options;
    const isFile = path.endsWith(".py") || isSettingsFile(path);
    if (isFile && !await stamps.isChanged(path)) return;
    if (!this.#hasEnded) onSource(isFile ? path : undefined);
  }

  // A late event after a poll that has seen the same change reports nothing.
  async #pollConfig(): Promise<void> {
    const { config, readStamp, onConfig } = this.#options;
    if (config === undefined) return;
    const stamp = await readStamp(config);
    if (stamp === this.#config || this.#hasEnded) return;
    this.#config = stamp;
    onConfig();
  }

  #fail(error: unknown): void {
    if (!this.#hasEnded) this.#options.onFailure(error);
  }
}

/** Options of {@link OwnWrites}. */
export interface OwnWritesOptions {
  /** The backend writes these files at each start; their changes are ignored from now on. Called once for each file. */
  readonly onFound: (paths: readonly string[]) => void;
}

/** Restarts without another change after which the files that caused them are ignored. */
const MAX_RESTARTS = 3;

/**
 * Finds files that the backend itself writes: each restart would cause the next one. They are ignored after three restarts,
 * known ones after one, until another file changes.
 */
export class OwnWrites {
  readonly #options: OwnWritesOptions;
  /** Files that the processes of the last two runs wrote: an event may arrive after the next run has begun. */
  #written = new Set<string>();
  #writtenBefore = new Set<string>();
  /** Changes since the last run began. */
  #changed = new Set<string>();
  #restarts = 0;
  #ignored = new Set<string>();
  readonly #named = new Set<string>();

  constructor(options: OwnWritesOptions) {
    this.#options = options;
  }

  /** The backend has opened a file for writing. */
  wrote(path: string): void {
    this.#written.add(path);
  }

  /** A file has changed. @returns true if the change is to be ignored */
  ignores(path: string): boolean {
    if (!this.#isOwn(path)) {
      this.#restarts = 0;
      this.#ignored.clear();
    } else if (this.#ignored.has(path)) return true;
    this.#changed.add(path);
    return false;
  }

  /** A run begins. */
  began(): void {
    const changed = [...this.#changed];
    this.#changed.clear();
    const isOwn = changed.length > 0 && changed.every((path) => this.#isOwn(path));
    this.#restarts = isOwn ? this.#restarts + 1 : 0;
    this.#writtenBefore = this.#written;
    this.#written = new Set();
    // A known file may depend on the file that was saved before it: one restart reads its new content.
    const isKnown = changed.length > 0 && changed.every((path) => this.#named.has(path));
    if (this.#restarts < (isKnown ? 1 : MAX_RESTARTS)) return;
    for (const path of changed) this.#ignored.add(path);
    const found = changed.filter((path) => !this.#named.has(path));
    for (const path of found) this.#named.add(path);
    if (found.length > 0) this.#options.onFound(found);
  }

  #isOwn(path: string): boolean {
    return this.#written.has(path) || this.#writtenBefore.has(path);
  }
}

import { createHash } from "node:crypto";
import { readFile, stat } from "node:fs/promises";

/** Describes the state of a file: two equal texts mean that it was not written in between. */
export type ReadStamp = (file: string) => Promise<string>;

/** Describes the content of a file. */
export type ReadDigest = (file: string) => Promise<string>;

/** The time, size and number of a file. */
export const fileStamp: ReadStamp = (file) =>
  stat(file).then(({ mtimeMs, size, ino }) => `${mtimeMs} ${size} ${ino}`, () => "-");

const EMPTY = "";

/** The hash of a file's bytes; an empty text for an empty file. */
export const fileDigest: ReadDigest = (file) =>
  readFile(file).then(
    (bytes) => bytes.length === 0 ? EMPTY : createHash("sha1").update(bytes).digest("base64"),
    () => "-",
  );

interface SourceState {
  readonly stamp: string;
  /** The content at the time of the stamp; undefined if it was not read. */
  readonly digest: string | undefined;
}

/**
 * The state of the project's sources when they were last read. It finds changes that no file watcher reported (of two quick
 * writes a watcher may report only the first), and writes that change nothing.
 */
export class SourceStamps {
  readonly #readStamp: ReadStamp;
  readonly #readDigest: ReadDigest;
  #states: Map<string, SourceState> = new Map();
  /** Content of files as of their last event: of those that no source imports, nothing else is known. */
  readonly #seen = new Map<string, string>();

  constructor(readStamp: ReadStamp, readDigest: ReadDigest) {
    this.#readStamp = readStamp;
    this.#readDigest = readDigest;
  }

  /**
   * Stores the state of the known sources. Called before they are read: a source that is written with the same bytes while
   * it is read, as generators do, has not changed.
   */
  async record(): Promise<void> {
    const now = await this.#readAll([...this.#states.keys()], this.#states);
    this.#states = new Map(
      await Promise.all(
        [...now].map(async ([file, { stamp, digest }]) =>
          [file, { stamp, digest: digest ?? await this.#readDigest(file) }] as const
        ),
      ),
    );
  }

  /** Replaces the known sources, after they were read; the state of those known before is kept. */
  async setFiles(files: readonly string[]): Promise<void> {
    const before = this.#states;
    const added = await this.#readAll(files.filter((file) => !before.has(file)), new Map());
    this.#states = new Map(
      files.map((file) => [
        file,
        before.get(file) ?? added.get(file) ?? { stamp: "-", digest: undefined },
      ]),
    );
  }

  /**
   * Adds known sources, after an import that failed: the module with the error, and those that import it, are not among
   * the files that were read.
   */
  async addFiles(files: readonly string[]): Promise<void> {
    await this.setFiles([...new Set([...this.#states.keys(), ...files])]);
  }

  /** Reads the content of sources whose content is not stored, unless they were written since. */
  async recordContent(): Promise<void> {
    const states = this.#states;
    const read = await Promise.all(
      [...states].map(async ([file, { stamp, digest }]) => {
        if (digest !== undefined) return [file, { stamp, digest }] as const;
        const content = await this.#readDigest(file);
        const isSame = await this.#readStamp(file) === stamp;
        return [file, { stamp, digest: isSame ? content : undefined }] as const;
      }),
    );
    if (states === this.#states) this.#states = new Map(read);
  }

  /**
   * Decides whether a file that was written has other content than before. A known source that is empty may be in the
   * middle of a write: {@link changedFiles} finds it if it stays empty.
   */
  async isChanged(file: string): Promise<boolean> {
    const digest = await this.#readDigest(file);
    const known = this.#states.get(file);
    const before = this.#seen.get(file);
    this.#seen.set(file, digest);
    if (known !== undefined) return known.digest !== digest && digest !== EMPTY;
    return before !== digest;
  }

  /** The known sources with other content than stored. */
  async changedFiles(): Promise<string[]> {
    const states = this.#states;
    const now = await this.#readAll([...states.keys()], states);
    if (states !== this.#states) return [];
    const written = [...now].filter(([file, { stamp }]) => stamp !== states.get(file)?.stamp);
    const changed: string[] = [];
    for (const [file, { stamp }] of written) {
      const digest = await this.#readDigest(file);
      if (digest !== states.get(file)?.digest) changed.push(file);
      else states.set(file, { stamp, digest });
    }
    return states === this.#states ? changed : [];
  }

  /** The state of the known sources now, as one text. */
  async current(): Promise<string> {
    const now = await this.#readAll([...this.#states.keys()], new Map());
    return [...now.values()].map(({ stamp }) => stamp).join();
  }

  async #readAll(
    files: readonly string[],
    before: ReadonlyMap<string, SourceState>,
  ): Promise<Map<string, SourceState>> {
    return new Map(
      await Promise.all(files.map(async (file) => {
        const stamp = await this.#readStamp(file);
        const known = before.get(file);
        return [file, {
          stamp,
          digest: known?.stamp === stamp ? known.digest : undefined,
        }] as const;
      })),
    );
  }
}

import { stat } from "node:fs/promises";

/** Describes the state of a file: two equal texts mean that it was not written in between. */
export type ReadStamp = (file: string) => Promise<string>;

/** The time, size and number of a file. */
export const fileStamp: ReadStamp = (file) =>
  stat(file).then(({ mtimeMs, size, ino }) => `${mtimeMs} ${size} ${ino}`, () => "-");

/**
 * The state of the project's sources when they were last read. It finds changes that no file watcher reported: of two
 * quick writes a watcher may report only the first.
 */
export class SourceStamps {
  readonly #read: ReadStamp;
  #stamps: ReadonlyMap<string, string> = new Map();

  constructor(read: ReadStamp) {
    this.#read = read;
  }

  /** Stores the state of the known sources. Called before they are read. */
  async record(): Promise<void> {
    this.#stamps = await this.#readAll([...this.#stamps.keys()]);
  }

  /** Replaces the known sources, after they were read; the state of those known before is kept. */
  async setFiles(files: readonly string[]): Promise<void> {
    const before = this.#stamps;
    const added = await this.#readAll(files.filter((file) => !before.has(file)));
    this.#stamps = new Map(files.map((file) => [file, before.get(file) ?? added.get(file) ?? "-"]));
  }

  /** Compares the known sources with their stored state. */
  async hasChanged(): Promise<boolean> {
    const stamps = this.#stamps;
    const now = await this.#readAll([...stamps.keys()]);
    return stamps === this.#stamps && joined(now) !== joined(stamps);
  }

  /** The state of the known sources now, as one text. */
  async current(): Promise<string> {
    return joined(await this.#readAll([...this.#stamps.keys()]));
  }

  async #readAll(files: readonly string[]): Promise<Map<string, string>> {
    return new Map(
      await Promise.all(files.map(async (file) => [file, await this.#read(file)] as const)),
    );
  }
}

function joined(stamps: ReadonlyMap<string, string>): string {
  return [...stamps.values()].join();
}

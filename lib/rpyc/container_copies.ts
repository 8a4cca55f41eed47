/** Copies of the client's containers. */
import { isPythonTuple } from "./python_types.ts";
import type { RemoteReference } from "./remote_references.ts";

interface Copy {
  readonly reference: RemoteReference;
  /** The contents when the copy was made, as {@link contentsOf} returns them. */
  readonly contents: readonly unknown[];
}

/** The copies that were made for one request. */
export class ContainerCopies {
  /** References whose objects were copied; they are released at the end of the request. */
  readonly references = new Set<RemoteReference>();
  /** The copy of each reference. Set before the items are copied, because a container may contain itself. */
  readonly byReference = new Map<RemoteReference, Promise<unknown>>();
  readonly #copies = new Map<object, Copy>();

  /** Stores the contents of a finished copy. */
  finish(copy: object, reference: RemoteReference): void {
    this.#copies.set(copy, { reference, contents: contentsOf(copy) });
  }

  /** Returns the reference that a value is an unchanged copy of. */
  original(value: object): RemoteReference | undefined {
    const copy = this.#copies.get(value);
    if (copy === undefined) return undefined;
    return this.#isUnchanged(value, new Set()) ? copy.reference : undefined;
  }

  clear(): void {
    this.#copies.clear();
  }

  #isUnchanged(value: unknown, visited: Set<unknown>): boolean {
    if (typeof value !== "object" || value === null || visited.has(value)) return true;
    const copy = this.#copies.get(value);
    if (copy === undefined) return !Array.isArray(value) || isPythonTuple(value);
    visited.add(value);
    const contents = contentsOf(value);
    return contents.length === copy.contents.length &&
      contents.every((item, index) =>
        Object.is(item, copy.contents[index]) && this.#isUnchanged(item, visited)
      );
  }
}

/** Returns the items of an array or set, or the keys and values of a dict, as a new array. */
function contentsOf(value: object): readonly unknown[] {
  if (Array.isArray(value) || value instanceof Set) return [...value];
  return value instanceof Map ? [...value].flat() : Object.entries(value).flat();
}

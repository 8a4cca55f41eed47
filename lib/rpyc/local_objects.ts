/** Local objects that the client holds references to. Each is kept until its reference count is 0. */
import type { BrineValue } from "./brine.ts";
import type { IdPack } from "./consts.ts";
import { viewOf } from "./objects/view_of.ts";
import type { PythonView } from "./objects/view.ts";
import { PythonError } from "./python_errors.ts";
import type { TypeHint } from "./type_hint.ts";

/** One object that the client holds a reference to. */
export interface LocalObject {
  readonly value: object;
  readonly view: PythonView;
  readonly pack: IdPack;
}

class Entry implements LocalObject {
  readonly value: object;
  readonly hint: TypeHint | undefined;
  readonly view: PythonView;
  readonly pack: IdPack;
  count = 0n;

  constructor(value: object, hint: TypeHint | undefined, view: PythonView, pack: IdPack) {
    this.value = value;
    this.hint = hint;
    this.view = view;
    this.pack = pack;
  }

  get isHeld(): boolean {
    return this.count > 0n;
  }
}

/** The table of one connection. Ids are unique numbers from a counter; 0 would denote a class. */
export class LocalObjects {
  // Numbers are faster keys than bigints, and a double represents every counter exactly.
  readonly #byId = new Map<number, Entry>();
  // Includes released objects: an object that is sent again keeps its id, as a method is for each access.
  readonly #byValue = new WeakMap<object, Entry>();
  readonly #classIds = new Map<string, bigint>();
  readonly #maximum: number;
  #nextId = 0x1000n;

  /** @param maximum number of objects that a client may hold references to */
  constructor(maximum: number) {
    this.#maximum = maximum;
  }

  get size(): number {
    return this.#byId.size;
  }

  /** Counts one reference to an object and returns its pack, to be sent. */
  send(value: object, hint?: TypeHint): IdPack {
    let entry = this.#byValue.get(value);
    if (entry === undefined || !entry.isHeld) {
      if (this.#byId.size >= this.#maximum) {
        throw new PythonError(
          "MemoryError",
          `more than ${this.#maximum} references are held by the client`,
        );
      }
      if (entry === undefined || entry.hint !== hint) {
        const view = viewOf(value, hint);
        const classId = this.#classId(view.className);
        entry = new Entry(value, hint, view, [view.className, classId, this.#nextId++]);
        this.#byValue.set(value, entry);
      }
      this.#byId.set(Number(entry.pack[2]), entry);
    }
    entry.count++;
    return entry.pack;
  }

  /** @throws PythonError `KeyError` for a reference that was never sent or is released, as in rpyc */
  find(pack: BrineValue): LocalObject {
    return this.#find(pack);
  }

  /** Releases `count` references; removes the object when none is left. */
  release(pack: IdPack, count: bigint): void {
    const entry = this.#find(pack);
    entry.count -= count;
    if (entry.isHeld) return;
    entry.count = 0n;
    this.#byId.delete(Number(entry.pack[2]));
  }

  clear(): void {
    this.#byId.clear();
  }

  #find(pack: BrineValue): Entry {
    if (Array.isArray(pack) && pack.length === 3) {
      const [name, classId, instanceId] = pack as readonly BrineValue[];
      // The conversion to a number is unique: counters are below 2^53.
      const entry = typeof instanceId === "bigint" ? this.#byId.get(Number(instanceId)) : undefined;
      if (entry !== undefined && entry.pack[1] === classId && entry.pack[0] === name) return entry;
    }
    throw new PythonError("KeyError", "unknown or released reference", {
      args: ["unknown or released reference"],
    });
  }

  #classId(name: string): bigint {
    let id = this.#classIds.get(name);
    if (id === undefined) {
      id = this.#nextId++;
      this.#classIds.set(name, id);
    }
    return id;
  }
}

/** References to the client's objects, counted as the client counts them. */
import type { BrineValue } from "./brine.ts";
import type { IdPack } from "./consts.ts";
import { PythonError } from "./python_errors.ts";

/** One object of the client. There is one reference for each object as long as it is in use. */
export class RemoteReference {
  readonly #record: RemoteRecord;

  constructor(record: RemoteRecord) {
    this.#record = record;
  }

  get pack(): IdPack {
    return this.#record.pack;
  }

  /** `module.Class` of the object. */
  get className(): string {
    return this.#record.pack[0];
  }

  /** True for a class, false for an instance. */
  get isClass(): boolean {
    return this.#record.pack[2] === 0n;
  }
}

interface RemoteRecord {
  readonly key: string;
  readonly pack: IdPack;
  /** Number of times that the client sent it, less the released ones. */
  count: bigint;
  held: WeakRef<RemoteReference> | undefined;
}

/** The table of one connection. */
export class RemoteReferences {
  readonly #records = new Map<string, RemoteRecord>();
  readonly #release: (pack: IdPack, count: bigint) => void;
  readonly #maximum: number;
  readonly #collected: FinalizationRegistry<RemoteRecord>;

  /**
   * @param maximum number of objects that may be referenced
   * @param release notifies the client of released references; called at any time until {@link clear}
   */
  constructor(maximum: number, release: (pack: IdPack, count: bigint) => void) {
    this.#maximum = maximum;
    this.#release = release;
    // A callback is released when the handler no longer references it, as a netref is in Python.
    this.#collected = new FinalizationRegistry((record) => this.#drop(record, record.count));
  }

  /** Returns the reference for a pack that the client sent, and counts it. */
  receive(value: BrineValue): RemoteReference {
    const pack = checkedPack(value);
    const key = `${pack[1]}:${pack[2]}:${pack[0]}`;
    const known = this.#records.get(key);
    const held = known?.held?.deref();
    if (known !== undefined && held !== undefined) {
      known.count++;
      return held;
    }
    if (this.#records.size >= this.#maximum) {
      throw new PythonError(
        "MemoryError",
        `more than ${this.#maximum} references of the client are held`,
      );
    }
    const record: RemoteRecord = { key, pack, count: 1n, held: undefined };
    const reference = new RemoteReference(record);
    record.held = new WeakRef(reference);
    this.#records.set(key, record);
    this.#collected.register(reference, record, record);
    return reference;
  }

  /** Releases one count of a reference. */
  release(reference: RemoteReference): void {
    const [name, classId, instanceId] = reference.pack;
    const record = this.#records.get(`${classId}:${instanceId}:${name}`);
    if (record !== undefined) this.#drop(record, 1n);
  }

  clear(): void {
    for (const record of this.#records.values()) this.#collected.unregister(record);
    this.#records.clear();
  }

  #drop(record: RemoteRecord, count: bigint): void {
    if (record.count <= 0n) return;
    record.count -= count;
    if (record.count <= 0n) {
      this.#collected.unregister(record);
      // The same object may have been received again between its collection and this call.
      if (this.#records.get(record.key) === record) this.#records.delete(record.key);
    }
    this.#release(record.pack, count);
  }
}

function checkedPack(value: BrineValue): IdPack {
  if (Array.isArray(value) && value.length === 3) {
    const [name, classId, instanceId] = value as readonly BrineValue[];
    if (typeof name === "string" && typeof classId === "bigint" && typeof instanceId === "bigint") {
      return [name, classId, instanceId];
    }
  }
  throw new PythonError("ValueError", "invalid reference");
}

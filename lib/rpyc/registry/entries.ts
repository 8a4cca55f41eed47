/** Which services run where: what a registry knows, without any network. */

/** Where a service can be reached. */
export interface Endpoint {
  readonly host: string;
  readonly port: number;
}

/** A registration as it is written to a state file. */
export interface RegistryEntry extends Endpoint {
  readonly name: string;
  /** Of the last keep-alive, in milliseconds since the epoch. */
  readonly time: number;
}

/** Bounds of {@link ServiceEntries}. */
export interface EntryLimits {
  /** Registrations at one time. @default {200,000} */
  readonly maxEntries: number;
  /** Registrations of one host at one time. @default {maxEntries} */
  readonly maxPerHost: number;
}

interface Entry extends Endpoint {
  readonly name: string;
  /** {@link endpointKey}, made once. */
  readonly at: string;
  time: number;
}

const DEFAULT_LIMITS: EntryLimits = { maxEntries: 200_000, maxPerHost: 200_000 };

/**
 * The registrations of a registry, by name in upper case. Each of them is in the order of the last keep-alive, so that what is stale
 * stands first: dropping it takes time by what is stale, not by what is there. Times must not go back.
 */
export class ServiceEntries {
  readonly #byName = new Map<string, Map<string, Entry>>();
  readonly #byEndpoint = new Map<string, Set<Entry>>();
  readonly #all = new Set<Entry>();
  readonly #perHost = new Map<string, number>();
  readonly #timeout: number;
  readonly #limits: EntryLimits;

  /** @param timeout milliseconds after which a registration without keep-alive is dropped */
  constructor(timeout: number, limits: Partial<EntryLimits> = {}) {
    this.#timeout = timeout;
    this.#limits = { ...DEFAULT_LIMITS, ...limits };
  }

  get size(): number {
    return this.#all.size;
  }

  /** Registers or renews a service. False when there is no room for another one. */
  register(name: string, endpoint: Endpoint, now: number): boolean {
    const upper = name.toUpperCase();
    const at = endpointKey(endpoint);
    const group = this.#byName.get(upper);
    const known = group?.get(at);
    if (group !== undefined && known !== undefined) {
      known.time = now;
      // To the end: all are ordered by time.
      this.#all.delete(known);
      this.#all.add(known);
      group.delete(at);
      group.set(at, known);
      return true;
    }
    const ofHost = this.#perHost.get(endpoint.host) ?? 0;
    if (this.#all.size >= this.#limits.maxEntries || ofHost >= this.#limits.maxPerHost) {
      return false;
    }
    this.#add({ name: upper, host: endpoint.host, port: endpoint.port, at, time: now });
    return true;
  }

  /** Removes an endpoint from every service. */
  unregister(endpoint: Endpoint): void {
    for (const entry of [...this.#byEndpoint.get(endpointKey(endpoint)) ?? []]) this.#remove(entry);
  }

  /** Where a service runs, the one with the oldest keep-alive first. */
  query(name: string, now: number): readonly Endpoint[] {
    this.prune(now);
    return [...this.#byName.get(name.toUpperCase())?.values() ?? []];
  }

  /** Names of the services, all or those that run on `host`. */
  list(host: string | undefined, now: number): readonly string[] {
    this.prune(now);
    if (host === undefined) return [...this.#byName.keys()];
    return [...this.#byName].filter(([, group]) =>
      [...group.values()].some((entry) => entry.host === host)
    )
      .map(([name]) => name);
  }

  /** Drops what is stale, also what nobody asks for. Returns what was dropped. */
  prune(now: number): readonly Endpoint[] {
    const dropped: Entry[] = [];
    for (const entry of this.#all) {
      if (now - entry.time <= this.#timeout) break;
      dropped.push(entry);
    }
    // The less of the two: taking out what is stale, or putting in what stays.
    if (2 * dropped.length <= this.#all.size) { for (const entry of dropped) this.#remove(entry); }
    else this.#startAnew([...this.#all].slice(dropped.length));
    return dropped;
  }

  /** Everything, for a state file. */
  entries(): readonly RegistryEntry[] {
    return [...this.#all].map(({ name, host, port, time }) => ({
      name,
      host,
      port,
      time,
    }));
  }

  /** Takes what was written before, oldest first. */
  restore(entries: readonly RegistryEntry[], now: number): void {
    const ordered = [...entries].sort((left, right) => left.time - right.time);
    for (const { name, host, port, time } of ordered) {
      this.register(name, { host, port }, Math.min(time, now));
    }
    this.prune(now);
  }

  #startAnew(entries: readonly Entry[]): void {
    for (const index of [this.#byName, this.#byEndpoint, this.#all, this.#perHost]) index.clear();
    for (const entry of entries) this.#add(entry);
  }

  #add(entry: Entry): void {
    const { name, host, at } = entry;
    this.#all.add(entry);
    groupOf(this.#byName, name, () => new Map<string, Entry>()).set(at, entry);
    groupOf(this.#byEndpoint, at, () => new Set<Entry>()).add(entry);
    this.#perHost.set(host, (this.#perHost.get(host) ?? 0) + 1);
  }

  #remove(entry: Entry): void {
    const { at } = entry;
    this.#all.delete(entry);
    const group = this.#byName.get(entry.name);
    group?.delete(at);
    if (group?.size === 0) this.#byName.delete(entry.name);
    const names = this.#byEndpoint.get(at);
    names?.delete(entry);
    if (names?.size === 0) this.#byEndpoint.delete(at);
    const left = (this.#perHost.get(entry.host) ?? 1) - 1;
    if (left === 0) this.#perHost.delete(entry.host);
    else this.#perHost.set(entry.host, left);
  }
}

function endpointKey({ host, port }: Endpoint): string {
  return `${host}\0${port}`;
}

function groupOf<Key, Group>(groups: Map<Key, Group>, key: Key, make: () => Group): Group {
  let group = groups.get(key);
  if (group === undefined) {
    group = make();
    groups.set(key, group);
  }
  return group;
}

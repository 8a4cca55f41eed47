/** The registrations of a registry, without any network. */

/** The address of a service. */
export interface Endpoint {
  readonly host: string;
  readonly port: number;
}

/** A registration in a state file. */
export interface RegistryEntry extends Endpoint {
  readonly name: string;
  /** Time of the last keep-alive, in milliseconds since the epoch. */
  readonly time: number;
}

/** Limits of {@link ServiceEntries}. */
export interface EntryLimits {
  /** Maximum number of registrations. @default {200,000} */
  readonly maxEntries: number;
  /** Maximum number of registrations of one host. @default {200,000} */
  readonly maxPerHost: number;
}

interface Entry extends Endpoint {
  readonly name: string;
  /** {@link endpointKey} of the endpoint. */
  readonly at: string;
  time: number;
}

const DEFAULT_LIMITS: EntryLimits = { maxEntries: 200_000, maxPerHost: 200_000 };

/**
 * Registrations by name in upper case. All collections are ordered by the last keep-alive, so that stale registrations come first
 * and removing them takes time proportional to their number. Times must not decrease.
 */
export class ServiceEntries {
  readonly #byName = new Map<string, Map<string, Entry>>();
  readonly #byEndpoint = new Map<string, Set<Entry>>();
  readonly #all = new Set<Entry>();
  readonly #perHost = new Map<string, number>();
  readonly #timeout: number;
  readonly #limits: EntryLimits;

  /** @param timeout milliseconds after which a registration without keep-alive is removed */
  constructor(timeout: number, limits: Partial<EntryLimits> = {}) {
    this.#timeout = timeout;
    this.#limits = { ...DEFAULT_LIMITS, ...limits };
  }

  get size(): number {
    return this.#all.size;
  }

  /** Registers or renews a service; returns false if a limit is reached. */
  register(name: string, endpoint: Endpoint, now: number): boolean {
    const upper = name.toUpperCase();
    const at = endpointKey(endpoint);
    const group = this.#byName.get(upper);
    const entry = group?.get(at);
    if (group !== undefined && entry !== undefined) {
      entry.time = now;
      // Moved to the end, to keep the order by time.
      this.#all.delete(entry);
      this.#all.add(entry);
      group.delete(at);
      group.set(at, entry);
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

  /** Returns the addresses of a service, oldest keep-alive first. */
  query(name: string, now: number): readonly Endpoint[] {
    this.prune(now);
    return [...this.#byName.get(name.toUpperCase())?.values() ?? []];
  }

  /** Returns the names of all services, or of those on `host`. */
  list(host: string | undefined, now: number): readonly string[] {
    this.prune(now);
    if (host === undefined) return [...this.#byName.keys()];
    return [...this.#byName].filter(([, group]) =>
      [...group.values()].some((entry) => entry.host === host)
    )
      .map(([name]) => name);
  }

  /** Removes and returns stale registrations. */
  prune(now: number): readonly Endpoint[] {
    const dropped: Entry[] = [];
    for (const entry of this.#all) {
      if (now - entry.time <= this.#timeout) break;
      dropped.push(entry);
    }
    // Removes the stale entries or rebuilds the collections of the others, whichever are fewer.
    if (2 * dropped.length <= this.#all.size) { for (const entry of dropped) this.#remove(entry); }
    else this.#rebuild([...this.#all].slice(dropped.length));
    return dropped;
  }

  /** Returns all registrations, for a state file. */
  entries(): readonly RegistryEntry[] {
    return [...this.#all].map(({ name, host, port, time }) => ({
      name,
      host,
      port,
      time,
    }));
  }

  /** Adds the registrations of a state file. */
  restore(entries: readonly RegistryEntry[], now: number): void {
    const ordered = [...entries].sort((left, right) => left.time - right.time);
    for (const { name, host, port, time } of ordered) {
      this.register(name, { host, port }, Math.min(time, now));
    }
    this.prune(now);
  }

  #rebuild(entries: readonly Entry[]): void {
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

import { ServiceEntries } from "./entries.ts";
import { type RegistryLog, type RegistryServer, serveRegistry } from "./registry_server.ts";
import { readState, writeState } from "./state_file.ts";

/** Options of {@link openRegistry}. */
export interface OpenRegistryOptions {
  readonly transport: "udp" | "tcp";
  readonly host: string;
  readonly port: number;
  readonly allowListing: boolean;
  /** Milliseconds after which a service without a keep-alive is removed. */
  readonly timeout: number;
  /** File that keeps the registrations across restarts. */
  readonly statePath?: string | undefined;
  /** Milliseconds since the epoch; must not go back. */
  readonly now: () => number;
  /** Receives each line of the log, with the port that is listened on. */
  readonly log: (line: RegistryLog, port: number) => void;
  readonly logsDebug: boolean;
}

/**
 * Serves a registry, and stores its registrations in a file if there is one.
 *
 * @throws ToolError if the address or the file cannot be used
 */
export async function openRegistry(options: OpenRegistryOptions): Promise<RegistryServer> {
  const { statePath, log, timeout, ...serving } = options;
  const entries = new ServiceEntries(timeout);
  if (statePath !== undefined) entries.restore(await readState(statePath), options.now());
  const early: RegistryLog[] = [];
  const listening = { port: 0 };
  let store: StateStore | undefined;
  const server = await serveRegistry({
    ...serving,
    entries,
    // Each line names the port: the first lines wait until it is known.
    log: (line) => listening.port === 0 ? void early.push(line) : log(line, listening.port),
    onChange: () => store?.changed(),
  });
  const close = async () => {
    await server.close();
    await store?.close();
  };
  const { port, host } = server;
  try {
    if (statePath !== undefined) {
      const write = () => writeState(statePath, entries);
      // A file that cannot be written fails the start, not the first registration.
      await write();
      const fail = (text: string) => log({ level: "ERROR", text }, port);
      store = stateStore(write, fail);
      store.changed();
    }
  } catch (error) {
    await close();
    throw error;
  }
  listening.port = port;
  for (const line of early) log(line, port);
  return { port, host, close };
}

interface StateStore {
  changed(): void;
  close(): Promise<void>;
}

const WRITE_DELAY = 500;

/** Writes soon after a change, not with every keep-alive of many servers. */
function stateStore(write: () => Promise<void>, fail: (text: string) => void): StateStore {
  let timer: ReturnType<typeof setTimeout> | undefined;
  let writing: Promise<void> = Promise.resolve();
  const save = () => {
    timer = undefined;
    writing = writing.then(write).catch((error: unknown) => {
      fail(error instanceof Error ? error.message : String(error));
    });
  };
  return {
    changed() {
      timer ??= setTimeout(save, WRITE_DELAY);
    },
    async close() {
      clearTimeout(timer);
      save();
      await writing;
    },
  };
}

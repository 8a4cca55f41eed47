import type { Contract } from "../contract/mod.ts";
import { defined } from "../defined.ts";
import {
  contractDocument,
  type Dispatcher,
  dispatcherOf,
  type Handler,
  type MessageService,
} from "../rpc/mod.ts";
import { listen, type Listener, loadHandlers } from "../server/mod.ts";
import { followModule } from "../watch/mod.ts";
import { PROTOCOLS } from "./connection_service.ts";
import { connectionWarnings } from "./log/mod.ts";
import { modeListeners } from "./mode_listeners.ts";
import { registerListeners, type RunningServer } from "./running_server.ts";
import type { ServeOptions, ServeOutput } from "./serve_options.ts";
import { servedDispatcher } from "./served_dispatcher.ts";

const CLOSE_GRACE_MS = 2000;

/** A {@link RunningServer} of the user's functions. */
export interface FunctionServer extends RunningServer {
  /** Names of the functions. */
  readonly procedures: readonly string[];
}

/**
 * Loads the handlers and serves them at every address. The event loop follows the handlers file; workers and children
 * load it when they start.
 *
 * @throws ToolError if the handlers or an address cannot be used
 */
export async function startServer(
  options: ServeOptions,
  output: ServeOutput,
): Promise<FunctionServer> {
  const { addresses, mode } = options;
  const loaded = await loadDispatcher(options, output.warn);
  const served = mode === undefined
    ? await serveInEventLoop(options, loaded, output)
    : await modeListeners({ ...options, mode }, output);
  const listeners: Listener[] = [];
  const registered: (() => Promise<void>)[] = [];
  const close = async () => {
    await Promise.all(registered.map((stop) => stop()));
    await Promise.all(listeners.map((listener) => listener.close(CLOSE_GRACE_MS)));
    await served.close();
  };
  try {
    for (const address of addresses) listeners.push(await served.listen(address));
  } catch (error) {
    await close();
    throw error;
  }
  return {
    listeners,
    procedures: loaded.names,
    ended: Promise.race([served.finished, ...listeners.map(({ ended }) => ended)]),
    register(registration, names, onEvent) {
      registered.push(
        ...registerListeners(addresses, listeners, registration, names, onEvent),
      );
    },
    close,
  };
}

async function serveInEventLoop(
  options: ServeOptions,
  loaded: LoadedDispatcher,
  output: ServeOutput,
) {
  const { protocol, settings, adapter, nats, addresses, handlers, maxInFlight } = options;
  const { console, requests, trace, onRefusedOrigin } = output;
  let { document } = loaded;
  const service: MessageService = {
    protocol: PROTOCOLS[protocol],
    dispatcher: loaded.dispatcher,
    limits: settings.messageLimits,
    trace: trace.trace,
    observe: requests.observe,
    now: console.monotonic,
  };
  const following = await followModule(handlers, async () => {
    const next = await loadDispatcher(options, output.warn);
    service.dispatcher = next.dispatcher;
    document = next.document;
    output.note("New handlers");
  }, output.failed);
  // Standard input is opened only if a listener reads it.
  const stdio = addresses.some(({ transport }) => transport === "stdio")
    ? { input: console.stdin.stream, output: console.stdout }
    : undefined;
  return {
    finished: new Promise<void>(() => {}),
    listen: (address: ServeOptions["addresses"][number]) =>
      listen(address, service, {
        adapter,
        ...settings,
        ...defined({ nats, stdio, maxInFlight }),
        onConnection: connectionWarnings(output.warn, handlers),
        onRefusedOrigin,
        document: (query) => contractDocument(document, query),
      }),
    close: () => following.close(),
  };
}

interface LoadedDispatcher {
  readonly dispatcher: Dispatcher;
  readonly document: Pick<Contract, "document">;
  readonly names: readonly string[];
}

async function loadDispatcher(
  { handlers: path, contract, lax }: ServeOptions,
  warn: (text: string) => void,
): Promise<LoadedDispatcher> {
  const handlers = await loadHandlers(path);
  const dispatcher = servedDispatcher({ contract, handlers, lax, warn });
  const names = [...handlers.keys()];
  if (contract !== undefined) {
    warnOfMissing(contract, handlers, warn);
    return { dispatcher, document: contract, names };
  }
  return { dispatcher, document: { document: dispatcherOf(handlers).describe() }, names };
}

function warnOfMissing(
  { procedures }: Contract,
  handlers: ReadonlyMap<string, Handler>,
  warn: (text: string) => void,
): void {
  const missing = [...procedures.keys()].filter((name) => handlers.get(name)?.fn === undefined);
  if (missing.length > 0) warn(`Without a handler, answered as not found: ${missing.join(", ")}`);
}

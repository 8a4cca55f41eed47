import { resolve } from "node:path";
import { formatDocument } from "../json/mod.ts";
import { type SourceFlags, sourceOptions } from "../cli/mod.ts";
import { defined } from "../defined.ts";
import type { Console } from "../runtime/mod.ts";
import { type LoadedSource, selectSource } from "../source/mod.ts";
import { followFiles, type Following, followModule, followSource } from "../watch/mod.ts";
import type { SessionEvents } from "./events.ts";
import { sourceWarnings } from "./served_contract.ts";
import type { MockSession } from "./session.ts";

/** Files and sources to follow. */
export interface FollowOptions extends SourceFlags {
  readonly handlers?: string;
  readonly examples?: string;
  /** Follow the source of the contract too. */
  readonly watch: boolean;
}

/** Callbacks of {@link followSession}. */
export interface FollowEvents extends SessionEvents {
  /** The session was reloaded. `what` is "handlers", "examples" or "contract". */
  reloaded(what: "handlers" | "examples" | "contract"): void;
  /** Output of a Python module while it is imported. */
  output(line: string): void;
}

/** Reloads the session when its handlers, examples and, if asked to, its contract change. */
export async function followSession(
  session: MockSession,
  options: FollowOptions,
  console: Console,
  events: FollowEvents,
): Promise<Following> {
  const following: Following[] = [];
  const { handlers, examples } = options;
  if (handlers !== undefined) {
    const reload = async () => {
      await session.reloadHandlers();
      events.reloaded("handlers");
    };
    following.push(await followModule(resolve(console.cwd, handlers), reload, events.failed));
  }
  if (examples !== undefined) {
    const reload = async () => {
      await session.reloadExamples();
      events.reloaded("examples");
    };
    following.push(await followFiles([resolve(console.cwd, examples)], reload, events.failed));
  }
  if (options.watch) {
    const source = await followContract(session, options, console, events);
    if (source === undefined) events.warn("--watch follows files, URLs and Python modules only");
    else following.push(source);
  }
  return {
    async close() {
      for (const one of following) await one.close();
    },
  };
}

async function followContract(
  session: MockSession,
  flags: SourceFlags,
  console: Console,
  events: FollowEvents,
): Promise<Following | undefined> {
  const { source, kind, where, etag } = session.served;
  if (source === undefined) return undefined;
  const updates = new ContractUpdates(session, events);
  const { options } = sourceOptions(flags, console);
  return await followSource({
    source,
    kind,
    where,
    options,
    context: console,
    ...defined({ etag }),
  }, {
    loaded: (loaded) => updates.apply(loaded),
    failed: updates.failed,
    output: events.output,
  });
}

/** Applies new versions of the contract to a session and reports when a broken source has recovered. */
class ContractUpdates {
  readonly #session: MockSession;
  readonly #events: FollowEvents;
  #document: string;
  #isBroken = false;

  constructor(session: MockSession, events: FollowEvents) {
    this.#session = session;
    this.#events = events;
    this.#document = formatDocument(session.contract.document);
  }

  /** @throws ToolError if the new contract cannot be served */
  apply(found: LoadedSource): void {
    const loaded = selectSource(found, this.#session.served.selection);
    const document = formatDocument(loaded.contract.document);
    if (document !== this.#document) {
      this.#document = document;
      this.#session.replaceContract(loaded);
      this.#events.reloaded("contract");
      for (const warning of sourceWarnings(loaded)) this.#events.warn(warning);
    } else if (this.#isBroken) this.#events.note("Recovered; the contract has not changed");
    this.#isBroken = false;
  }

  readonly failed = (error: unknown): void => {
    this.#isBroken = true;
    this.#events.failed(error);
  };
}

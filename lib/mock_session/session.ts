import { resolve } from "node:path";
import { type SelectionFlags, selectionOf, type SourceFlags, sourceOptions } from "../cli/mod.ts";
import type { Contract } from "../contract/mod.ts";
import { defined } from "../defined.ts";
import {
  createMockDispatcher,
  exampleResolver,
  type FaultRules,
  type LatencyRules,
  parseFaultRules,
  parseLatencyRules,
  type Sampler,
  samplerOf,
} from "../mock/mod.ts";
import { parseExamples, readExamplesFile } from "../mock/files/mod.ts";
import {
  createProxyDispatcher,
  openUpstream,
  type PassedCall,
  ProxyFindings,
  recordingDispatcher,
  type Upstream,
} from "../proxy/mod.ts";
import type { Dispatcher, Handler, Resolver } from "../rpc/mod.ts";
import { LOOPBACK_ORIGIN } from "../origins.ts";
import { rpcUrl } from "../rpc_url.ts";
import type { Console } from "../runtime/mod.ts";
import { loadHandlers } from "../server/mod.ts";
import type { LoadContext, LoadedSource, LoadOptions } from "../source/mod.ts";
import { needsRecord } from "./errors.ts";
import type { SessionEvents } from "./events.ts";
import type { Recorder } from "./recorder.ts";
import { loadServedContract, type ServedContract } from "./served_contract.ts";

/** Options of a {@link MockSession}; the flags of `pyrpc mock` are these. */
export interface SessionOptions extends SourceFlags, Partial<SelectionFlags> {
  /** SOURCE of the contract. */
  readonly source?: string | undefined;
  /** A file of handlers. */
  readonly handlers?: string;
  /** A file of examples. */
  readonly examples?: string;
  /** URL of the upstream server, which answers calls without a handler or example. */
  readonly proxy?: string;
  /** Callers authenticate to this server with `Authorization`, which is not forwarded then. */
  readonly authTokenEnv?: string;
  readonly authBasicFile?: string;
  /** Forward cookies to an upstream server that is not on this machine. */
  readonly forwardCookies?: boolean;
  /** File to record calls in. */
  readonly record?: string;
  /** Add to the recording that is there. */
  readonly recordAppend?: boolean;
  /** Keep passwords, tokens and the like in recordings and dumps. */
  readonly recordSecrets?: boolean;
  /** Folder to write answers to. */
  readonly dump?: string;
  readonly lax: boolean;
  readonly seed?: string;
  /** Generate different values for each call. */
  readonly random: boolean;
  readonly latency?: readonly string[];
  readonly error?: readonly string[];
}

/** Everything that was loaded and may change while the session runs. */
interface Loaded {
  readonly served: ServedContract;
  readonly handlers: ReadonlyMap<string, Handler> | undefined;
  /** The text of the examples file. */
  readonly examples: string | undefined;
}

interface Rules {
  readonly latency: LatencyRules;
  readonly faults: FaultRules;
}

/** The state behind a mock, proxy or explorer: contract, handlers, examples, upstream server, recording. */
export class MockSession {
  readonly upstream: Upstream | undefined;
  readonly recorder: Recorder | undefined;
  /** Findings about the upstream server, if there is one. */
  readonly findings: ProxyFindings | undefined;
  readonly #options: SessionOptions;
  readonly #console: Console;
  readonly #events: SessionEvents;
  readonly #load: LoadOptions;
  readonly #rules: Rules;
  #current: Loaded;
  /** The files as they are on disk. A contract may fit the examples only after both were edited. */
  #latest: Loaded;
  #dispatcher: Dispatcher;
  #examples: { contract: Contract; text: string; resolver: Resolver } | undefined;

  private constructor(
    options: SessionOptions,
    console: Console,
    events: SessionEvents,
    parts: Pick<MockSession, "upstream" | "recorder"> & {
      readonly load: LoadOptions;
      readonly rules: Rules;
    },
    loaded: Loaded,
  ) {
    this.#options = options;
    this.#console = console;
    this.#events = events;
    this.#load = parts.load;
    this.#rules = parts.rules;
    this.upstream = parts.upstream;
    this.recorder = parts.recorder;
    this.findings = parts.upstream === undefined ? undefined : new ProxyFindings();
    this.#current = loaded;
    this.#latest = loaded;
    this.#dispatcher = this.#build(loaded);
  }

  /** Loads everything that the options name. @throws ToolError */
  static async open(
    options: SessionOptions,
    console: Console,
    events: SessionEvents,
  ): Promise<MockSession> {
    const rules = {
      latency: parseLatencyRules(options.latency ?? []),
      faults: parseFaultRules(options.error ?? []),
    };
    const { options: load, context } = sourceOptions(options, console);
    const upstream = options.proxy === undefined
      ? undefined
      : await connectUpstream(options.proxy, options, load, context);
    try {
      const recorder = await openRecorder(options, console, events);
      const handlers = await readHandlers(options, console);
      const served = await loadServedContract(
        {
          source: options.source,
          upstream: options.proxy,
          handlers,
          load,
          selection: selectionOf(options),
        },
        console,
      );
      const examples = await readExamples(options, console);
      const parts = { upstream, recorder, load, rules };
      return new MockSession(options, console, events, parts, { handlers, served, examples });
    } catch (error) {
      upstream?.close();
      throw error;
    }
  }

  get served(): ServedContract {
    return this.#current.served;
  }

  get contract(): Contract {
    return this.#current.served.contract;
  }

  get handlers(): ReadonlyMap<string, Handler> | undefined {
    return this.#current.handlers;
  }

  /** Answers calls from what is loaded at present; replaced by each reload. */
  get dispatcher(): Dispatcher {
    return this.#dispatcher;
  }

  /** Loads the handlers again, and the contract if it is theirs. @throws ToolError */
  async reloadHandlers(): Promise<void> {
    const handlers = await readHandlers(this.#options, this.#console);
    if (this.served.kind !== "handlers") return this.#update({ handlers });
    const { source, proxy } = this.#options;
    const served = await loadServedContract(
      {
        source,
        upstream: proxy,
        handlers,
        load: this.#load,
        selection: selectionOf(this.#options),
      },
      this.#console,
    );
    this.#update({ handlers, served });
  }

  /** Reads the examples again. @throws ToolError */
  async reloadExamples(): Promise<void> {
    this.#update({ examples: await readExamples(this.#options, this.#console) });
  }

  /** Serves another version of the contract. @throws ToolError if the examples do not fit it */
  replaceContract(loaded: LoadedSource): void {
    const { source, selection } = this.served;
    this.#update({ served: { ...loaded, ...defined({ source }), selection, warnings: [] } });
  }

  /** Returns true if the file of examples has answers of a procedure. */
  hasExample(name: string): boolean {
    const procedure = this.contract.procedures.get(name);
    return procedure !== undefined && (this.#examples?.resolver.covers(procedure) ?? false);
  }

  /** Names in rules of latency and errors that neither the contract nor the handlers have. */
  unknownRuleNames(): readonly string[] {
    const names = new Set([...this.#rules.latency.keys(), ...this.#rules.faults.keys()]);
    return [...names].filter((name) =>
      name !== "" && !this.contract.procedures.has(name) &&
      this.handlers?.get(name)?.fn === undefined
    );
  }

  /** Makes the sampler of the session's options. */
  sampler(): Sampler {
    const { seed, random } = this.#options;
    const { warn } = this.#events;
    return samplerOf(defined({ seed, varies: random, random: this.#console.random, warn }));
  }

  // An edit that fails together with earlier ones may fit on its own, and the other way round.
  #update(change: Partial<Loaded>): void {
    this.#latest = { ...this.#latest, ...change };
    let failure: unknown;
    for (const candidate of [this.#latest, { ...this.#current, ...change }]) {
      try {
        this.#dispatcher = this.#build(candidate);
        this.#current = candidate;
        return;
      } catch (error) {
        failure ??= error;
      }
    }
    throw failure;
  }

  #build(loaded: Loaded): Dispatcher {
    const { recorder, upstream } = this;
    const dispatcher = this.#mockDispatcher(loaded);
    // The proxy dispatcher records the calls that pass through.
    if (recorder === undefined || upstream !== undefined) return dispatcher;
    return recordingDispatcher(
      dispatcher,
      loaded.served.contract,
      (passed) => recorder.add(passed),
    );
  }

  #mockDispatcher({ served: { contract }, handlers, examples }: Loaded): Dispatcher {
    const { lax, seed, random } = this.#options;
    const { warn } = this.#events;
    const sampler = this.sampler();
    return createMockDispatcher({
      contract,
      resolvers: this.#exampleResolvers(contract, sampler, examples),
      sampler,
      lax,
      varies: random,
      random: this.#console.random,
      warn,
      ...this.#rules,
      ...defined({ handlers, seed, upstream: this.#upstreamDispatcher(contract) }),
      onViolation: ({ procedure, resolver, data }) =>
        warn(
          `The ${resolver} of ${procedure.name} returned a value that its schema rejects: ${
            JSON.stringify(data)
          }`,
        ),
    });
  }

  #exampleResolvers(
    contract: Contract,
    sampler: Sampler,
    text: string | undefined,
  ): readonly Resolver[] {
    const { examples: where } = this.#options;
    if (text === undefined || where === undefined) return [];
    // The items of collections stay when only the handlers change.
    const last = this.#examples;
    if (last?.contract === contract && last.text === text) return [last.resolver];
    const resolver = exampleResolver(parseExamples(text, { contract, sampler, where }));
    this.#examples = { contract, text, resolver };
    return [resolver];
  }

  #upstreamDispatcher(contract: Contract): Dispatcher | undefined {
    const { upstream, recorder, findings } = this;
    if (upstream === undefined || findings === undefined) return undefined;
    const { warn, violation: onNew } = this.#events;
    const onPassed = recorder === undefined
      ? undefined
      : (passed: PassedCall) => recorder.add(passed);
    return createProxyDispatcher({
      contract,
      upstream,
      warn,
      onViolation: (violation) => {
        if (findings.addViolation(violation)) onNew(violation);
      },
      onUntypedValue: (procedure, value) => findings.addUntypedValue(procedure, value),
      ...defined({ onPassed }),
    });
  }
}

async function connectUpstream(
  url: string,
  { authTokenEnv, authBasicFile, forwardCookies = false }: SessionOptions,
  load: LoadOptions,
  context: LoadContext,
) {
  // Loaded late: HTTP and TLS start slowly, and most sessions have no upstream server.
  const { connectServer } = await import("../http/mod.ts");
  const server = rpcUrl(url);
  return openUpstream(await connectServer(server, load, context), {
    forwardsAuthorization: authTokenEnv === undefined && authBasicFile === undefined,
    // Browsers send the cookies of all servers of this machine.
    forwardsCookies: forwardCookies || LOOPBACK_ORIGIN.test(server.url.origin),
  });
}

async function openRecorder(
  { record, recordAppend, recordSecrets, dump, examples }: SessionOptions,
  console: Console,
  { warn }: SessionEvents,
): Promise<Recorder | undefined> {
  if (record === undefined) {
    if (recordAppend === true) throw needsRecord("--record-append", "--record FILE");
    if (recordSecrets === true && dump === undefined) {
      throw needsRecord("--record-secrets", "--record FILE or --dump FOLDER");
    }
    return undefined;
  }
  const { Recorder } = await import("./recorder.ts");
  return new Recorder({
    path: resolve(console.cwd, record),
    examples: examples === undefined ? undefined : resolve(console.cwd, examples),
    clock: console,
    warn,
    ...defined({ appends: recordAppend, keepsSecrets: recordSecrets }),
  });
}

async function readHandlers({ handlers }: SessionOptions, { cwd }: Console) {
  return handlers === undefined ? undefined : await loadHandlers(resolve(cwd, handlers));
}

async function readExamples({ examples }: SessionOptions, { cwd }: Console) {
  return examples === undefined ? undefined : await readExamplesFile(resolve(cwd, examples));
}

import type { Contract } from "../contract/mod.ts";
import { defined } from "../defined.ts";
import {
  type CallContext,
  ContractDispatcher,
  type Dispatcher,
  dispatcherOf,
  failed,
  type Handler,
  handlerResolver,
  type Outcome,
  type Resolver,
  type ResultViolation,
  type RpcCall,
  stackDispatchers,
  succeeded,
} from "../rpc/mod.ts";
import {
  type FaultRule,
  type FaultRules,
  type Latency,
  type LatencyRules,
  parseRequestControl,
  type RequestControl,
} from "./rules.ts";
import type { StatefulResolver } from "./examples/mod.ts";
import { createSampler, type Sampler } from "./values/mod.ts";

/** Options of {@link createMockDispatcher}. */
export interface MockOptions {
  readonly contract: Contract;
  /** The user's functions by procedure name. */
  readonly handlers?: ReadonlyMap<string, Handler>;
  /** Resolvers between the handlers and the sample values, such as examples. */
  readonly resolvers?: readonly (Resolver | StatefulResolver)[];
  /** Generates sample values. @default {samplerOf(options)} */
  readonly sampler?: Sampler;
  /** An upstream server, which answers the remaining calls instead of sample values. */
  readonly upstream?: Dispatcher;
  /** Answer the remaining calls with sample values. @default {true} */
  readonly values?: boolean;
  /** Coerce arguments as Pydantic does. @default {false} */
  readonly lax?: boolean;
  /** Seed of the sample values. @default {""} */
  readonly seed?: string;
  /** Numbers from 0 to below 1 for latencies and faults. */
  readonly random: () => number;
  /** Sample values differ from call to call. @default {false} */
  readonly varies?: boolean;
  readonly latency?: LatencyRules;
  readonly faults?: FaultRules;
  readonly onViolation?: (violation: ResultViolation) => void;
  readonly warn?: (message: string) => void;
}

/** The code of JSON-RPC for internal errors. */
const NO_VALUE = -32603;

/** The request header that controls latency, error and seed of one call, and resets collections. */
export const CONTROL_HEADER = "x-pyrpc-mock";

/**
 * Makes a dispatcher of a contract. It validates arguments and results, and answers with handlers, then with the other
 * resolvers, then with sample values, which fit the schema and are the same for the same call.
 */
export function createMockDispatcher(options: MockOptions): Dispatcher {
  const { contract, handlers, resolvers = [], upstream, random, onViolation, warn } = options;
  const { faults = new Map(), latency = new Map(), lax = false, values = true } = options;
  const hasValues = upstream === undefined && values;
  const contractDispatcher = new ContractDispatcher({
    contract,
    resolvers: [
      faultResolver(faults, random),
      ...(handlers === undefined ? [] : [handlerResolver(handlers)]),
      ...resolvers,
      ...(hasValues ? [valueResolver(options)] : []),
    ],
    lax,
    ...defined({ onViolation, warn }),
  });
  const others = new Map(
    [...handlers ?? []].filter(([name, { fn }]) =>
      fn !== undefined && !contract.procedures.has(name)
    ),
  );
  const local = others.size === 0
    ? contractDispatcher
    : stackDispatchers(contractDispatcher, dispatcherOf(others));
  const dispatcher = upstream === undefined ? local : withUpstream(local, upstream, faults);
  return delayed(resettable(dispatcher, resolvers), latency, random);
}

/** Resets the resolvers when a message's header asks for it: once, before the first call of a batch. */
function resettable(
  dispatcher: Dispatcher,
  resolvers: readonly (Resolver | StatefulResolver)[],
): Dispatcher {
  const stateful = resolvers.filter((resolver) => "reset" in resolver);
  if (stateful.length === 0) return dispatcher;
  const served = new WeakSet<CallContext>();
  return {
    has: (method) => dispatcher.has(method),
    dispatch(call, context) {
      if (controlOf(context)?.reset === true && !served.has(context)) {
        served.add(context);
        for (const resolver of stateful) resolver.reset();
      }
      return dispatcher.dispatch(call, context);
    },
  };
}

/** Answers locally where possible, and else by the upstream server, which validates its calls itself. */
function withUpstream(local: Dispatcher, upstream: Dispatcher, faults: FaultRules): Dispatcher {
  const mayAnswer = (method: string) => local.has(method) || faults.has(method) || faults.has("");
  return {
    has: (method) => local.has(method) || upstream.has(method),
    dispatch(call, context) {
      if (!mayAnswer(call.method) && controlOf(context)?.error === undefined) {
        return upstream.dispatch(call, context);
      }
      const outcome = local.dispatch(call, context);
      // Examples may match other arguments only, and a fault may have a low probability.
      const orUpstream = (outcome: Outcome) =>
        !outcome.ok && outcome.fault.kind === "method-not-found"
          ? upstream.dispatch(call, context)
          : outcome;
      return outcome instanceof Promise ? outcome.then(orUpstream) : orUpstream(outcome);
    },
  };
}

/** The control header of a call, parsed. */
function controlOf(context: CallContext): RequestControl | undefined {
  const header = context.headers?.[CONTROL_HEADER];
  return typeof header === "string" ? parseRequestControl(header) : undefined;
}

function faultResolver(rules: FaultRules, random: () => number): Resolver {
  const outcomeOf = (rule: FaultRule | undefined): Outcome | undefined =>
    rule !== undefined && (rule.probability >= 1 || random() < rule.probability)
      ? failed({ kind: "procedure", code: rule.code, message: rule.message })
      : undefined;
  return {
    name: "error",
    isTrusted: true,
    covers: () => false,
    answer: ({ procedure, context }) =>
      outcomeOf(controlOf(context)?.error ?? rules.get(procedure.name) ?? rules.get("")),
  };
}

/** Makes the sampler of the options. */
export function samplerOf(
  { seed, varies, random, warn }: Pick<MockOptions, "seed" | "varies" | "random" | "warn">,
): Sampler {
  return createSampler(defined({ seed, random: varies === true ? random : undefined, warn }));
}

function noSampleValue(procedure: string): string {
  return `No sample value fits the result schema of "${procedure}". ` +
    "Answer with an example (--examples) or a handler (--handlers)";
}

function valueResolver(options: MockOptions): Resolver {
  const sampler = options.sampler ?? samplerOf(options);
  return {
    name: "value",
    isTrusted: true,
    covers: () => true,
    answer({ procedure, arguments: args, context }) {
      const seed = controlOf(context)?.seed;
      const value = sampler.result(procedure, args, seed);
      return value === undefined
        ? failed({ kind: "procedure", code: NO_VALUE, message: noSampleValue(procedure.name) })
        : succeeded(value, procedure.result);
    },
  };
}

function delayed(
  dispatcher: Dispatcher,
  rules: LatencyRules,
  random: () => number,
): Dispatcher {
  const latencyOf = ({ method }: RpcCall, context: CallContext): Latency | undefined =>
    controlOf(context)?.delay ?? rules.get(method) ?? rules.get("");
  return {
    has: (method) => dispatcher.has(method),
    dispatch(call, context) {
      const latency = latencyOf(call, context);
      if (latency === undefined) return dispatcher.dispatch(call, context);
      const ms = latency.min + random() * (latency.max - latency.min);
      return wait(ms).then(() => dispatcher.dispatch(call, context));
    },
  };
}

function wait(ms: number): Promise<void> {
  return new Promise((resolve) => void setTimeout(resolve, ms));
}

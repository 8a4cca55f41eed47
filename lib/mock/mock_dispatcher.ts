import type { Contract } from "../contract/mod.ts";
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
import { createSampler, type Sampler } from "./values/mod.ts";

/** Options of {@link createMockDispatcher}. */
export interface MockOptions {
  readonly contract: Contract;
  /** Functions of the user's, by procedure name. */
  readonly handlers?: ReadonlyMap<string, Handler>;
  /** Further resolvers between the handlers and the made-up values, such as examples. */
  readonly resolvers?: readonly Resolver[];
  /** Makes the values. @default one of `seed` and `varies` */
  readonly sampler?: Sampler;
  /** A real server that answers what neither a handler nor a further resolver does, instead of made-up values. */
  readonly real?: Dispatcher;
  /** Procedures that nothing else answers get made-up values. @default {true} */
  readonly values?: boolean;
  /** Coerce arguments as Pydantic does. @default {false} */
  readonly lax?: boolean;
  /** Another seed is another world. @default {""} */
  readonly seed?: string;
  /** Numbers from 0 to below 1 for latencies and faults. */
  readonly random: () => number;
  /** Made-up values differ from call to call. @default {false} */
  readonly varies?: boolean;
  readonly latency?: LatencyRules;
  readonly faults?: FaultRules;
  readonly onViolation?: (violation: ResultViolation) => void;
  readonly warn?: (message: string) => void;
}

/** The header by which a request asks the mock for something. */
export const CONTROL_HEADER = "x-pyrpc-mock";

/**
 * A server's inside made of a contract: arguments and results are checked, procedures are answered by handlers, by
 * further resolvers, and at last by made-up values that fit the schema and are the same for the same call.
 */
export function createMockDispatcher(options: MockOptions): Dispatcher {
  const { contract, handlers, resolvers = [] } = options;
  const all: Resolver[] = [faultResolver(options.faults ?? new Map(), options.random)];
  if (handlers !== undefined) all.push(handlerResolver(handlers));
  all.push(...resolvers);
  const { real } = options;
  if (real === undefined && (options.values ?? true)) all.push(valueResolver(options));
  const overContract = new ContractDispatcher({
    contract,
    resolvers: all,
    lax: options.lax ?? false,
    ...(options.onViolation === undefined ? {} : { onViolation: options.onViolation }),
    ...(options.warn === undefined ? {} : { warn: options.warn }),
  });
  const beside = new Map(
    [...handlers ?? []].filter(([name, { fn }]) =>
      fn !== undefined && !contract.procedures.has(name)
    ),
  );
  const own = beside.size === 0
    ? overContract
    : stackDispatchers(overContract, dispatcherOf(beside));
  const dispatcher = real === undefined ? own : withReal(own, real, options.faults ?? new Map());
  return delayed(dispatcher, options.latency ?? new Map(), options.random);
}

// What we answer ourselves is validated by us, what the real server answers by it.
function withReal(own: Dispatcher, real: Dispatcher, faults: FaultRules): Dispatcher {
  const mayBeOurs = (method: string) => own.has(method) || faults.has(method) || faults.has("");
  return {
    has: (method) => own.has(method) || real.has(method),
    dispatch(call, context) {
      if (!mayBeOurs(call.method) && controlOf(context)?.error === undefined) {
        return real.dispatch(call, context);
      }
      const outcome = own.dispatch(call, context);
      // A case of examples may match other arguments, a fault may happen seldom.
      const orReal = (outcome: Outcome) =>
        !outcome.ok && outcome.fault.kind === "method-not-found"
          ? real.dispatch(call, context)
          : outcome;
      return outcome instanceof Promise ? outcome.then(orReal) : orReal(outcome);
    },
  };
}

/** The header's wishes of a call, if it has any. */
function controlOf(context: CallContext): RequestControl | undefined {
  const header = context.headers?.[CONTROL_HEADER];
  return typeof header === "string" ? parseRequestControl(header) : undefined;
}

function faultResolver(rules: FaultRules, random: () => number): Resolver {
  const happens = (rule: FaultRule | undefined): Outcome | undefined =>
    rule !== undefined && (rule.probability >= 1 || random() < rule.probability)
      ? failed({ kind: "procedure", code: rule.code, message: rule.message })
      : undefined;
  return {
    name: "error",
    isTrusted: true,
    covers: () => false,
    answer: ({ procedure, context }) =>
      happens(controlOf(context)?.error ?? rules.get(procedure.name) ?? rules.get("")),
  };
}

/** The sampler that options ask for. */
export function samplerOf(
  { seed, varies, random, warn }: Pick<MockOptions, "seed" | "varies" | "random" | "warn">,
): Sampler {
  return createSampler({
    ...(seed === undefined ? {} : { seed }),
    ...(varies === true ? { random } : {}),
    ...(warn === undefined ? {} : { warn }),
  });
}

function valueResolver(options: MockOptions): Resolver {
  const sampler = options.sampler ?? samplerOf(options);
  return {
    name: "value",
    isTrusted: true,
    covers: () => true,
    answer({ procedure, arguments: args, context }) {
      const seed = controlOf(context)?.seed;
      return succeeded(sampler.result(procedure, args, seed), procedure.result);
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

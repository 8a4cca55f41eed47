import { faultMalformed, latencyMalformed } from "./errors.ts";

/** The range of an answer's delay in milliseconds. */
export interface Latency {
  readonly min: number;
  readonly max: number;
}

/** Latencies by procedure; `""` applies to all others. */
export type LatencyRules = ReadonlyMap<string, Latency>;

/** An error instead of an answer. */
export interface FaultRule {
  readonly code: number;
  readonly message: string;
  /** 0 to 1. */
  readonly probability: number;
}

/** Faults by procedure; `""` applies to all others. */
export type FaultRules = ReadonlyMap<string, FaultRule>;

/** The control header `x-pyrpc-mock` of one request, parsed. */
export interface RequestControl {
  readonly delay?: Latency;
  readonly error?: FaultRule;
  readonly seed?: string;
  /** Forget all earlier calls first. */
  readonly reset?: boolean;
}

/** The longest delay in milliseconds. */
const MAX_LATENCY = 600_000;

/**
 * Parses `200` and `100-400` (milliseconds), optionally with `procedure=` in front.
 *
 * @throws ToolError `USAGE`
 */
export function parseLatencyRules(texts: readonly string[]): LatencyRules {
  const rules = new Map<string, Latency>();
  for (const text of texts) {
    const [procedure, value] = splitRule(text);
    const latency = parseLatency(value);
    if (latency === undefined) throw latencyMalformed(text);
    rules.set(procedure, latency);
  }
  return rules;
}

/**
 * Parses `-32603`, `-32603:0.1` and `-32603:0.1:Out of stock` (code, probability, message), optionally with `procedure=` in
 * front.
 *
 * @throws ToolError `USAGE`
 */
export function parseFaultRules(texts: readonly string[]): FaultRules {
  const rules = new Map<string, FaultRule>();
  for (const text of texts) {
    const [procedure, value] = splitRule(text);
    const rule = parseFault(value, "--error");
    if (rule === undefined) throw faultMalformed(text);
    rules.set(procedure, rule);
  }
  return rules;
}

/** Parses the header `x-pyrpc-mock`: `delay=200, error=-32603, seed=b, reset`. Malformed parts are ignored. */
export function parseRequestControl(header: string): RequestControl {
  const control: { delay?: Latency; error?: FaultRule; seed?: string; reset?: boolean } = {};
  for (const part of header.split(",")) {
    const [name, value] = splitRule(part.trim());
    if (name === "" && value === "reset") control.reset = true;
    if (name === "seed") control.seed = value;
    if (name === "delay") {
      const delay = parseLatency(value);
      if (delay !== undefined) control.delay = delay;
    }
    if (name === "error") {
      const error = parseFault(value, "x-pyrpc-mock");
      if (error !== undefined) control.error = error;
    }
  }
  return control;
}

function splitRule(text: string): [procedure: string, value: string] {
  const sign = text.indexOf("=");
  return sign === -1 ? ["", text] : [text.slice(0, sign).trim(), text.slice(sign + 1).trim()];
}

function parseLatency(text: string): Latency | undefined {
  const match = /^(\d{1,6})(?:ms)?(?:-(\d{1,6})(?:ms)?)?$/.exec(text);
  if (match === null) return undefined;
  const min = Number(match[1]);
  const max = match[2] === undefined ? min : Number(match[2]);
  return min <= max && max <= MAX_LATENCY ? { min, max } : undefined;
}

function parseFault(text: string, origin: string): FaultRule | undefined {
  const match = /^(-?\d{1,9})(?::(\d*\.?\d+))?(?::(.*))?$/s.exec(text);
  if (match === null) return undefined;
  const probability = match[2] === undefined ? 1 : Number(match[2]);
  if (probability > 1) return undefined;
  return {
    code: Number(match[1]),
    probability,
    message: match[3] ?? `Made by the mock (${origin})`,
  };
}

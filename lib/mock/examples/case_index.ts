import { isJsonObject, type Json, type Procedure } from "../../contract/mod.ts";
import { canonicalJson, isSameJson } from "../../validate/mod.ts";
import { redactArguments } from "../secrets.ts";
import type { ExampleCase } from "./read.ts";

/** The cases of one procedure, most specific first. */
export interface CaseIndex {
  find(args: ReadonlyMap<string, unknown>): ExampleCase | undefined;
}

/**
 * Indexes cases: exact `args` go before partial `when`, and a `when` with more values before one with fewer. Arguments that
 * are left out count as their defaults, unless a case leaves them out too.
 */
export function indexCases(procedure: Procedure, cases: readonly ExampleCase[]): CaseIndex {
  const exact = new Map<string, ExampleCase>();
  const defaulted = new Map<string, ExampleCase>();
  for (const one of cases) {
    if (one.args === undefined) continue;
    const args = new Map<string, unknown>(Object.entries(one.args));
    addFirst(exact, keyOf(args), one);
    addFirst(defaulted, keyOf(withDefaults(procedure, args)), one);
  }
  const partial = cases.filter(({ args }) => args === undefined)
    .map((one) => ({ one, size: sizeOf(one.when) }))
    .sort((a, b) => b.size - a.size)
    .map(({ one }) => one);
  return {
    find: (args) => findExact(args) ?? partial.find(({ when }) => matches(procedure, when, args)),
  };

  function findExact(args: ReadonlyMap<string, unknown>): ExampleCase | undefined {
    if (exact.size === 0) return undefined;
    // A recording holds the arguments without their secrets.
    const redacted = redactArguments(procedure, args);
    return exact.get(keyOf(args)) ?? exact.get(keyOf(redacted)) ??
      defaulted.get(keyOf(withDefaults(procedure, args))) ??
      defaulted.get(keyOf(withDefaults(procedure, redacted)));
  }
}

function addFirst(cases: Map<string, ExampleCase>, key: string, one: ExampleCase): void {
  if (!cases.has(key)) cases.set(key, one);
}

/** A text that is the same for equal arguments. */
export function keyOf(args: ReadonlyMap<string, unknown>): string {
  return canonicalJson(Object.fromEntries(args));
}

function withDefaults(
  { parameters }: Procedure,
  args: ReadonlyMap<string, unknown>,
): ReadonlyMap<string, unknown> {
  const optional = parameters.filter(({ required }) => !required);
  return new Map([...optional.map(({ name, default: value }) => [name, value] as const), ...args]);
}

/** The number of values that a condition compares. */
function sizeOf(value: Json): number {
  if (!isJsonObject(value)) return 1;
  const members = Object.values(value);
  return members.length === 0
    ? 0
    : members.reduce<number>((sum, inner) => sum + Math.max(1, sizeOf(inner)), 0);
}

function matches(
  procedure: Procedure,
  when: Readonly<Record<string, Json>>,
  args: ReadonlyMap<string, unknown>,
): boolean {
  return Object.entries(when).every(([name, wanted]) => {
    const value = args.has(name)
      ? args.get(name)
      : procedure.parameters.find((parameter) => parameter.name === name)?.default;
    return includes(value, wanted);
  });
}

/** Returns true if a value is the wanted one, or an object with at least the wanted members. */
function includes(value: unknown, wanted: Json): boolean {
  if (!isJsonObject(wanted) || !isJsonObject(value)) return isSameJson(value, wanted);
  return Object.entries(wanted).every(([name, inner]) =>
    Object.hasOwn(value, name) && includes(value[name], inner)
  );
}

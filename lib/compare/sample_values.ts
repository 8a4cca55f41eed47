import { stringifyJson } from "../json/mod.ts";
import type { Json, JsonObject } from "../contract/mod.ts";
import { type Branch, itemAt, type ObjectBranch, propertyAt, type SchemaNode } from "./branch.ts";
import type { Branches } from "./branches.ts";
import { patternSamples } from "./pattern_inclusion.ts";
import { FORMAT_SAMPLES } from "./text_formats.ts";

const MAX_DEPTH = 4;
const MAX_SAMPLES = 24;

/** Returns values near the bounds of a branch, for counterexamples. Not all of them are values of the branch. */
export function sampleValues(branches: Branches, branch: Branch, depth = 0): Json[] {
  switch (branch.kind) {
    case "literal":
      return [branch.value];
    case "number":
      return numbers(branch.min, branch.max, branch.multiples);
    case "string": {
      if (branch.content !== undefined) {
        return samplesOf(branches, branch.content, depth + 1).map((value) => stringifyJson(value));
      }
      const formatted = branch.formats.flatMap((format) => FORMAT_SAMPLES.get(format) ?? []);
      const matching = branch.patterns.flatMap(patternSamples);
      return [...formatted, ...matching, ...texts(branch.minLength, branch.maxLength)];
    }
    case "array": {
      const length = Math.min(branch.minItems, 8);
      const items = Array.from(
        { length: Math.min(Math.max(length, branch.prefix.length, 1), branch.maxItems, 12) },
        (_, index) => samplesOf(branches, itemAt(branch, index), depth + 1),
      );
      const first = items.map(([value]) => value ?? null);
      const varied = items.flatMap((values, index) =>
        values.map((value) => first.with(index, value))
      );
      const twice = branch.maxItems > first.length && first.length > 0
        ? [[...first, first[0] ?? null]]
        : [];
      return [first.slice(0, length), ...varied, ...twice].slice(0, MAX_SAMPLES);
    }
    case "object":
      return objects(branches, branch, depth);
  }
}

function samplesOf(branches: Branches, node: SchemaNode, depth: number): Json[] {
  if (depth > MAX_DEPTH) return [];
  const union = branches.of(node);
  const values = union.slice(0, 12).map((branch) => sampleValues(branches, branch, depth));
  // One of each case first, so that no case is cut off.
  const most = Math.max(0, ...values.map((list) => list.length));
  return Array.from(
    { length: most },
    (_, index) => values.flatMap((list) => list.slice(index, index + 1)),
  )
    .flat().slice(0, MAX_SAMPLES);
}

function objects(branches: Branches, branch: ObjectBranch, depth: number): Json[] {
  const samples = new Map<string, Json[]>();
  for (const name of new Set([...branch.required, ...branch.properties.keys()])) {
    samples.set(name, samplesOf(branches, propertyAt(branch, name), depth + 1));
  }
  const least: Record<string, Json> = {};
  for (const name of branch.required) least[name] = samples.get(name)?.[0] ?? null;
  const all: JsonObject[] = [{ ...least }];
  for (const [name, values] of samples) {
    for (const value of values) all.push({ ...least, [name]: value });
  }
  if (!branch.ignoresOthers) {
    const keys = branch.names.flatMap((names) => samplesOf(branches, names, depth + 1));
    const [key = "other"] = keys.filter((name) => typeof name === "string");
    for (const value of samplesOf(branches, branch.additional, depth + 1)) {
      all.push({ ...least, [key]: value });
    }
  }
  return all.slice(0, 2 * MAX_SAMPLES);
}

function numbers(
  min: number | bigint,
  max: number | bigint,
  multiples: readonly number[],
): (number | bigint)[] {
  const around = [min, max].flatMap((bound): (number | bigint)[] => {
    if (typeof bound === "bigint") return [bound, bound + 1n, bound - 1n];
    return Number.isFinite(bound) ? [bound, bound + 1, bound - 1, bound + 0.5, bound - 0.5] : [];
  });
  return [
    ...around,
    ...multiples.flatMap((step) => [step, -step, 3 * step, 7 * step]),
    0,
    1,
    -1,
    0.5,
    1e6 + 1,
    -1e6 - 1,
  ];
}

function texts(minLength: number, maxLength: number): string[] {
  const lengths = [minLength, Math.min(maxLength, minLength + 1), Math.min(maxLength, 64)]
    .filter((length) => length <= 200);
  return lengths.flatMap((length) => ["a", "0", "Z", "é"].map((letter) => letter.repeat(length)))
    .concat(
      ["1", "text", "a b"].filter((text) => text.length >= minLength && text.length <= maxLength),
    );
}

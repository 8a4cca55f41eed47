import { canonicalJson, canonicalSchema } from "../contract/mod.ts";
import type { Contract, Json, JsonSchema, Parameter, Procedure } from "../contract/mod.ts";
import { type Audiences, DIFF_RULES, type DiffRuleId, type Severity, worst } from "./diff_rules.ts";
import { isJsonObject, MAX_SCHEMA_DEPTH, ownMember } from "../contract/mod.ts";
import { guessRenames } from "./likeness.ts";
import { findModels, type Model, resolvePointer } from "../contract/mod.ts";
import { compareSchemas } from "./schema_inclusion.ts";

/** One place of a change. */
export interface ChangePlace {
  /** `$` the value itself, `$.price.amount` a part of it. */
  readonly path: string;
  readonly before: string;
  readonly after: string;
}

/** One change between two contracts. */
export interface ContractChange extends Audiences {
  readonly rule: DiffRuleId;
  /** The worst of the three audiences. */
  readonly severity: Severity;
  /** The procedure's name: the old one where it is gone. */
  readonly procedure: string | undefined;
  readonly parameter: string | undefined;
  readonly model: string | undefined;
  /** One sentence without a full stop. */
  readonly message: string;
  /** Whether the change is a guess by likeness. */
  readonly isGuess: boolean;
  readonly places: readonly ChangePlace[];
}

/** All changes, the worst first, then by procedure. */
export interface ContractDiff {
  readonly changes: readonly ContractChange[];
  /** `none` where nothing has changed. */
  readonly severity: Severity | "none";
  /** What a new version of the types would be: breaking → major, something new → minor, else patch. */
  readonly bump: "major" | "minor" | "patch" | "none";
}

/**
 * What changed between two contracts, and whom it breaks. Narrowing and widening are decided on the schemas; what cannot be
 * decided is called possibly breaking, never safe. What one side does not say (kinds, in what `pyrpc pull` wrote) is no
 * change.
 */
export function diffContracts(before: Contract, after: Contract): ContractDiff {
  const changes: ContractChange[] = [];
  const renames = renamedProcedures(before, after);
  const renamedTo = new Set(renames.values());
  const unchanged = new Set<string>();
  for (const [name, old] of before.procedures) {
    const next = after.procedures.get(name);
    if (next !== undefined) {
      if (diffProcedure(old, next, changes)) unchanged.add(name);
      continue;
    }
    const newName = renames.get(name);
    if (newName === undefined) {
      changes.push(change("PROCEDURE_REMOVED", `"${name}" is gone`, { procedure: name }));
      continue;
    }
    changes.push(change("PROCEDURE_RENAMED", `"${name}" is probably "${newName}" now`, {
      procedure: name,
      isGuess: true,
      places: [{ path: "name", before: name, after: newName }],
    }));
  }
  for (const name of after.procedures.keys()) {
    if (before.procedures.has(name) || renamedTo.has(name)) continue;
    changes.push(change("PROCEDURE_ADDED", `"${name}" is new`, { procedure: name }));
  }
  if (unchanged.size < Math.max(before.procedures.size, after.procedures.size)) {
    diffModels(before, after, unchanged, changes);
  }
  const sorted = changes.sort(compareChanges);
  return { changes: sorted, severity: severityOf(sorted), bump: bumpOf(sorted) };
}

/** The worst severity of some changes; `none` where there are none. */
export function severityOf(changes: readonly ContractChange[]): Severity | "none" {
  return changes.length === 0 ? "none" : worst(changes.map(({ severity }) => severity));
}

/** What a new version would be after these changes. */
export function bumpOf(changes: readonly ContractChange[]): ContractDiff["bump"] {
  if (changes.length === 0) return "none";
  const severity = severityOf(changes);
  if (severity === "breaking") return "major";
  if (severity === "possibly-breaking") return "minor";
  return changes.some(({ rule }) => rule !== "DOCUMENTATION_CHANGED") ? "minor" : "patch";
}

interface ChangeDetails {
  readonly procedure?: string;
  readonly parameter?: string;
  readonly model?: string;
  readonly isGuess?: boolean;
  readonly places?: readonly ChangePlace[];
}

function change(rule: DiffRuleId, message: string, details: ChangeDetails): ContractChange {
  const { byPosition, byName, readers } = DIFF_RULES[rule];
  return {
    rule,
    severity: worst([byPosition, byName, readers]),
    byPosition,
    byName,
    readers,
    procedure: details.procedure,
    parameter: details.parameter,
    model: details.model,
    message,
    isGuess: details.isGuess ?? false,
    places: details.places ?? [],
  };
}

const RANK: Readonly<Record<Severity, number>> = { breaking: 0, "possibly-breaking": 1, safe: 2 };

function compareChanges(a: ContractChange, b: ContractChange): number {
  const order = RANK[a.severity] - RANK[b.severity];
  if (order !== 0) return order;
  const [x, y] = [a.procedure ?? `\uffff${a.model}`, b.procedure ?? `\uffff${b.model}`];
  // Changes of one procedure stay in the order that they were found in.
  return x < y ? -1 : x > y ? 1 : 0;
}

// @returns whether parameters and result are the same schemas
function diffProcedure(old: Procedure, next: Procedure, changes: ContractChange[]): boolean {
  const procedure = old.name;
  if (old.kind !== undefined && next.kind !== undefined && old.kind !== next.kind) {
    changes.push(change("KIND_CHANGED", `it was a ${old.kind} and is a ${next.kind}`, {
      procedure,
      places: [{ path: "kind", before: old.kind, after: next.kind }],
    }));
  }
  const isSameInput = isSame(old.parameters, next.parameters);
  const isSameResult = isSame(old.result, next.result);
  if (!isSameInput) diffParameters(old, next, changes);
  if (!isSameResult) diffResult(old, next, changes);
  if (old.doc.trim() !== next.doc.trim()) {
    changes.push(change("DOCUMENTATION_CHANGED", "its documentation has changed", { procedure }));
  }
  return isSameInput && isSameResult;
}

function diffParameters(old: Procedure, next: Procedure, changes: ContractChange[]): void {
  const procedure = old.name;
  const indexes = new Map(next.parameters.map(({ name }, index) => [name, index]));
  const oldNames = new Set(old.parameters.map(({ name }) => name));
  const taken = new Set<number>();
  const partners = old.parameters.map((parameter, index) => {
    const same = indexes.get(parameter.name);
    if (same !== undefined) {
      taken.add(same);
      return same;
    }
    const there = next.parameters[index];
    if (there === undefined || oldNames.has(there.name)) return undefined;
    // What stands at the same place and takes the same values is the same parameter for a caller by position.
    const fits = compareSchemas(parameter.schema, there.schema, { direction: "input" });
    if (fits.verdict === "no" || (there.required && !parameter.required)) return undefined;
    taken.add(index);
    return index;
  });

  old.parameters.forEach((parameter, index) => {
    const at = partners[index];
    const partner = at === undefined ? undefined : next.parameters[at];
    const place = { procedure, parameter: parameter.name };
    if (partner === undefined) {
      changes.push(
        change("PARAMETER_REMOVED", `the parameter "${parameter.name}" is gone`, place),
      );
      return;
    }
    if (partner.name !== parameter.name) {
      changes.push(change(
        "PARAMETER_RENAMED",
        `the parameter "${parameter.name}" is called "${partner.name}" now`,
        {
          ...place,
          places: [{ path: "name", before: parameter.name, after: partner.name }],
        },
      ));
    }
    diffParameter(procedure, parameter, partner, changes);
  });
  next.parameters.forEach((parameter, index) => {
    if (taken.has(index)) return;
    const rule = parameter.required ? "PARAMETER_ADDED_REQUIRED" : "PARAMETER_ADDED_OPTIONAL";
    const how = parameter.required ? "has to be given" : "may be left out";
    changes.push(change(rule, `the parameter "${parameter.name}" is new and ${how}`, {
      procedure,
      parameter: parameter.name,
    }));
  });
  diffOrder(old, next, partners, changes);
}

// The places of those that stayed: a caller by position meets another parameter where they moved to the back or crossed.
function diffOrder(
  old: Procedure,
  next: Procedure,
  partners: readonly (number | undefined)[],
  changes: ContractChange[],
): void {
  const stayed = partners.flatMap((at, index) => at === undefined ? [] : [{ at, index }]);
  const crossed = stayed.some(({ at }, index) => index > 0 && at < (stayed[index - 1]?.at ?? 0));
  const pushed = stayed.some(({ at, index }) => at > index);
  if (!crossed && !pushed) return;
  const names = (parameters: readonly Parameter[]) => parameters.map(({ name }) => name).join(", ");
  changes.push(change("PARAMETER_ORDER_CHANGED", "its parameters stand in another order", {
    procedure: old.name,
    places: [{ path: "order", before: names(old.parameters), after: names(next.parameters) }],
  }));
}

function diffParameter(
  procedure: string,
  old: Parameter,
  next: Parameter,
  changes: ContractChange[],
): void {
  const place = { procedure, parameter: old.name };
  if (!old.required && next.required) {
    changes.push(
      change("PARAMETER_NOW_REQUIRED", `the parameter "${old.name}" has to be given now`, place),
    );
  }
  if (old.required && !next.required) {
    changes.push(
      change("PARAMETER_NOW_OPTIONAL", `the parameter "${old.name}" may be left out now`, place),
    );
  }
  const defaults: ChangePlace[] = [];
  if (!old.required && !next.required && !isSame(old.default, next.default)) {
    defaults.push({ path: "$", before: jsonText(old.default), after: jsonText(next.default) });
  }
  if (!isSame(old.schema, next.schema)) {
    const input = compareSchemas(old.schema, next.schema, { direction: "input" });
    if (input.verdict === "yes") {
      const back = compareSchemas(next.schema, old.schema, { direction: "output" });
      if (back.verdict !== "yes") {
        changes.push(
          change("INPUT_WIDENED", `the parameter "${old.name}" takes more values`, {
            ...place,
            places: back.reasons.map(({ path, first, second }) => ({
              path,
              before: second,
              after: first,
            })),
          }),
        );
      }
    } else {
      const rule = input.verdict === "no" ? "INPUT_NARROWED" : "INPUT_UNDECIDED";
      const perhaps = input.verdict === "no" ? "" : "perhaps ";
      changes.push(
        change(rule, `the parameter "${old.name}" ${perhaps}takes fewer values`, {
          ...place,
          places: input.reasons.map(({ path, first, second }) => ({
            path,
            before: first,
            after: second,
          })),
        }),
      );
    }
    defaults.push(...changedDefaults(old.schema, next.schema));
  }
  if (defaults.length > 0) {
    changes.push(change(
      "DEFAULT_CHANGED",
      `what is taken where "${old.name}" leaves something out has changed`,
      { ...place, places: defaults },
    ));
  }
}

function diffResult(old: Procedure, next: Procedure, changes: ContractChange[]): void {
  const procedure = old.name;
  const output = compareSchemas(next.result, old.result, { direction: "output" });
  const places = output.reasons.map(({ path, first, second }) => ({
    path,
    before: second,
    after: first,
  }));
  if (output.verdict === "no") {
    const message = "the result can be what it could not be";
    changes.push(change("RESULT_WIDENED", message, { procedure, places }));
  } else if (output.verdict === "maybe") {
    const message = "the result perhaps can be what it could not be";
    changes.push(change("RESULT_UNDECIDED", message, { procedure, places }));
  } else {
    const back = compareSchemas(old.result, next.result, { direction: "input" });
    if (back.verdict === "yes") return;
    changes.push(change("RESULT_NARROWED", "the result can be less, or holds more members", {
      procedure,
      places: back.reasons.map(({ path, first, second }) => ({
        path,
        before: first,
        after: second,
      })),
    }));
  }
}

// Defaults of the members of models, at the same places of both.
function changedDefaults(old: JsonSchema, next: JsonSchema): ChangePlace[] {
  const places: ChangePlace[] = [];
  const seen = new Set<JsonSchema>();
  const visit = (a: Json | undefined, b: Json | undefined, path: string, depth: number): void => {
    const [x, y] = [resolve(a, old), resolve(b, next)];
    if (x === undefined || y === undefined || depth > MAX_SCHEMA_DEPTH || places.length >= 4) {
      return;
    }
    if (seen.has(x)) return;
    seen.add(x);
    const [mine, theirs] = [ownMember(x, "properties"), ownMember(y, "properties")];
    if (isJsonObject(mine) && isJsonObject(theirs)) {
      for (const [name, member] of Object.entries(mine)) {
        const other = ownMember(theirs, name);
        if (!isJsonObject(member) || !isJsonObject(other)) continue;
        const [before, after] = [ownMember(member, "default"), ownMember(other, "default")];
        if (before !== undefined && after !== undefined && !isSame(before, after)) {
          places.push({
            path: `${path}.${name}`,
            before: jsonText(before),
            after: jsonText(after),
          });
        }
        visit(member, other, `${path}.${name}`, depth + 1);
      }
    }
    for (const [key, mark] of [["items", "[]"], ["additionalProperties", "{}"]] as const) {
      visit(ownMember(x, key), ownMember(y, key), `${path}${mark}`, depth + 1);
    }
    for (const key of ["anyOf", "oneOf", "allOf", "prefixItems"]) {
      const [left, right] = [ownMember(x, key), ownMember(y, key)];
      if (!Array.isArray(left) || !Array.isArray(right) || left.length !== right.length) continue;
      left.forEach((item: Json, index) => visit(item, right[index], path, depth + 1));
    }
  };
  visit(old, next, "$", 0);
  return places;
}

function resolve(schema: Json | undefined, root: JsonSchema) {
  if (!isJsonObject(schema)) return undefined;
  const ref = ownMember(schema, "$ref");
  if (typeof ref !== "string") return schema;
  const target = resolvePointer(root, ref);
  return isJsonObject(target) ? target : undefined;
}

function renamedProcedures(before: Contract, after: Contract): Map<string, string> {
  const candidate = ({ name, parameters, result }: Procedure) => {
    const shape = canonicalJson([
      parameters.map(({ name, schema, required }) => [name, schema, required]),
      result,
    ]);
    return { name, shape, telling: parameters.length > 1 || shape.length > 200 };
  };
  const only = (from: Contract, other: Contract) =>
    [...from.procedures.values()].filter(({ name }) => !other.procedures.has(name));
  const gone = only(before, after);
  const added = only(after, before);
  if (gone.length === 0 || added.length === 0) return new Map();
  return guessRenames(gone.map(candidate), added.map(candidate));
}

// Only procedures that differ can have brought or lost a model; one that an unchanged procedure uses is still there.
function diffModels(
  before: Contract,
  after: Contract,
  unchanged: ReadonlySet<string>,
  changes: ContractChange[],
): void {
  const kept = new Set<string>();
  const differing = ({ procedures, document }: Contract): Contract => ({
    procedures: new Map([...procedures].filter(([name]) => !unchanged.has(name))),
    document,
  });
  for (const [name, procedure] of before.procedures) {
    if (unchanged.has(name)) namesIn(procedure, kept);
  }
  const [mine, theirs] = [differing(before), differing(after)];
  const names = [mine, theirs].map(({ procedures }) => {
    const found = new Set<string>();
    for (const procedure of procedures.values()) namesIn(procedure, found);
    return found;
  });
  // Telling models apart costs more than everything else: only where a name came or went.
  if (isSame([...names[0] ?? []].sort(), [...names[1] ?? []].sort())) return;
  const old = modelsByName(mine);
  const next = modelsByName(theirs);
  const candidates = (from: ReadonlyMap<string, Model>, other: ReadonlyMap<string, Model>) =>
    [...from].filter(([name]) => !other.has(name) && !kept.has(name)).map(([name, { schema }]) => {
      const shape = canonicalSchema(schema, (ref) => ref.slice(ref.lastIndexOf("/") + 1));
      return { name, shape, telling: shape.length > 60 };
    });
  const gone = candidates(old, next);
  const added = candidates(next, old);
  const renames = guessRenames(gone, added);
  const renamedTo = new Set(renames.values());
  for (const { name } of gone) {
    const newName = renames.get(name);
    if (newName === undefined) {
      changes.push(change("MODEL_REMOVED", `the model "${name}" is gone`, { model: name }));
      continue;
    }
    changes.push(change("MODEL_RENAMED", `the model "${name}" is probably "${newName}" now`, {
      model: name,
      isGuess: true,
      places: [{ path: "name", before: name, after: newName }],
    }));
  }
  for (const { name } of added) {
    if (renamedTo.has(name)) continue;
    changes.push(change("MODEL_ADDED", `the model "${name}" is new`, { model: name }));
  }
}

// Every name that a model of a procedure could have.
function namesIn({ parameters, result }: Procedure, names: Set<string>): void {
  for (const schema of [result, ...parameters.map(({ schema }) => schema)]) {
    if (typeof schema === "boolean") continue;
    const definitions = ownMember(schema, "$defs");
    for (const [key, definition] of Object.entries(isJsonObject(definitions) ? definitions : {})) {
      names.add(key);
      const title = isJsonObject(definition) ? ownMember(definition, "title") : undefined;
      if (typeof title === "string") names.add(title);
    }
    const title = ownMember(schema, "title");
    if (typeof title === "string") names.add(title);
  }
}

function modelsByName(contract: Contract): Map<string, Model> {
  const models = new Map<string, Model>();
  for (const model of findModels(contract).models) {
    if (!models.has(model.label)) models.set(model.label, model);
  }
  return models;
}

// The same value whatever the order of its keys (Flask sorts them); most of two contracts is.
function isSame(a: unknown, b: unknown): boolean {
  if (a === b) return true;
  if (typeof a !== "object" || typeof b !== "object" || a === null || b === null) return false;
  if (Array.isArray(a) || Array.isArray(b)) {
    if (!Array.isArray(a) || !Array.isArray(b) || a.length !== b.length) return false;
    return a.every((item, index) => isSame(item, b[index]));
  }
  const [x, y] = [a as Record<string, unknown>, b as Record<string, unknown>];
  let count = 0;
  for (const key in x) {
    if (!Object.hasOwn(y, key) || !isSame(x[key], y[key])) return false;
    count++;
  }
  return Object.keys(y).length === count;
}

function jsonText(value: Json): string {
  const text = JSON.stringify(value);
  return text.length <= 60 ? text : `${text.slice(0, 59)}…`;
}

import { ANNOTATIONS, isKeywordOnly, type Parameter, type Procedure } from "../contract/mod.ts";
import { defined } from "../defined.ts";
import { type ChangePlace, type ContractChange, makeChange } from "./change.ts";
import { changedDefaults, jsonText } from "./changed_defaults.ts";
import type { DiffRuleId } from "./diff_rules.ts";
import type { ValueChangeCollector } from "./model_changes.ts";
import { strictSchemas } from "./python_types.ts";
import { isSame } from "./same_value.ts";
import { compareSchemas } from "./schema_inclusion.ts";
import { compareValues, type ValueChanges } from "./value_changes.ts";

/** Lists the changes of the parameters of a procedure. */
export function diffParameters(
  old: Procedure,
  next: Procedure,
  changes: ContractChange[],
  values: ValueChangeCollector,
): void {
  const procedure = old.name;
  const partners = partnersOf(old, next);
  const kept = new Set(partners);
  old.parameters.forEach((parameter, index) => {
    const at = partners[index];
    const partner = at === undefined ? undefined : next.parameters[at];
    if (partner === undefined) {
      const message = `the parameter "${parameter.name}" was removed`;
      changes.push(makeChange("PARAMETER_REMOVED", message, {
        procedure,
        parameter: parameter.name,
      }));
      return;
    }
    diffParameter(procedure, parameter, partner, changes, values, next.parameters.length - 1);
  });
  next.parameters.forEach(({ name, required }, index) => {
    if (kept.has(index)) return;
    const rule = required ? "PARAMETER_ADDED_REQUIRED" : "PARAMETER_ADDED_OPTIONAL";
    const message = `the ${required ? "required" : "optional"} parameter "${name}" was added`;
    changes.push(makeChange(rule, message, { procedure, parameter: name }));
  });
  diffOrder(old, next, partners, changes);
  if (isKeywordOnly(next.parameters) && !isKeywordOnly(old.parameters)) {
    const message = "its parameters can now only be passed by name";
    changes.push(makeChange("PARAMETERS_KEYWORD_ONLY", message, { procedure }));
  }
}

// The index of each old parameter among the new ones: by name, else by position if it accepts the same values.
function partnersOf(old: Procedure, next: Procedure): (number | undefined)[] {
  const indexes = new Map(next.parameters.map(({ name }, index) => [name, index]));
  const oldNames = new Set(old.parameters.map(({ name }) => name));
  return old.parameters.map((parameter, index) => {
    const same = indexes.get(parameter.name);
    if (same !== undefined) return same;
    const there = next.parameters[index];
    if (there === undefined || oldNames.has(there.name)) return undefined;
    const fits = compareSchemas(parameter.schema, there.schema, { direction: "input" });
    const isRefused = fits.verdict === "no" || (there.required && !parameter.required);
    return isRefused ? undefined : index;
  });
}

// Calls by position break if the kept parameters moved back or changed their order.
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
  changes.push(makeChange("PARAMETER_ORDER_CHANGED", "its parameters were reordered", {
    procedure: old.name,
    places: [{ path: "order", before: names(old.parameters), after: names(next.parameters) }],
  }));
}

function diffParameter(
  procedure: string,
  old: Parameter,
  next: Parameter,
  changes: ContractChange[],
  values: ValueChangeCollector,
  others: number,
): void {
  const { name } = old;
  const report = (rule: DiffRuleId, message: string, places?: readonly ChangePlace[]) => {
    const reason = rule === "DEFAULT_CHANGED" ? "default" as const : undefined;
    const details = defined({ procedure, parameter: name, places, reason });
    changes.push(makeChange(rule, `the parameter "${name}" ${message}`, details));
  };
  if (next.name !== name) {
    const places = [{ path: "name", before: name, after: next.name }];
    report("PARAMETER_RENAMED", `is called "${next.name}" now`, places);
  }
  if (!old.required && next.required) report("PARAMETER_NOW_REQUIRED", "is now required");
  if (old.required && !next.required) {
    report("PARAMETER_NOW_OPTIONAL", "is now optional");
    // By position `undefined` is sent as null, which is not the default.
    if (hasUnknownType(next) && next.default !== null && others > 0) {
      report("INPUT_NARROWED", "no longer accepts undefined by position");
    }
  }
  const defaults: ChangePlace[] = [];
  if (!old.required && !next.required && !isSame(old.default, next.default)) {
    defaults.push({ path: "$", before: jsonText(old.default), after: jsonText(next.default) });
  }
  if (!isSame(old.schema, next.schema)) {
    defaults.push(...changedDefaults(old.schema, next.schema));
  }
  values.add({ procedure, parameter: name, direction: "input" }, compareParameters(old, next));
  if (defaults.length > 0) report("DEFAULT_CHANGED", "has another default now", defaults);
}

function hasUnknownType({ schema }: Parameter): boolean {
  if (typeof schema === "boolean") return schema;
  return Object.entries(schema).every(([keyword, value]) =>
    ANNOTATIONS.has(keyword) || (keyword === "type" && value === "any")
  );
}

function compareParameters(old: Parameter, next: Parameter): ValueChanges {
  const changes: ValueChanges = isSame(old.schema, next.schema)
    ? { verdict: "yes", lost: [], gained: [] }
    : compareValues(old.schema, next.schema, "input");
  if (changes.verdict !== "yes") return changes;
  const strict = strictSchemas(old, next);
  if (strict === undefined) return changes;
  const lost = compareSchemas(strict.old, strict.next, { direction: "input" }).reasons;
  if (lost.length === 0) return changes;
  return {
    verdict: "maybe",
    lost: lost.map((reason) => ({ ...reason, verdict: "maybe", cause: "python-type" })),
    gained: changes.gained,
  };
}

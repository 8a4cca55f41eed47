/** Effect of a change on existing clients. */
export type Severity = "breaking" | "possibly-breaking" | "safe";

/** Effect of a change on each audience: callers by position, callers by name, readers of results. */
export interface Audiences {
  readonly byPosition: Severity;
  readonly byName: Severity;
  readonly readers: Severity;
}

/** A kind of change, as data. */
export interface DiffRule extends Audiences {
  /** One line: the change. */
  readonly title: string;
  /** Reason for the severity. */
  readonly why: string;
  /** Suggested alternative or migration. */
  readonly fix: string;
}

const BREAKING = "breaking";
const POSSIBLY = "possibly-breaking";
const SAFE = "safe";

const callers = (severity: Severity): Audiences => ({
  byPosition: severity,
  byName: severity,
  readers: SAFE,
});
const readers = (severity: Severity): Audiences => ({
  byPosition: SAFE,
  byName: SAFE,
  readers: severity,
});
const everyone = (severity: Severity): Audiences => ({
  byPosition: severity,
  byName: severity,
  readers: severity,
});

/** Every kind of change that `diffContracts` reports, by its identifier. */
export const DIFF_RULES = {
  PROCEDURE_REMOVED: {
    ...everyone(BREAKING),
    title: "A procedure was removed",
    why: 'Every call to it fails with "Method not found" (-32601).',
    fix: "Keep the old procedure until no client calls it; let it call the new one.",
  },
  PROCEDURE_RENAMED: {
    ...everyone(BREAKING),
    title: "A procedure was probably renamed",
    why:
      "One procedure was removed and a similar one was added: calls of the old name fail. The match is a guess.",
    fix: "Register the function under both names until no client calls the old one.",
  },
  PROCEDURE_ADDED: {
    ...everyone(SAFE),
    title: "A procedure was added",
    why: "No client calls it yet.",
    fix: "Nothing to do.",
  },
  PARAMETER_ADDED_REQUIRED: {
    ...callers(BREAKING),
    title: "A required parameter was added",
    why: 'Calls without it fail with "missing a required argument" (-32602).',
    fix: "Add a default to the parameter.",
  },
  PARAMETER_ADDED_OPTIONAL: {
    ...callers(SAFE),
    title: "An optional parameter was added",
    why: "Calls without it work as before.",
    fix: "Nothing to do.",
  },
  PARAMETER_REMOVED: {
    ...callers(BREAKING),
    title: "A parameter was removed",
    why:
      'Calls that pass it fail with "too many positional arguments" or "unexpected keyword argument" (-32602).',
    fix: "Keep the parameter with a default and ignore it until no client passes it.",
  },
  PARAMETER_RENAMED: {
    byPosition: SAFE,
    byName: BREAKING,
    readers: SAFE,
    title: "A parameter was renamed",
    why:
      "The parameter at this position has another name and accepts the same values: calls by position work, calls by name fail.",
    fix: "Keep the old name, or accept both for a while.",
  },
  PARAMETER_ORDER_CHANGED: {
    byPosition: BREAKING,
    byName: SAFE,
    readers: SAFE,
    title: "Parameters were reordered",
    why: "Calls by position pass their values to other parameters, possibly without an error.",
    fix: "Add new parameters at the end and keep the order of the others.",
  },
  PARAMETERS_KEYWORD_ONLY: {
    byPosition: BREAKING,
    byName: SAFE,
    readers: SAFE,
    title: "Parameters can only be passed by name now",
    why:
      'A required parameter follows an optional one, so they are keyword-only in Python: calls by position fail with "too many positional arguments" (-32602).',
    fix: "Keep the order of the parameters, and give defaults to the last ones only.",
  },
  PARAMETER_NOW_REQUIRED: {
    ...callers(BREAKING),
    title: "An optional parameter became required",
    why: 'Calls without it fail with "missing a required argument" (-32602).',
    fix: "Keep the default.",
  },
  PARAMETER_NOW_OPTIONAL: {
    ...callers(SAFE),
    title: "A required parameter became optional",
    why: "Calls that pass it work as before.",
    fix: "Nothing to do.",
  },
  INPUT_NARROWED: {
    ...callers(BREAKING),
    title: "A parameter accepts fewer values",
    why: 'Some values that were accepted now fail with "Validation failed" (-32602).',
    fix: "Accept the old values as well, or add a new procedure.",
  },
  INPUT_UNDECIDED: {
    ...callers(POSSIBLY),
    title: "A parameter possibly accepts fewer values",
    why:
      "It cannot be proved that every accepted value is still accepted. The change has one of the reasons below.",
    fix: "Review the location; allow the change with a reason if it affects no caller.",
  },
  INPUT_WIDENED: {
    ...callers(SAFE),
    title: "A parameter accepts more values",
    why: "Every value that was accepted is still accepted.",
    fix: "Nothing to do.",
  },
  RESULT_WIDENED: {
    ...readers(BREAKING),
    title: "A result may contain values it could not contain before",
    why:
      "Readers receive values that their types do not allow: a missing member, a new case, another type.",
    fix: "Keep the old result and add a new procedure, or a new member beside the old one.",
  },
  RESULT_UNDECIDED: {
    ...readers(POSSIBLY),
    title: "A result possibly contains values it could not contain before",
    why:
      "It cannot be proved that every new result was valid before. The change has one of the reasons below.",
    fix: "Review the location; allow the change with a reason if it affects no reader.",
  },
  RESULT_NARROWED: {
    ...readers(SAFE),
    title: "A result has fewer possible values, or more members",
    why: "Every new result was valid before.",
    fix: "Nothing to do.",
  },
  KIND_CHANGED: {
    ...callers(BREAKING),
    title: "A query became a mutation, or a mutation a query",
    why:
      "Calls on the wire work as before, but hooks no longer compile: useQuery accepts only queries, useMutation only mutations.",
    fix: "Add a new procedure of the other kind.",
  },
  HOOK_INPUT_CHANGED: {
    ...everyone(SAFE),
    title: "The input of a query or mutation hook changed",
    why:
      "The hooks of pyRPC's React, Vue, Svelte and Next.js packages derive their input from the argument list of a procedure: the only argument, or a list of all. Calls of the client work as before. This is a note: it affects neither the verdict nor the version.",
    fix: "Change the input in calls of `useQuery` and `useMutation`.",
  },
  DEFAULT_CHANGED: {
    ...callers(POSSIBLY),
    title: "A default value changed",
    why: "Calls without the value are valid as before, but may behave differently.",
    fix: "Make sure that callers that omit the value expect the new default.",
  },
  DOCUMENTATION_CHANGED: {
    ...everyone(SAFE),
    title: "A procedure's documentation changed",
    why: "Only comments in the generated types change.",
    fix: "Nothing to do.",
  },
  TYPES_REWRITTEN: {
    ...everyone(SAFE),
    title: "The generated types are written differently",
    why:
      "They allow the same values as before: a type has a name now, one type became two, or only the hashes changed, since the schema is written differently.",
    fix: "Nothing to do.",
  },
  MODEL_ADDED: {
    ...everyone(SAFE),
    title: "A model was added",
    why: "No client imports its type yet.",
    fix: "Nothing to do.",
  },
  MODEL_REMOVED: {
    ...everyone(POSSIBLY),
    title: "A model was removed",
    why:
      "Code that imports its type does not compile. Changes of the wire are reported for each procedure.",
    fix: "Notify the users of the type.",
  },
  MODEL_RENAMED: {
    ...everyone(POSSIBLY),
    title: "A model was probably renamed",
    why:
      "One model was removed and one of the same shape was added: code that imports the type by its old name does not compile. The match is a guess.",
    fix: "Restore the old name of the class, or notify the users of the type.",
  },
} as const satisfies Readonly<Record<string, DiffRule>>;

/** The identifier of a rule of `pyrpc diff`. */
export type DiffRuleId = keyof typeof DIFF_RULES;

/** Returns the worst of some severities; `safe` for none. */
export function worst(severities: Iterable<Severity>): Severity {
  let result: Severity = SAFE;
  for (const severity of severities) {
    if (severity === BREAKING) return BREAKING;
    if (severity === POSSIBLY) result = POSSIBLY;
  }
  return result;
}

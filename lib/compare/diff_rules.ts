/** How a change meets somebody who uses the contract. */
export type Severity = "breaking" | "possibly-breaking" | "safe";

/** Who is met: those who call by position, those who call by name, those who read results. */
export interface Audiences {
  readonly byPosition: Severity;
  readonly byName: Severity;
  readonly readers: Severity;
}

/** A kind of change, as data. */
export interface DiffRule extends Audiences {
  /** One line: what happened. */
  readonly title: string;
  /** Why it is classed as it is. */
  readonly why: string;
  /** What to do instead, or how to go about it. */
  readonly mend: string;
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
    title: "A procedure is gone",
    why: 'Every call of it is answered with "Method not found" (-32601).',
    mend: "Keep the old procedure until no client calls it, and let it call the new one.",
  },
  PROCEDURE_RENAMED: {
    ...everyone(BREAKING),
    title: "A procedure probably has another name",
    why:
      "One procedure is gone and one like it is new: calls of the old name fail. That it is the same one is a guess.",
    mend: "Register the function under both names until no client calls the old one.",
  },
  PROCEDURE_ADDED: {
    ...everyone(SAFE),
    title: "A procedure is new",
    why: "Nobody calls it yet.",
    mend: "Nothing to do.",
  },
  PARAMETER_ADDED_REQUIRED: {
    ...callers(BREAKING),
    title: "A parameter is new and has to be given",
    why: 'Calls without it are answered with "missing a required argument" (-32602).',
    mend: "Give the parameter a default.",
  },
  PARAMETER_ADDED_OPTIONAL: {
    ...callers(SAFE),
    title: "A parameter is new and may be left out",
    why: "Calls without it work as before.",
    mend: "Nothing to do.",
  },
  PARAMETER_REMOVED: {
    ...callers(BREAKING),
    title: "A parameter is gone",
    why:
      'Calls that give it are answered with "too many positional arguments" or "unexpected keyword argument" (-32602).',
    mend: "Keep the parameter with a default and ignore it until no client gives it.",
  },
  PARAMETER_RENAMED: {
    byPosition: SAFE,
    byName: BREAKING,
    readers: SAFE,
    title: "A parameter has another name",
    why:
      "Another name stands at the same place and takes the same values: calls by position work, calls by name do not.",
    mend: "Keep the old name, or take both for a while.",
  },
  PARAMETER_ORDER_CHANGED: {
    byPosition: BREAKING,
    byName: SAFE,
    readers: SAFE,
    title: "Parameters stand in another order",
    why: "Calls by position give their values to other parameters, perhaps without an error.",
    mend: "Add new parameters at the end and leave the order of the others.",
  },
  PARAMETER_NOW_REQUIRED: {
    ...callers(BREAKING),
    title: "A parameter that could be left out has to be given",
    why: 'Calls without it are answered with "missing a required argument" (-32602).',
    mend: "Keep the default.",
  },
  PARAMETER_NOW_OPTIONAL: {
    ...callers(SAFE),
    title: "A parameter may now be left out",
    why: "Calls that give it work as before.",
    mend: "Nothing to do.",
  },
  INPUT_NARROWED: {
    ...callers(BREAKING),
    title: "A parameter takes fewer values",
    why:
      'There are values that were accepted and are answered with "Validation failed" (-32602) now.',
    mend: "Accept the old values as well, or add a new procedure.",
  },
  INPUT_UNDECIDED: {
    ...callers(POSSIBLY),
    title: "A parameter perhaps takes fewer values",
    why:
      "It is not shown that every value that was accepted still is: conditions that cannot be compared, or a member that is new and that somebody may have sent already without it meaning anything.",
    mend: "Look at the place that is named; allow it with a reason where no caller is met.",
  },
  INPUT_WIDENED: {
    ...callers(SAFE),
    title: "A parameter takes more values",
    why: "Every value that was accepted still is.",
    mend: "Nothing to do.",
  },
  RESULT_WIDENED: {
    ...readers(BREAKING),
    title: "A result can be what it could not be",
    why:
      "Readers meet values that their types do not know: a member that may be missing, a new case, another type.",
    mend: "Keep the old result and add a new procedure, or a new member beside the old one.",
  },
  RESULT_UNDECIDED: {
    ...readers(POSSIBLY),
    title: "A result perhaps can be what it could not be",
    why:
      "It is not shown that every result of today would have been one before: conditions that cannot be compared, or a member that got a default (pyRPC still sends it).",
    mend: "Look at the place that is named; allow it with a reason where no reader is met.",
  },
  RESULT_NARROWED: {
    ...readers(SAFE),
    title: "A result can be less, or holds more members",
    why: "Every result of today would have been one before.",
    mend: "Nothing to do.",
  },
  KIND_CHANGED: {
    ...callers(BREAKING),
    title: "A query became a mutation, or the other way round",
    why:
      "Calls on the wire work as before, but hooks no longer compile: useQuery takes queries only and useMutation mutations only.",
    mend: "Add a new procedure of the other kind.",
  },
  DEFAULT_CHANGED: {
    ...callers(POSSIBLY),
    title: "What is taken for a value that is left out has changed",
    why: "Calls that leave it out are valid as before, and may do something else.",
    mend: "Make sure that callers who leave it out want the new value.",
  },
  DOCUMENTATION_CHANGED: {
    ...everyone(SAFE),
    title: "A procedure's documentation has changed",
    why: "Only comments of the types change.",
    mend: "Nothing to do.",
  },
  MODEL_ADDED: {
    ...everyone(SAFE),
    title: "A model is new",
    why: "Nobody imports its type yet.",
    mend: "Nothing to do.",
  },
  MODEL_REMOVED: {
    ...everyone(POSSIBLY),
    title: "A model is gone",
    why:
      "Code that imports its type does not compile; what goes over the wire is told by the procedures' own changes.",
    mend: "Tell those who import the type.",
  },
  MODEL_RENAMED: {
    ...everyone(POSSIBLY),
    title: "A model probably has another name",
    why:
      "One model is gone and one of the same shape is new: code that imports the type by its old name does not compile. That it is the same one is a guess.",
    mend: "Give the class its old name, or tell those who import the type.",
  },
} as const satisfies Readonly<Record<string, DiffRule>>;

/** The identifier of a rule. */
export type DiffRuleId = keyof typeof DIFF_RULES;

/** Whether a text is the identifier of a rule. */
export function isDiffRule(text: string): text is DiffRuleId {
  return Object.hasOwn(DIFF_RULES, text);
}

/** The worst of some severities. */
export function worst(severities: Iterable<Severity>): Severity {
  let result: Severity = SAFE;
  for (const severity of severities) {
    if (severity === BREAKING) return BREAKING;
    if (severity === POSSIBLY) result = POSSIBLY;
  }
  return result;
}

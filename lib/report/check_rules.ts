/** A rule of `pyrpc check` besides the rules of `pyrpc diff`. */
export interface CheckRule {
  /** One line: the state that the rule reports. */
  readonly title: string;
  /** Reason for the level. */
  readonly why: string;
  /** Suggested fix. */
  readonly fix: string;
  readonly level: "error" | "warning" | "notice";
}

/** Every such rule by its identifier. */
export const CHECK_RULES = {
  TYPES_STALE: {
    level: "error",
    title: "A client's types are out of date",
    why:
      "The client is compiled against procedures that do not exist, or without those that do exist.",
    fix:
      "Generate the types again (`pyrpc dev`, `pyrpc sync` or `pyrpc codegen`) and commit the files that are in the repository.",
  },
  TYPES_MISSING: {
    level: "warning",
    title: "A client's types package is not installed",
    why:
      "The package is in node_modules, which a fresh checkout does not have, so there is nothing to compare.",
    fix: "Run `pyrpc sync` (or `pyrpc codegen`) after the installation if the types are needed.",
  },
  SNAPSHOT_STALE: {
    level: "error",
    title: "The snapshot is out of date",
    why: "Everything that uses the snapshot (mock, offline types, diff) uses an old contract.",
    fix: "Write it again: `pyrpc pull SOURCE -o FILE`.",
  },
  PROCEDURE_WITHOUT_SCHEMA: {
    level: "error",
    title: "A procedure has no schema",
    why:
      "Python cannot describe a parameter or the result, so clients have no types for the procedure, and GET /rpc may fail as a whole.",
    fix: "Give the parameter a type that Pydantic can describe, or do not register the function.",
  },
  PROCEDURE_CANNOT_SUCCEED: {
    level: "error",
    title: "A procedure always fails",
    why: "No value is valid for one of its parameters, or for its result.",
    fix:
      "Correct the annotation: contradictory bounds, an empty enum, a required member without a valid value.",
  },
  NAMES_CLASH: {
    level: "error",
    title: "Names clash for clients",
    why:
      "Two names look the same, or JavaScript uses the name: `await client` reads a procedure called `then`.",
    fix: "Rename one of them.",
  },
  NAME_SHADOWED: {
    level: "warning",
    title: "A procedure is hidden from older clients",
    why:
      "`@pyrpc/client` 0.6 to 0.12 has a member of that name, so these clients cannot call the procedure.",
    fix: "Rename the procedure if such clients are in use.",
  },
  NO_PROCEDURES: {
    level: "error",
    title: "The contract has no procedures",
    why: "In most cases the entry does not import the module that registers them.",
    fix: "Import it in the entry module.",
  },
  TYPES_INEXACT: {
    level: "notice",
    title: "The types are wider than the schema",
    why: "TypeScript cannot express this part of the schema.",
    fix: "Nothing to do, or simplify the annotation.",
  },
} as const satisfies Readonly<Record<string, CheckRule>>;

/** The identifier of a rule of `pyrpc check`. */
export type CheckRuleId = keyof typeof CHECK_RULES;

/** What `pyrpc check` reports besides the changes of `pyrpc diff`. */
export interface CheckRule {
  readonly title: string;
  readonly why: string;
  readonly mend: string;
  readonly level: "error" | "warning" | "notice";
}

/** Every such finding by its identifier. */
export const CHECK_RULES = {
  TYPES_STALE: {
    level: "error",
    title: "A client's types are not those of the contract",
    why:
      "The client would be compiled against procedures that are not there, or not see those that are.",
    mend:
      "Generate them again (`pyrpc dev`, `pyrpc sync` or `pyrpc codegen`) and commit what is kept in the repository.",
  },
  TYPES_MISSING: {
    level: "warning",
    title: "A client's types package is not installed",
    why:
      "The package lies in node_modules, which a fresh checkout does not have, so nothing can be compared.",
    mend:
      "Run `pyrpc sync` (or `pyrpc codegen`) after the installation where the types are needed.",
  },
  SNAPSHOT_STALE: {
    level: "error",
    title: "The snapshot is not the contract of today",
    why:
      "Whoever works with the snapshot (mock, offline types, comparison) works with an old contract.",
    mend: "Write it again: `pyrpc pull SOURCE -o FILE`.",
  },
  PROCEDURE_WITHOUT_SCHEMA: {
    level: "error",
    title: "A procedure has no schema",
    why:
      "Python cannot describe one of its parameters or its result, so no client has types for it, and GET /rpc may fail as a whole.",
    mend: "Give the parameter a type that Pydantic can describe, or do not register the function.",
  },
  PROCEDURE_CANNOT_SUCCEED: {
    level: "error",
    title: "A procedure can only fail",
    why: "No value is accepted for one of its parameters, or as its result.",
    mend:
      "Mend the annotation: bounds that cross, an empty enum, a member that is required and impossible.",
  },
  NAMES_CLASH: {
    level: "error",
    title: "Names clash for clients",
    why:
      "Two names become the same one, or a name is taken by the language: `await client` asks for a procedure called `then`.",
    mend: "Give one of them another name.",
  },
  NAME_SHADOWED: {
    level: "warning",
    title: "A procedure is hidden from older clients",
    why:
      "`@pyrpc/client` 0.6 to 0.12 has a member of that name, so the procedure cannot be called with it.",
    mend: "Give it another name where such clients are in use.",
  },
  NO_PROCEDURES: {
    level: "error",
    title: "The contract has no procedures",
    why: "Nearly always the module that registers them is not imported by the entry.",
    mend: "Import it in the entry module.",
  },
  TYPES_INEXACT: {
    level: "notice",
    title: "The types are wider than the schema",
    why: "TypeScript has no type for what the schema says there.",
    mend: "Nothing to do, or a simpler annotation.",
  },
} as const satisfies Readonly<Record<string, CheckRule>>;

/** The identifier of a rule of `pyrpc check`. */
export type CheckRuleId = keyof typeof CHECK_RULES;

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
  CLIENT_NOT_COMPILED: {
    level: "error",
    title: "A client could not be compiled",
    why:
      "The lines that a change breaks could not be found: Node.js, TypeScript or tsconfig.json is missing, or no file imports the types.",
    fix: "Follow the fix in the message, or remove the client from the check.",
  },
  CLIENT_LINE_BREAKS: {
    level: "warning",
    title: "A line of a client does not compile with the new types",
    why: "The line depends on several changes, so it is not listed below one of them.",
    fix: "See the other changes of the report, and adapt the line.",
  },
  DEPLOYED_MISSING: {
    level: "error",
    title: "The deployed server lacks a procedure of the frontend",
    why: "The frontend's types have a procedure that fails with -32601 on the deployed server.",
    fix: "Deploy the backend first, or remove the call from this release of the frontend.",
  },
  DEPLOYED_CHANGED: {
    level: "error",
    title: "The deployed server has an incompatible version of a procedure",
    why:
      "The frontend was compiled against other parameters or results than the deployed server has.",
    fix: "Deploy the backend first, or build the frontend with the types of the deployed server.",
  },
  SNAPSHOT_STALE: {
    level: "error",
    title: "The snapshot is out of date",
    why: "Everything that uses the snapshot (mock, offline types, diff) uses an old contract.",
    fix: "Update it: `pyrpc pull SOURCE -o FILE`.",
  },
  PROCEDURE_WITHOUT_SCHEMA: {
    level: "error",
    title: "A procedure has no schema",
    why:
      "Python cannot describe a parameter or the result, so clients have no types for the procedure, and GET /rpc may fail as a whole.",
    fix:
      "Declare the parameter with a type that Pydantic can describe, or do not register the function.",
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
  DEFAULT_NOT_JSON: {
    level: "error",
    title: "A default makes GET /rpc fail",
    why:
      "The adapter of the backend cannot encode the default of a parameter as JSON, so GET /rpc answers 500 and no client can generate types. A warning if the adapter is unknown.",
    fix:
      "Use a default that JSON can represent, such as `None` or the value of an enum, and convert it in the function.",
  },
  INT_FLAG: {
    level: "warning",
    title: "The types lack combinations of an IntFlag",
    why:
      "Pydantic describes an IntFlag as its single values, but accepts and returns combinations.",
    fix: "Use `int`, or a list of an IntEnum.",
  },
  FIELD_ALIAS: {
    level: "warning",
    title: "Results have other names than the types",
    why:
      "The schema has the alias of a field, which arguments need, but pyRPC returns the Python name.",
    fix:
      "Set `serialize_by_alias=True` in the model's configuration, or use no alias in models of results.",
  },
  COMPUTED_FIELD: {
    level: "warning",
    title: "The types lack computed fields",
    why: "pyRPC's schema is that of arguments, which have no computed fields.",
    fix: "Make it an ordinary field if clients need it.",
  },
  EXCLUDED_FIELD: {
    level: "warning",
    title: "Results may lack members that the types have",
    why:
      "The schema does not contain `exclude=True`, `exclude_if` and `InitVar`, and a default that is only in the schema is not sent.",
    fix: "Use another model for results, or `T | None` instead of `exclude_if`.",
  },
  SERIALIZER: {
    level: "warning",
    title: "A serializer may change the type of a result",
    why: "pyRPC's schema is that of arguments, which serializers do not affect.",
    fix: "Declare the field with the type that the serializer returns.",
  },
  TYPED_DICT: {
    level: "notice",
    title: "A TypedDict has defaults and members that may be absent",
    why: "Its schema is the same as that of a model whose members are always present.",
    fix: "Nothing to do: such members are optional in the types.",
  },
  ITERABLE_RESULT: {
    level: "warning",
    title: "The server does not send an Iterable as a list",
    why:
      "Its schema is that of a list, but pyRPC returns an iterator, which no adapter can encode: the call fails with HTTP 500.",
    fix: "Declare the result as a `list`, and return `list(…)`.",
  },
  KEYS_REJECTED: {
    level: "warning",
    title: "The server rejects the keys of a dict",
    why: 'Keys of JSON are strings, and `Literal[1]` does not accept the string "1".',
    fix: "Use `int`, an IntEnum or strings as keys.",
  },
  VARIADIC_PARAMETERS: {
    level: "warning",
    title: "Clients cannot pass *args and **kwargs",
    why:
      "The contract has an ordinary, required parameter for each. The server does not accept it by its name, and passes a list for `*args` as one item.",
    fix: "Use a parameter for the list or the dict: `items: list[int]`.",
  },
  KIND_UNDECLARED: {
    level: "notice",
    title: "Procedures do not declare their kind",
    why: "A bare `@rpc` is a query, so clients may cache and repeat calls that change data.",
    fix: "Use `@rpc.query` or `@rpc.mutation`.",
  },
} as const satisfies Readonly<Record<string, CheckRule>>;

/** The identifier of a rule of `pyrpc check`. */
export type CheckRuleId = keyof typeof CHECK_RULES;

import { ExitCode, ToolError } from "../errors.ts";

/** Two functions under one name. */
export function duplicateMethod(name: string): ToolError {
  return new ToolError({
    code: "SERVER_METHOD_TWICE",
    message: `Name "${name}" is already registered`,
    fix: "Rename one of the two functions",
    exitCode: ExitCode.Config,
  });
}

/** A function without a name, registered without one. */
export function methodHasNoName(): ToolError {
  return new ToolError({
    code: "SERVER_METHOD_NAMELESS",
    message: "A function without a name cannot be called from outside",
    fix: "Pass a name: addMethod(fn, name)",
    exitCode: ExitCode.Config,
  });
}

/** A schema that is not a JSON Schema and cannot be converted to one. */
export function schemaNotConvertible(where: string, cause?: unknown): ToolError {
  return new ToolError({
    code: "SERVER_SCHEMA_UNKNOWN",
    message: "A schema is not a JSON Schema and cannot be converted to one",
    where,
    fix: "Use JSON Schema, or a library whose schemas convert to it, such as Zod 4.2 or later",
    details: cause instanceof Error ? [cause.message] : [],
    exitCode: ExitCode.Config,
    cause,
  });
}

/** A handlers file without anything that can be called. */
export function handlersExportNothing(where: string): ToolError {
  return new ToolError({
    code: "HANDLERS_EMPTY",
    message: "The handlers file exports no function and no described procedure",
    where,
    fix: "Export a function by the procedure's name: export function add(a, b) { return a + b; }",
    exitCode: ExitCode.Config,
  });
}

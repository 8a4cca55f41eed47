import { ToolError } from "../errors.ts";
import { renderError, styleOf } from "../terminal/mod.ts";

/** An error as Vite prints it: Vite shows the message only, so that it contains position and fix. */
export function viteError(error: unknown): unknown {
  if (!(error instanceof ToolError)) return error;
  return new Error(renderError(error, styleOf(false)).trimEnd(), { cause: error });
}

/** The types of a build do not match the contract. */
export function typesNotCurrent(text: string): Error {
  return new Error(text);
}

import { inspect } from "node:util";
import { ToolError } from "../errors.ts";
import { renderError, styleOf } from "../terminal/mod.ts";

/** An error as Vite prints it: Vite shows the message only, so that it contains position and fix. */
export function viteError(error: unknown): unknown {
  if (!(error instanceof ToolError)) return error;
  return userError(renderError(error, styleOf(false)).trimEnd().replace(/^error: /, ""));
}

/** The types of a build do not match the contract. */
export function typesNotCurrent(text: string): Error {
  return userError(text);
}

/** Neither the options nor a configuration file names the backend. */
export function noBackend(folder: string): Error {
  return userError(
    `No backend was found: "${folder}" has no pyrpc-client.json, and no pyrpc.json names this client
  fix: npx pyrpc init --client --distribution server --server-url http://localhost:8000
       or name it in the configuration of Vite: pyrpc({ source: "http://localhost:8000" })`,
  );
}

/** An option that the plugin does not have. */
export function optionUnknown(name: string, names: readonly string[]): Error {
  return userError(`@pyrpc/vite has no option "${name}"
  fix: Use one of ${names.join(", ")}`);
}

/** An option with a value of another type. */
export function optionInvalid(name: string, expected: string, value: unknown): Error {
  return userError(
    `The option "${name}" of @pyrpc/vite must be ${expected}, found ${
      inspect(value, { breakLength: Infinity })
    }`,
  );
}

/** An error whose cause is in the user's files. Vite prints the stack, whose functions would not lead there. */
function userError(message: string): Error {
  return Object.assign(new Error(message), { stack: `Error: ${message}\n    at @pyrpc/vite` });
}

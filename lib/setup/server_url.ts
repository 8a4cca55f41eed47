import { ToolError } from "../errors.ts";
import { loadSource } from "../source/mod.ts";
import type { SetupContext } from "./context.ts";

/** The server that a client uses if none is named. */
export const DEFAULT_SERVER_URL = "http://localhost:8000";

/** The problem of a text that is not an HTTP URL, or undefined. */
export function serverUrlProblem(text: string): string | undefined {
  if (!URL.canParse(text)) return `"${text}" is not a URL such as ${DEFAULT_SERVER_URL}`;
  const { protocol } = new URL(text);
  return protocol === "http:" || protocol === "https:"
    ? undefined
    : `The URL must begin with http:// or https://, found "${protocol}"`;
}

/** Sends a request to a server. Returns undefined if it answers as a pyRPC server, or else the reason. */
export type ServerTest = (
  url: string,
  context: Pick<SetupContext, "cwd" | "env">,
) => Promise<string | undefined>;

/** Sends the same request as `pyrpc sync`. */
export const testServer: ServerTest = async (url, { cwd, env }) => {
  // The URL was checked: standard input is not read.
  const stdin = { readAll: () => Promise.resolve(new Uint8Array()) };
  try {
    await loadSource(url, { timeoutMs: 5_000 }, { cwd, env, stdin });
    return undefined;
  } catch (error) {
    if (error instanceof ToolError) return error.message;
    throw error;
  }
};

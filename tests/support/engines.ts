import process from "node:process";

/** The Deno that the tests run in or were started by. */
export function denoPath(): string {
  return process.versions["deno"] === undefined
    ? process.env["PYRPC_DENO"] ?? "deno"
    : process.execPath;
}

import process from "node:process";

/** How many wrong inputs a test tries: `PYRPC_FUZZ`, which `deno task fuzz` sets, or the usual number. */
export function fuzzCount(usual: number): number {
  return Number(process.env["PYRPC_FUZZ"] ?? usual);
}

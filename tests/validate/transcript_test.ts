import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { test } from "node:test";
import { parseContract } from "../../lib/contract/mod.ts";
import { compileCall } from "../../lib/validate/mod.ts";

interface Line {
  readonly case: string;
  readonly request?: { readonly method?: unknown; readonly params?: unknown };
  readonly response: { readonly error?: { readonly code: number } | null };
}

const read = async (name: string): Promise<unknown> =>
  JSON.parse(await readFile(new URL(`../fixtures/${name}`, import.meta.url), "utf8"));

test("compileCall() answers every call of the Python server's transcript as it did", async () => {
  const contract = parseContract(await read("shop.schema.json"), { where: "fixture" });
  let count = 0;
  for (const line of await read("wire-transcript.json") as Line[]) {
    const method = line.request?.method;
    const procedure = typeof method === "string" ? contract.procedures.get(method) : undefined;
    if (procedure === undefined || line.response.error?.code === -32600) continue;
    count++;
    for (const mode of ["strict", "lax"] as const) {
      const checked = compileCall(procedure, { mode }).checkCall(line.request!.params);
      const error = line.response.error?.code === -32602 ? line.response.error : undefined;
      assert.deepEqual(checked.ok ? undefined : checked.error, error, `${line.case} (${mode})`);
    }
  }
  assert.ok(count > 10);
});

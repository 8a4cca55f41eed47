import assert from "node:assert/strict";
import { test } from "node:test";
import { parseContract } from "../../lib/contract/mod.ts";
import { createSampler } from "../../lib/mock/mod.ts";
import { pythonSkip, startShop } from "../support/python.ts";
import { type PlainCall, serving } from "../support/serving.ts";
import { tempFolder } from "../support/temp_folder.ts";

for (const file of ["calls.json", "calls.yaml"]) {
  test(`a recording of a real backend in ${file} replays the same answers`, {
    skip: pythonSkip(),
  }, async () => {
    await using server = await startShop("fastapi");
    await using folder = await tempFolder();
    const options = { cwd: folder.path, env: { XDG_CACHE_HOME: folder.path } };
    const document = await (await fetch(`${server.url}/rpc`)).text();
    await folder.write({ "contract.json": document });
    const contract = parseContract(JSON.parse(document), { where: server.url });
    const sampler = createSampler();
    const calls = [...contract.procedures.values()].flatMap((procedure) =>
      ["", "", "b", "c"].map((key) => [procedure.name, sampler.arguments(procedure, key)] as const)
    );
    const answersOf = async (call: PlainCall) => {
      const answers: unknown[] = [];
      for (const [method, params] of calls) {
        const { result, error } = await call(method, params);
        answers.push({ method, params, result, error });
      }
      return answers;
    };
    let recorded: unknown[] = [];
    const record = ["proxy", server.url, "--record", file, "--record-secrets"];
    await serving(() => record, options, async (call) => {
      recorded = await answersOf(call);
    });
    await serving(() => ["mock", "contract.json", "--examples", file], options, async (call) => {
      assert.deepEqual(await answersOf(call), recorded);
    });
    assert.ok(recorded.length > 20);
  });
}

import assert from "node:assert/strict";
import { cp, mkdir, writeFile } from "node:fs/promises";
import { dirname } from "node:path";
import { test } from "node:test";
import { contractHashes } from "../../lib/client/contract/mod.ts";
import { generateTypes, moduleText, PLACEHOLDER_TYPES } from "../../lib/codegen/mod.ts";
import { deliver, planDelivery, resolveTarget } from "../../lib/delivery/mod.ts";
import { runProgram } from "../../lib/process/mod.ts";
import { contractOf } from "../support/contracts.ts";
import { requireTool } from "../support/external.ts";
import { tempFolder } from "../support/temp_folder.ts";
import { runTsc } from "../support/typescript.ts";

const node = requireTool("node");
const CONTRACT = contractOf({ greet: { kind: "query" }, "admin.save": { kind: "mutation" } });
const PRINT =
  "console.log(JSON.stringify(procedureKinds), Object.keys(types).join(), types.contract.hash);\n";
const PROGRAMS = {
  "run.mjs":
    `import * as types from "@pyrpc/types";\nimport { procedureKinds } from "@pyrpc/types";\n${PRINT}`,
  "run.cjs": `const types = require("@pyrpc/types");\nconst { procedureKinds } = types;\n${PRINT}`,
};
const KINDS = '{"admin.save":"mutation","greet":"query"}';

test("the types package loads in Node from ES modules and CommonJS, in every kind of client", {
  skip: node.skip,
}, async () => {
  const node16 = { compilerOptions: { module: "node16", moduleResolution: "node16" } };
  for (const [manifest, tsconfig] of [[{}, {}], [{ type: "module" }, {}], [{}, node16]]) {
    await using folder = await tempFolder({
      "package.json": JSON.stringify(manifest),
      "tsconfig.json": JSON.stringify(tsconfig),
      ...PROGRAMS,
    });
    const chosen = resolveTarget({ writer: "sync", start: folder.path });
    deliver(planDelivery(chosen, generateTypes(CONTRACT)), "write");
    assert.ok(deliver(planDelivery(chosen, generateTypes(CONTRACT)), "check").upToDate);
    for (const program of Object.keys(PROGRAMS)) {
      const { code, stdout, stderr } = await runProgram(node.path, [program], { cwd: folder.path });
      assert.equal(code, 0, `${program}: ${stderr}`);
      assert.match(stdout, /^\{[^}]*\} /);
      const [kinds = "", , hash = ""] = stdout.trim().split(" ");
      assert.deepEqual(JSON.parse(kinds), JSON.parse(KINDS), program);
      assert.equal(hash, contractHashes(CONTRACT.document as never).hash);
    }
  }
});

test(
  "the client in a types package loads in Node and compiles, and CommonJS sources find every value",
  {
    skip: node.skip,
  },
  async () => {
    await using folder = await tempFolder({
      "package.json": `{ "type": "module" }`,
      "run.mjs": `import { createClient } from "@pyrpc/types/client";
console.log(typeof createClient({ baseUrl: "http://localhost:8000" }).greet);
`,
      "main.ts": `import { createClient } from "@pyrpc/types/client";
import type { Types } from "@pyrpc/types";
export const rpc = createClient<Types>({ baseUrl: "http://localhost:8000" });
`,
      "values.cts": `import { contract, procedureKinds, type Types } from "@pyrpc/types";
export const texts: string[] = [contract.hash, procedureKinds.greet];
export type Greet = Types["greet"];
`,
      "tsconfig.json": JSON.stringify({
        compilerOptions: {
          strict: true,
          target: "es2022",
          module: "node16",
          noEmit: true,
          lib: ["es2022", "dom"],
        },
      }),
    });
    const chosen = resolveTarget({ writer: "sync", start: folder.path });
    deliver(planDelivery(chosen, generateTypes(CONTRACT), { withClient: true }), "write");
    const { code, stdout, stderr } = await runProgram(node.path, ["run.mjs"], { cwd: folder.path });
    assert.equal(code, 0, stderr);
    assert.equal(stdout, "function\n");
    for (const version of ["5.4", "7.0"] as const) {
      assert.equal(await runTsc(folder.path, version), "");
    }
  },
);

test("moduleText() is empty without procedures", () => {
  const text = generateTypes(contractOf({})).text;
  assert.match(moduleText(text, "esm"), /\nexport const procedureKinds = \{\};\n$/);
  assert.match(moduleText(text, "cjs"), /\nexports\.procedureKinds = \{\};\n$/);
});

test("the placeholder explains itself in the error of the compiler", async () => {
  await using folder = await tempFolder({
    "package.json": `{ "type": "module" }`,
    "main.ts": `import { createClient } from "./pyrpc_client.ts";
import type { Types } from "@pyrpc/types";
const rpc = createClient<Types>({ baseUrl: "http://localhost:8000" });
export const sum = await rpc.add(1, 2);
export const version = await rpc.admin.version();
`,
    "node_modules/@pyrpc/types/package.json":
      `{ "name": "@pyrpc/types", "types": "./src/index.ts" }`,
    "tsconfig.json": JSON.stringify({
      compilerOptions: {
        strict: true,
        target: "es2022",
        module: "esnext",
        moduleResolution: "bundler",
        noEmit: true,
        allowImportingTsExtensions: true,
        lib: ["es2022", "dom"],
      },
    }),
  });
  const types = folder.at("node_modules/@pyrpc/types/src/index.ts");
  await mkdir(dirname(types), { recursive: true });
  await writeFile(types, PLACEHOLDER_TYPES);
  const client = new URL("../../lib/client/pyrpc_client.ts", import.meta.url);
  await cp(client, folder.at("pyrpc_client.ts"));
  const errors = await runTsc(folder.path, "7.0");
  const reasons = errors.match(
    /main\.ts[^]*?The types are not generated yet\. Run: npx pyrpc sync/g,
  );
  assert.equal(reasons?.length, 2, errors);
});

import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { compileSchema } from "../../lib/validate/mod.ts";
import { fileURLToPath } from "node:url";
import { serveHttp } from "../support/http_server.ts";
import { mcpClient } from "../support/mcp.ts";
import { TINY, TINY_TEXT } from "../support/tiny_contract.ts";

const SHOP = fileURLToPath(new URL("../fixtures/shop.schema.json", import.meta.url));
const SHOP_FILES = { "schema.json": readFileSync(SHOP, "utf8") };

test("list_procedures: every procedure once, in pages of any size", async () => {
  await using mcp = await mcpClient({ files: SHOP_FILES });
  const whole = await mcp.call("list_procedures", { limit: 500 });
  const names = (whole["procedures"] as { name: string }[]).map(({ name }) => name);
  assert.equal(whole["total"], names.length);
  assert.equal(whole["next_cursor"], undefined);
  for (const limit of [1, 5, names.length]) {
    const found: string[] = [];
    let cursor: unknown;
    do {
      const page = await mcp.call("list_procedures", {
        limit,
        ...(cursor === undefined ? {} : { cursor }),
      });
      found.push(...(page["procedures"] as { name: string }[]).map(({ name }) => name));
      cursor = page["next_cursor"];
    } while (cursor !== undefined);
    assert.deepEqual(found, names, `pages of ${limit}`);
  }
});

test("list_procedures: all words of a search must occur", async () => {
  await using mcp = await mcpClient({ files: SHOP_FILES });
  const search = async (text: string) => {
    const { procedures } = await mcp.call("list_procedures", { search: text });
    return (procedures as { name: string }[]).map(({ name }) => name);
  };
  assert.deepEqual(await search("PLACE order"), ["place_order"]);
  assert.deepEqual(await search("place nothing"), []);
});

test("describe_procedure, check_call and sample_result agree with each other", async () => {
  await using mcp = await mcpClient({ files: SHOP_FILES });
  const { procedures } = await mcp.call("list_procedures", { limit: 500 });
  for (const { name } of procedures as { name: string }[]) {
    const described = await mcp.call("describe_procedure", { name });
    const example = String(described["example"]);
    const [, json = ""] = /^await rpc(?:\.\w+|\["[^"]+"\])\((.*)\);$/.exec(example) ?? [];
    const checked = await mcp.call("check_call", {
      name,
      arguments: json === "" ? {} : JSON.parse(json),
    });
    assert.equal(checked["valid"], true, example);
    const sample = await mcp.call("sample_result", { name });
    assert.equal(
      (await mcp.call("check_call", { name, arguments: sample["arguments"] }))["valid"],
      true,
    );
    const schema = described["result_schema"] as never;
    assert.equal(compileSchema(schema).check(sample["result"]), undefined, name);
  }
});

test("check_call: the error of the server, as Pydantic writes it", async () => {
  await using mcp = await mcpClient({ files: SHOP_FILES });
  assert.deepEqual(
    (await mcp.call("check_call", { name: "add", arguments: { a: "x", b: 1 } }))["error"],
    {
      code: -32602,
      message: "Validation failed",
      data: {
        field: "a",
        message: "Input should be a valid integer, unable to parse string as an integer",
        type: "int_parsing",
      },
    },
  );
});

test("diff_contract compares with a file of the project and with a server", async () => {
  const before = { ...TINY, gone: { ...TINY.add, name: "gone" } };
  await using server = await serveHttp((_, response) => response.end(JSON.stringify(before)));
  await using mcp = await mcpClient({
    files: { "schema.json": TINY_TEXT, "old.json": JSON.stringify(before) },
  });
  for (const old of ["old.json", server.url]) {
    const report = await mcp.call("diff_contract", { file_or_url: old });
    assert.equal(report["severity"], "breaking");
    assert.deepEqual((report["changes"] as { rule: string }[]).map(({ rule }) => rule), [
      "PROCEDURE_REMOVED",
    ]);
  }
});

test("generate_types writes only if it is allowed, and only inside the project", async () => {
  const files = { "schema.json": TINY_TEXT, "package.json": "{}", "tsconfig.json": "{}" };
  await using mcp = await mcpClient({ files });
  const plan = await mcp.call("generate_types", { out: "src/api.ts" });
  assert.equal(plan["written"], false);
  assert.match(String(plan["text"]), /add: \{/);
  assert.equal(existsSync(join(mcp.folder, "src/api.ts")), false);
  assert.match(
    await mcp.failure("generate_types", { out: "src/api.ts", write: true }),
    /--allow-write/,
  );
  await using writer = await mcpClient({ files, allowWrite: true });
  await writer.call("generate_types", { out: "src/api.ts", write: true });
  assert.match(readFileSync(join(writer.folder, "src/api.ts"), "utf8"), /export type Types/);
  for (const out of ["../api.ts", "/tmp/api.ts", "src/../../api.ts"]) {
    assert.match(
      await writer.failure("generate_types", { out, write: true }),
      /outside the project/,
    );
  }
});

test("check_project and doctor return what the commands print", async () => {
  await using mcp = await mcpClient({ files: SHOP_FILES });
  assert.equal((await mcp.call("check_project"))["ok"], true);
  const { findings } = await mcp.call("doctor");
  assert.ok((findings as unknown[]).length > 0);
});

test("call_procedure exists only if calls are allowed, and calls only the allowed procedures", async () => {
  await using server = await startAdding();
  await using closed = await mcpClient({ source: server.url });
  const { tools } = await closed.client.listTools();
  assert.equal(tools.some(({ name }) => name === "call_procedure"), false);
  await assert.rejects(closed.call("call_procedure", { name: "add" }), /--allow-calls/);

  await using mcp = await mcpClient({ source: server.url, allowedCalls: ["add"] });
  const tool = (await mcp.client.listTools()).tools.find(({ name }) => name === "call_procedure");
  assert.equal(tool?.annotations?.readOnlyHint, undefined, "a query may change data");
  const { result } = await mcp.call("call_procedure", { name: "add", arguments: [1, 2] });
  assert.equal(result, 3);
  assert.match(await mcp.failure("call_procedure", { name: "other" }), /not allowed/);
  const posts = () => server.requests.filter(({ method }) => method === "POST").length;
  const before = posts();
  assert.match(
    await mcp.failure("call_procedure", { name: "add", arguments: ["x", 2] }),
    /valid integer/,
  );
  assert.equal(posts(), before, "invalid arguments are not sent");
});

test("call_procedure asks the user if the client can ask, and follows the answer", async () => {
  await using server = await startAdding();
  const questions: string[] = [];
  for (
    const [action, accepted] of [["accept", true], ["accept", false], ["decline", true]] as const
  ) {
    await using mcp = await mcpClient({
      source: server.url,
      allowedCalls: "all",
      client: { capabilities: { elicitation: {} } },
      prepare: (client) =>
        client.setRequestHandler("elicitation/create", ({ params }) => {
          questions.push(params.message);
          return action === "accept" ? { action, content: { confirm: accepted } } : { action };
        }),
    });
    const answer = mcp.call("call_procedure", { name: "add", arguments: [1, 2] });
    if (action === "accept" && accepted) assert.equal((await answer)["result"], 3);
    else await assert.rejects(answer, /declined/);
  }
  assert.equal(questions.length, 3);
  assert.match(questions[0] ?? "", /^Call add\(\[1,2\]\) on http/);
});

test("credentials are sent to the server of the contract only, and are part of no answer", async () => {
  const secret = "s3cret-token";
  await using server = await serveHttp((_, response) => response.end(TINY_TEXT));
  await using other = await serveHttp((_, response) => response.end(TINY_TEXT));
  await using mcp = await mcpClient({
    source: server.url,
    options: { token: secret, headers: [["x-key", "k3y-value"]] },
    redact: (text) => text.replaceAll(secret, "***").replaceAll("k3y-value", "***"),
  });
  await mcp.call("diff_contract", { file_or_url: other.url });
  assert.equal(server.requests[0]?.headers.authorization, `Bearer ${secret}`);
  assert.equal(other.requests[0]?.headers.authorization, undefined);
  assert.equal(other.requests[0]?.headers["x-key"], undefined);
});

test("a client that can only open URLs is not asked with a form", async () => {
  await using server = await serveHttp((request, response) => {
    response.setHeader("content-type", "application/json");
    response.end(request.method === "GET" ? TINY_TEXT : '{"id":1,"result":3,"error":null}');
  });
  await using mcp = await mcpClient({
    source: server.url,
    allowedCalls: "all",
    client: { capabilities: { elicitation: { url: {} } } },
  });
  assert.equal((await mcp.call("call_procedure", { name: "add", arguments: [1, 2] }))["result"], 3);
});

test("generate_types writes TypeScript files only", async () => {
  await using mcp = await mcpClient({ files: SHOP_FILES, allowWrite: true });
  for (const out of [".mcp.json", "hooks/pre-commit", "a.tsx", ""]) {
    assert.match(
      await mcp.failure("generate_types", { out, write: true }),
      /not a TypeScript file/,
    );
  }
});

test("wrong arguments of a tool are an error that names the member", async () => {
  await using mcp = await mcpClient({ files: SHOP_FILES });
  assert.match(await mcp.failure("list_procedures", { limit: 0 }), /limit: .*greater than/);
  assert.match(await mcp.failure("describe_procedure", {}), /name: Field required/);
});

test("every answer fits the output schema of its tool", async () => {
  await using mcp = await mcpClient({ files: SHOP_FILES });
  const { tools } = await mcp.client.listTools();
  const inputs: Record<string, Record<string, unknown>> = {
    describe_procedure: { name: "place_order" },
    check_call: { name: "add", arguments: [1] },
    sample_result: { name: "list_products" },
    diff_contract: { file_or_url: "schema.json" },
    generate_types: { out: "api.ts" },
  };
  for (const { name, outputSchema } of tools) {
    const answer = await mcp.call(name, inputs[name]);
    assert.equal(compileSchema(outputSchema as never).check(answer), undefined, name);
  }
});

async function startAdding() {
  return await serveHttp((request, response, body) => {
    if (request.method === "GET") {
      return void response.end(JSON.stringify({ ...TINY, other: { ...TINY.add, name: "other" } }));
    }
    const { id, params } = JSON.parse(body) as { id: unknown; params: number[] };
    response.setHeader("content-type", "application/json");
    response.end(JSON.stringify({ id, result: (params[0] ?? 0) + (params[1] ?? 0), error: null }));
  });
}

test("agents see no excluded procedure, through no tool", async () => {
  const selection = { include: [], exclude: ["users.*", "place_*"] };
  await using mcp = await mcpClient({
    files: { ...SHOP_FILES, "old.json": SHOP_FILES["schema.json"] },
    selection,
  });
  const answers = [
    await mcp.call("list_procedures", { limit: 500 }),
    await mcp.call("diff_contract", { file_or_url: "old.json" }),
  ];
  assert.match(JSON.stringify(answers), /get_product/);
  assert.doesNotMatch(JSON.stringify(answers), /users\.get|place_order/);
});

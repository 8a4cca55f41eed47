import assert from "node:assert/strict";
import { test } from "node:test";
import { serveHttp, type TestServer } from "../support/http_server.ts";
import { runCli } from "../support/run_cli.ts";

const integer = { type: "integer" };
const parameter = (name: string, schema: object, required = true) => ({
  name,
  type: "",
  schema_: schema,
  required,
  default: null,
});
const CONTRACT = {
  add: {
    name: "add",
    parameters: [parameter("a", integer), parameter("b", integer, false)],
    return_type: "int",
    return_schema: integer,
    doc: "",
    kind: "query",
  },
  "-x": {
    name: "-x",
    parameters: [parameter("text", { type: "string", maxLength: 9 })],
    return_type: "str",
    return_schema: { type: "string" },
    doc: "",
    kind: "query",
  },
};

interface Call {
  readonly id: number;
  readonly method: string;
  readonly params: unknown;
}

/** A server of {@link CONTRACT} in which `answer` replaces correct answers. */
async function serve(
  answer: (call: Call) => object | undefined = () => undefined,
): Promise<TestServer> {
  return await serveHttp((request, response, body) => {
    response.setHeader("content-type", "application/json");
    if (request.method === "GET") return void response.end(JSON.stringify(CONTRACT));
    const call = JSON.parse(body) as Call;
    const outcome = answer(call) ?? correct(call);
    response.end(JSON.stringify({ id: call.id, result: null, error: null, ...outcome }));
  });
}

const REJECTED = {
  error: {
    code: -32602,
    message: "Validation failed",
    data: { field: "a", message: "", type: "int_type" },
  },
};

function correct({ method, params }: Call): object {
  const values = Array.isArray(params) ? params : Object.values(params as object);
  if (method === "-x") {
    const [text] = values;
    const isValid = values.length === 1 &&
      (Array.isArray(params) || "text" in (params as object)) &&
      typeof text === "string" && [...text].length <= 9;
    return isValid ? { result: text } : REJECTED;
  }
  const isValid = values.length > 0 && values.length <= 2 &&
    values.every((value) => Number.isInteger(value)) &&
    (Array.isArray(params) ||
      "a" in (params as object) &&
        Object.keys(params as object).every((name) => /^[ab]$/.test(name)));
  return isValid ? { result: 0 } : REJECTED;
}

const calls = (server: TestServer) => server.requests.filter(({ method }) => method === "POST");

test("test finds nothing in a backend that follows its contract", async () => {
  await using server = await serve();
  const { code, stdout } = await runCli(["test", server.url, "--all"]);
  assert.match(stdout, /^2 procedures, \d+ calls: no problems found\n$/);
  assert.equal(code, 0);
});

test("test prints a simplified call that reproduces the failure", async () => {
  await using server = await serve(({ method, params }) => {
    const { text } = params as { readonly text?: unknown };
    const isLong = typeof text === "string" && text.length > 2 && text.length <= 9;
    return method === "-x" && isLong ? { result: 42 } : undefined;
  });
  const { code, stdout } = await runCli(["test", server.url, "--all"]);
  assert.equal(code, 1, stdout);
  assert.match(
    stdout,
    /^error result-type {2}-x: the result does not fit the contract: Input should be a valid string\n {4}result: 42\n/,
  );
  const line = /^ {4}pyrpc (call .*)$/m.exec(stdout)?.[1] ?? "";
  const words = [...line.matchAll(/'([^']*)'|(\S+)/g)].map(([, quoted, plain]) =>
    quoted ?? plain ?? ""
  );
  assert.equal(JSON.parse(words[words.indexOf("--data") + 1]!).text.length, 3);
  const repeated = await runCli(words);
  assert.equal(repeated.stdout, "42\n", repeated.stderr);
});

test("test --seed decides every call; --max-calls bounds them, those that simplify included", async () => {
  const bodies = async (...args: string[]) => {
    await using server = await serve(({ params }) =>
      JSON.stringify(params).includes("1") ? { result: "x" } : undefined
    );
    await runCli(["test", server.url, "add", ...args]);
    return calls(server).map(({ body }) => body);
  };
  const first = await bodies("--seed", "one");
  assert.deepEqual(await bodies("--seed", "one"), first);
  assert.notDeepEqual(await bodies("--seed", "two"), first);
  assert.ok(first.length > 20);
  assert.equal((await bodies("--seed", "one", "--max-calls", "17")).length, 17);
});

test("test --rate limits the calls per second", async () => {
  await using server = await serve();
  const begin = performance.now();
  await runCli(["test", server.url, "add", "--max-calls", "6", "--rate", "50"]);
  assert.equal(calls(server).length, 6);
  assert.ok(performance.now() - begin >= 95);
});

test("test calls only the procedures that are named", async () => {
  await using server = await serve();
  const { code, stderr } = await runCli(["test", server.url]);
  assert.equal(code, 2);
  assert.match(
    stderr,
    /^error: A URL does not declare which procedures only read: nothing would be called/,
  );
  assert.equal(calls(server).length, 0);
  const { stdout } = await runCli(["test", server.url, "a*"]);
  assert.match(stdout, /^1 procedure was not called: -x\n/);
  assert.ok(calls(server).every(({ body }) => JSON.parse(body).method === "add"));
});

test("test reports the same findings in every format, and --allow accepts a rule", async () => {
  await using server = await serve((call) =>
    call.method === "add" && "result" in correct(call) ? { result: "x" } : undefined
  );
  const run = (...args: string[]) => runCli(["test", server.url, "--all", ...args]);
  const json = await run("--json");
  assert.equal(json.code, 1);
  const report = JSON.parse(json.stdout);
  assert.equal(report.ok, false);
  assert.deepEqual(
    report.findings.map(({ rule, procedure }: Record<string, string>) => [rule, procedure]),
    [
      ["result-type", "add"],
    ],
  );
  assert.match(
    (await run("--format", "junit")).stdout,
    /<testcase classname="result-type" name="add">/,
  );
  assert.match(
    (await run("--format", "junit")).stdout,
    /<testcase classname="pyrpc test" name="-x"\/>/,
  );
  assert.match(
    (await run("--format", "github")).stdout,
    /^::error title=pyrpc result-type::add: the result/,
  );
  assert.match((await run("--format", "markdown")).stdout, /^### ❌ pyrpc test/);
  const rules = new Set<string>(report.findings.map(({ rule }: { rule: string }) => rule));
  const allowed = await run(...[...rules].flatMap((rule) => ["--allow", `${rule}:add`]));
  assert.equal(allowed.code, 0, allowed.stdout);
  assert.match(allowed.stdout, /^allowed result-type/);
});

test("test --examples tries their arguments first", async () => {
  await using server = await serve();
  await runCli(["test", server.url, "add", "--examples", "e.yaml"], {
    files: { "e.yaml": "add:\n  cases:\n    - when: { a: 4711 }\n      result: 0\n" },
  });
  assert.deepEqual(JSON.parse(calls(server)[0]!.body).params, { a: 4711 });
});

test("test prints the findings so far after Ctrl+C", async () => {
  let interrupt: () => void = () => {};
  let count = 0;
  await using server = await serve(({ method }) => {
    if (++count === 40) interrupt();
    return method === "add" ? { result: "x" } : undefined;
  });
  const { code, stdout } = await runCli(["test", server.url, "--all"], {
    onStart: (signal) => interrupt = () => signal("SIGINT"),
  });
  assert.equal(code, 130);
  assert.match(stdout, /^error result-type {2}add/);
  assert.match(stdout, /planned calls were not sent: the test was interrupted\n/);
});

test("test ends with exit code 5 where the server demands credentials, and repeats them by name only", async () => {
  await using server = await serveHttp((request, response) => {
    response.statusCode = request.headers["authorization"] === "Bearer s3cret-token" ? 200 : 401;
    if (request.method === "GET") return void response.end(JSON.stringify(CONTRACT));
    if (response.statusCode === 200) response.statusCode = 500;
    response.end("{}");
  });
  const contract = { "c.json": JSON.stringify(CONTRACT) };
  const refused = await runCli(["test", "c.json", "--all", "--server-url", server.url], {
    files: contract,
  });
  assert.equal(refused.code, 5);
  assert.match(refused.stderr, /Pass credentials/);
  const { stdout, code } = await runCli(["test", server.url, "add", "--token-env", "TOKEN"], {
    env: { TOKEN: "s3cret-token" },
  });
  assert.equal(code, 1);
  assert.match(stdout, /pyrpc call --no-check --token-env TOKEN --data/);
  assert.doesNotMatch(stdout, /s3cret/);
});

test("test reports the call after which a server does not answer any more, and stops", async () => {
  let hasEnded = false;
  await using server = await serveHttp((request, response, body) => {
    hasEnded ||= request.method === "POST" && JSON.parse(body).method === "-x";
    if (hasEnded) return void request.socket.destroy();
    response.end(
      JSON.stringify(
        request.method === "GET"
          ? CONTRACT
          : { id: JSON.parse(body).id, error: null, ...correct(JSON.parse(body)) },
      ),
    );
  });
  const { code, stdout } = await runCli(["test", server.url, "--all"]);
  assert.equal(code, 1);
  assert.match(
    stdout,
    /^error connection-closed {2}-x: the connection is closed for valid arguments\n/,
  );
  assert.match(
    stdout,
    /planned calls were not sent: the server no longer answers\n2 procedures, 2 calls: 1 problem found\n$/,
  );
});

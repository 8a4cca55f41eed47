import assert from "node:assert/strict";
import { test } from "node:test";
import { parseContract } from "../../lib/contract/mod.ts";
import { diagnoseCors } from "../../lib/doctor/cors.ts";
import { probeServer, serversToProbe } from "../../lib/doctor/server.ts";
import { diagnoseWire } from "../../lib/doctor/wire.ts";
import { contextOf } from "../support/load_context.ts";
import { serveHttp } from "../support/http_server.ts";
import { contractOf, documentOf } from "../support/contracts.ts";
import { ALL_PROCEDURES } from "../../lib/contract/mod.ts";
import { freePort } from "../support/free_port.ts";

const client = (distribution: "server" | "workspace", ...urls: string[]) => ({
  distribution,
  servers: urls.map((url) => ({
    name: undefined,
    url,
    target: undefined,
    selection: ALL_PROCEDURES,
  })),
});
const project = (host: string) => ({ host, port: 8000 });

test("serversToProbe() prefers the given server, then those of the client, then pyrpc dev", () => {
  const given = "http://given";
  const two = client("server", "http://a", "http://b");
  const own = { url: "http://127.0.0.1:8000", isNeeded: false };
  const needed = (url: string) => ({ url, isNeeded: true });
  const rows = [
    [{ project: project("::"), client: two }, given, {}, [needed(given)]],
    [{ project: undefined, client: two }, undefined, { PYRPC_SERVER_URL: given }, [needed(given)]],
    [{ project: project("::"), client: two }, undefined, {}, [
      needed("http://a"),
      needed("http://b"),
    ]],
    [{ project: project("::"), client: client("workspace", "http://a") }, undefined, {}, [own]],
    [{ project: project("0.0.0.0"), client: client("server") }, undefined, {}, [own]],
    [{ project: project("::1"), client: undefined }, undefined, {}, [
      { url: "http://[::1]:8000", isNeeded: false },
    ]],
    [{ project: undefined, client: undefined }, undefined, { PYRPC_SERVER_URL: "" }, []],
  ] as const;
  for (const [configured, url, env, wanted] of rows) {
    assert.deepEqual(serversToProbe(configured, url, env), wanted);
  }
});

const context = contextOf();
const NO_PROJECT = { project: undefined, backend: undefined, context };

test("probeServer() reports the server, its wire and its CORS settings", async () => {
  await using server = await serveHttp((request, response) => {
    if (request.method === "OPTIONS") {
      response.writeHead(204, { "access-control-allow-origin": "*" }).end();
    } else response.end(JSON.stringify(documentOf({ add: {} })));
  });
  const { value, diagnoses } = await probeServer({ url: server.url, isNeeded: true }, NO_PROJECT);
  assert.deepEqual([...value?.procedures.keys() ?? []], ["add"]);
  assert.deepEqual(diagnoses.map(({ check, status }) => [check, status]), [
    ["server", "ok"],
    ["wire", "ok"],
    ["cors", "ok"],
  ]);
  assert.match(diagnoses[0]?.message ?? "", /answers: 1 procedure$/);
  const preflight = server.requests.find(({ method }) => method === "OPTIONS");
  assert.deepEqual(
    [preflight?.headers.origin, preflight?.headers["access-control-request-method"]],
    ["http://localhost:5173", "POST"],
  );
});

test("probeServer() reports an unreachable server only if something needs it", async () => {
  const url = `http://127.0.0.1:${await freePort()}`;
  const needed = await probeServer({ url, isNeeded: true }, NO_PROJECT);
  assert.equal(needed.value, undefined);
  assert.deepEqual(needed.diagnoses.map(({ status }) => status), ["broken"]);
  assert.match(needed.diagnoses[0]?.fix?.[0] ?? "", /^pyrpc dev/);
  const dev = await probeServer({ url, isNeeded: false }, NO_PROJECT);
  assert.deepEqual(dev.diagnoses.map(({ status, fix }) => [status, fix]), [["skipped", []]]);
});

test("diagnoseCors() accepts every origin or the one of Vite", () => {
  const rows = [
    [{ status: 200, origin: "*" }, "ok"],
    [{ status: 204, origin: "http://localhost:5173" }, "ok"],
    [{ status: 200, origin: "http://localhost:3000" }, "warning"],
    [{ status: 200, origin: undefined }, "warning"],
    [{ status: 405, origin: "*" }, "warning"],
    [undefined, "warning"],
  ] as const;
  for (const [answer, wanted] of rows) {
    const { status, fix } = diagnoseCors(answer);
    assert.deepEqual([status, fix !== undefined], [wanted, wanted === "warning"]);
  }
});

test("diagnoseWire() finds the version by the members of the document", () => {
  const old = Object.fromEntries(
    Object.entries(documentOf({ add: { kind: null } })).map(([name, value]) => {
      const { is_async: _, ...rest } = value as Record<string, unknown>;
      return [name, rest];
    }),
  );
  const rows = [
    [contractOf({}), /unknown/],
    [contractOf({ add: {} }), /0\.9 or newer/],
    [contractOf({ add: { kind: null } }), /0\.7 or 0\.8/],
    [parseContract(old, { where: "old" }), /0\.6 or older/],
  ] as const;
  for (const [contract, wanted] of rows) assert.match(diagnoseWire(contract).message, wanted);
});

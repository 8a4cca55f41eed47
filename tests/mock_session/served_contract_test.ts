import assert from "node:assert/strict";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { describe, it } from "node:test";
import { ALL_PROCEDURES } from "../../lib/contract/mod.ts";
import { loadServedContract, sourceWarnings } from "../../lib/mock_session/served_contract.ts";
import { collectHandlers } from "../../lib/rpc/mod.ts";
import { sessionConsole } from "../support/mock_session.ts";
import { tempFolder } from "../support/temp_folder.ts";

const NOTHING = {
  source: undefined,
  upstream: undefined,
  handlers: undefined,
  load: {},
  selection: ALL_PROCEDURES,
};
const SCHEMA = JSON.stringify({
  ping: {
    name: "ping",
    parameters: [],
    return_type: "int",
    return_schema: { type: "integer" },
    doc: "",
    kind: "query",
  },
});

/** A server that answers with {@link SCHEMA} until it is closed. */
async function schemaServer(): Promise<{ readonly url: string; close(): Promise<void> }> {
  const server = createServer((_, response) => response.end(SCHEMA));
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: async () => {
      server.closeAllConnections();
      await new Promise((done) => server.close(done));
    },
  };
}

describe("loadServedContract()", () => {
  const handlers = collectHandlers({
    double: { result: { type: "integer" }, handler: () => 2 },
  }, "handlers.mjs");

  it("uses SOURCE, the handlers, the upstream server, the configuration, an example, in this order", async () => {
    const server = await schemaServer();
    await using folder = await tempFolder({ "schema.json": SCHEMA });
    const console = sessionConsole(folder.path);
    const configured = sessionConsole(folder.path, { env: { PYRPC_SERVER_URL: server.url } });
    const source = "schema.json";
    const upstream = server.url;
    for (
      const [options, context, kind] of [
        [{ source, handlers, upstream }, configured, "file"],
        [{ handlers, upstream }, configured, "handlers"],
        [{ upstream }, console, "url"],
        [{}, configured, "url"],
        [{}, console, "example"],
      ] as const
    ) {
      const served = await loadServedContract({ ...NOTHING, ...options }, context);
      assert.equal(served.kind, kind);
    }
    await server.close();
  });

  it("serves the cached contract of an unreachable server with a warning; fails without one", async () => {
    const server = await schemaServer();
    await using folder = await tempFolder();
    const console = sessionConsole(folder.path);
    await loadServedContract({ ...NOTHING, source: server.url }, console);
    await server.close();
    const served = await loadServedContract({ ...NOTHING, source: server.url }, console);
    assert.deepEqual([...served.contract.procedures.keys()], ["ping"]);
    assert.match(served.warnings.join(), /serving the contract as it was on \d{4}-/);

    await using empty = await tempFolder();
    await assert.rejects(
      loadServedContract({ ...NOTHING, source: server.url }, sessionConsole(empty.path)),
      { exitCode: 5 },
    );
  });

  it("rejects a client with several servers and names them", async () => {
    const server = (name: string, port: number) => ({
      name,
      server_url: `http://127.0.0.1:${port}`,
      target: `${name}.ts`,
    });
    await using folder = await tempFolder({
      "pyrpc-client.json": JSON.stringify({
        distribution: "server",
        servers: [server("shop", 1), server("crm", 2)],
      }),
    });
    await assert.rejects(loadServedContract(NOTHING, sessionConsole(folder.path)), {
      code: "USAGE",
      message: /shop \(http:\/\/127\.0\.0\.1:1\), crm \(http:\/\/127\.0\.0\.1:2\)/,
      fix: ["Choose one: pyrpc mock http://127.0.0.1:1"],
    });
  });
});

describe("sourceWarnings()", () => {
  it("lists warnings and problems as sentences", async () => {
    await using folder = await tempFolder({ "schema.json": SCHEMA });
    const options = { ...NOTHING, source: "schema.json" };
    const { contract } = await loadServedContract(options, sessionConsole(folder.path));
    const loaded = { kind: "file", contract, where: "" } as const;
    assert.deepEqual(sourceWarnings(loaded), []);
    assert.deepEqual(
      sourceWarnings({ ...loaded, warnings: ["a warning"], problems: ["a problem"] }),
      ["A warning", "A problem"],
    );
  });
});

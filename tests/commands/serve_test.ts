import assert from "node:assert/strict";
import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { connect } from "node:net";
import { join } from "node:path";
import { describe, it } from "node:test";
import { connect as connectNats } from "@nats-io/transport-node";
import type { EndSignal } from "../../lib/runtime/mod.ts";
import { freePort } from "../support/free_port.ts";
import { natsSkip, startNats } from "../support/nats.ts";
import { waitUntil } from "../support/wait_until.ts";
import { runCli } from "../support/run_cli.ts";
import { tempFolder } from "../support/temp_folder.ts";

const HANDLERS = "export const add = (a, b) => a + b; export const admin = { version: () => '1' };";
const CALL = '{"jsonrpc":"2.0","id":1,"method":"add","params":{"b":2,"a":1}}';
const REPLY = '{"jsonrpc":"2.0","id":1,"result":3}';

describe("pyrpc serve", () => {
  it("serves several transports at once from one process", async () => {
    await using folder = await tempFolder({ "api.mjs": HANDLERS });
    const [http, tcp] = [await freePort(), await freePort()];
    const socketPath = join(folder.path, "rpc.sock");
    let send: (signal: EndSignal) => void = () => undefined;
    const running = runCli([
      "serve",
      "--handlers",
      "api.mjs",
      "--protocol",
      "jsonrpc",
      "--trace",
      "--listen",
      `http://127.0.0.1:${http}/`,
      "--listen",
      `tcp://127.0.0.1:${tcp}`,
      "--listen",
      `unix://${socketPath}`,
    ], { cwd: folder.path, onStart: (signal) => send = signal });
    const ask = async (target: { port: number; host: string } | { path: string }) => {
      const socket = connect(target);
      socket.end(`${CALL}\n`);
      const [reply] = await once(socket, "data");
      return String(reply);
    };
    const overHttp = async () => {
      const response = await fetch(`http://127.0.0.1:${http}/anywhere`, {
        method: "POST",
        body: CALL,
      });
      return await response.text();
    };
    await waitUntil(async () => await overHttp() === REPLY);
    assert.equal(await ask({ port: tcp, host: "127.0.0.1" }), `${REPLY}\n`);
    assert.equal(await ask({ path: socketPath }), `${REPLY}\n`);
    send("SIGTERM");
    const { code, stderr, stdout } = await running;
    assert.equal(code, 143);
    assert.equal(stdout, "");
    assert.match(stderr, /pyrpc serve tcp:\/\/127\.0\.0\.1:\d+ jsonrpc/);
    assert.ok(stderr.includes(`--> ${CALL}\n`) && stderr.includes(`<-- ${REPLY}\n`));
  });

  it("serves standard input until it ends; replies and nothing else on standard output", async () => {
    const { code, stdout } = await runCli(
      ["serve", "--handlers", "api.mjs", "--transport", "stdio", "--protocol", "jsonrpc"],
      { files: { "api.mjs": HANDLERS }, stdin: `${CALL}\n${CALL}\n` },
    );
    assert.equal(stdout, `${REPLY}\n${REPLY}\n`);
    assert.equal(code, 0);
  });

  it("reports faults in the flags", async () => {
    const files = { "api.mjs": HANDLERS };
    const wrong = async (...args: string[]) => (await runCli(["serve", ...args], { files })).code;
    assert.equal(await wrong(), 2);
    assert.equal(await wrong("--handlers", "api.mjs", "--listen", "ftp://x"), 2);
    const besides = [
      ["--transport", "tcp"],
      ["--host", "::1"],
      ["--port", "0"],
      ["--path", "/rpc"],
    ] as const;
    for (const [flag, value] of besides) {
      const { code, stderr } = await runCli(
        ["serve", "--handlers", "api.mjs", "--listen", "tcp://127.0.0.1:0", flag, value],
        { files },
      );
      assert.ok(stderr.includes(`${flag} is not for --listen`), stderr);
      assert.equal(code, 2);
    }
    assert.equal(await wrong("--handlers", "api.mjs", "--transport", "unix"), 2);
    assert.equal(await wrong("--handlers", "api.mjs", "--transport", "stdio", "--json"), 2);
    for (
      const [path, words] of [["nowhere.mjs", "does not exist"], [".", "are not a file"]] as const
    ) {
      const { code, stderr } = await runCli(["serve", "--handlers", path, "--port", "0"], {
        files,
      });
      assert.ok(stderr.includes(words), stderr);
      assert.equal(code, 3);
    }
  });
});

describe("pyrpc serve and mock over NATS", { skip: natsSkip }, () => {
  const request = async (address: string, subject: string, text: string) => {
    const connection = await connectNats({ servers: address, user: "ada", pass: "s3cret" });
    try {
      return (await connection.request(subject, text, { timeout: 1000 })).string();
    } finally {
      await connection.close();
    }
  };
  const LOGIN = `authorization { user: ada, password: s3cret }`;
  const start = (args: readonly string[], files: Record<string, string>, env = {}) => {
    let send: (signal: EndSignal) => void = () => undefined;
    const running = runCli(args, { files, env, onStart: (signal) => send = signal });
    return { running, send: (signal: EndSignal) => send(signal) };
  };

  it("serve logs in with credentials of the environment, prints requests, reports a lost server, and prints no secret", async () => {
    await using nats = await startNats(LOGIN);
    const { running, send } = start(
      ["serve", "--handlers", "api.mjs", "--listen", `nats://${nats.address}/shop`, "--trace"],
      { "api.mjs": HANDLERS },
      { NATS_USER: "ada", NATS_PASSWORD: "s3cret" },
    );
    const answers = async () =>
      await request(nats.address, "shop", CALL) === `{"id":1,"result":3,"error":null}`;
    await waitUntil(answers);
    await nats.kill();
    await nats.start();
    await waitUntil(answers);
    send("SIGINT");
    const { code, stdout, stderr } = await running;
    assert.equal(code, 130);
    assert.equal(stdout, "");
    const { address } = nats;
    assert.ok(
      stderr.startsWith(`pyrpc serve nats://${address}/shop pyrpc\n  add, admin.version\n`),
    );
    assert.match(stderr, /^--> \{"jsonrpc".*\n<-- \{"id":1.*\nadd\(b: 2, a: 1\) {2}ok/m);
    assert.ok(
      stderr.includes(
        `NATS: ${address} is disconnected, trying again\nNATS: reconnected to ${address}\n`,
      ),
    );
    assert.ok(!stderr.includes("s3cret"));
  });

  it("serve ends with 5 where it is not let in", async () => {
    await using nats = await startNats(LOGIN);
    const url = `nats://ada:wr0ng@${nats.address}/shop`;
    const { code, stderr } = await runCli(["serve", "--handlers", "api.mjs", "--listen", url], {
      files: { "api.mjs": HANDLERS },
    });
    assert.equal(code, 5);
    assert.match(stderr, /rejected the credentials: Authorization Violation\n {2}at nats:\/\/127/);
    assert.ok(!stderr.includes("wr0ng"));
  });

  it("mock answers over HTTP and NATS alike", async () => {
    await using nats = await startNats(LOGIN);
    const port = await freePort();
    const schema = await readFile(
      new URL("../fixtures/shop.schema.json", import.meta.url),
      "utf8",
    );
    const { running, send } = start(
      [
        "mock",
        "schema.json",
        "--port",
        String(port),
        "--json",
        "--listen",
        `nats://ada:s3cret@${nats.address}/shop`,
      ],
      { "schema.json": schema },
    );
    const body = '{"id":1,"method":"price_range","params":["A-1"]}';
    const overHttp = async () => {
      const url = `http://127.0.0.1:${port}/rpc`;
      return await (await fetch(url, { method: "POST", body })).text();
    };
    await waitUntil(async () => await request(nats.address, "shop", body) !== "");
    assert.equal(await request(nats.address, "shop", body), await overHttp());
    assert.deepEqual(
      JSON.parse(await request(nats.address, "shop.schema", "")),
      await (await fetch(`http://127.0.0.1:${port}/rpc`)).json(),
    );
    send("SIGTERM");
    const { code, stdout } = await running;
    assert.equal(code, 143);
    const lines = stdout.trim().split("\n").map((line) => JSON.parse(line));
    assert.deepEqual(
      lines.slice(0, 2).map(({ event, url }) => `${event} ${url}`),
      [`listening http://127.0.0.1:${port}/rpc`, `listening nats://${nats.address}/shop`],
    );
    const calls = lines.slice(2).map(({ transport, procedure }) => `${procedure} ${transport}`);
    assert.deepEqual([...new Set(calls)].sort(), ["price_range http", "price_range nats"]);
  });
});

import assert from "node:assert/strict";
import { once } from "node:events";
import { connect } from "node:net";
import { join } from "node:path";
import { describe, it } from "node:test";
import type { EndSignal } from "../../lib/runtime/mod.ts";
import { freePort } from "../support/free_port.ts";
import { waitUntil } from "../support/python.ts";
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
    await waitUntil(async () => await overHttp() === REPLY, 10_000);
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

  it("says what is wrong with the flags", async () => {
    const files = { "api.mjs": HANDLERS };
    const wrong = async (...args: string[]) => (await runCli(["serve", ...args], { files })).code;
    assert.equal(await wrong(), 2);
    assert.equal(await wrong("--handlers", "api.mjs", "--listen", "ftp://x"), 2);
    assert.equal(await wrong("--handlers", "api.mjs", "--transport", "unix"), 2);
    assert.equal(await wrong("--handlers", "api.mjs", "--transport", "stdio", "--json"), 2);
    assert.equal(await wrong("--handlers", "nowhere.mjs", "--port", "0"), 3);
  });
});

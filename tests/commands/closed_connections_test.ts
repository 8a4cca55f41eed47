import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { connect, type Socket } from "node:net";
import { describe, it } from "node:test";
import { connect as connectTls } from "node:tls";
import { deflateSync } from "node:zlib";
import { WebSocket } from "ws";
import { makeCertificates, opensslSkip } from "../support/rpyc_certificates.ts";
import { type RunningCommand, startCommand } from "../support/rpyc.ts";
import { tempFolder } from "../support/temp_folder.ts";
import { casesToRun } from "../support/verify.ts";
import { waitUntil } from "../support/wait_until.ts";

const HANDLERS = "export const add = (a, b) => a + b;\n";

/** Bytes that a client sends, and the reason in the log. */
type Row = readonly [bytes: string | Uint8Array, reason: RegExp];

function frame(data: Uint8Array, compressed = 0): Uint8Array {
  const head = Buffer.alloc(5);
  head.writeUInt32BE(data.length);
  head[4] = compressed;
  return Buffer.concat([head, data, Buffer.from("\n")]);
}

const RPYC: readonly Row[] = [
  ["GET / HTTP/1.1\r\nHost: x\r\n\r\n", /It sent HTTP, not rpyc's protocol/],
  [Buffer.from("1603010200010001fc0303", "hex"), /It sent TLS, not rpyc's protocol/],
  [Buffer.from("0000ffff00", "hex"), /A message of 65535 bytes is larger than 1000 bytes/],
  [frame(deflateSync(Buffer.alloc(5000)), 1), /A compressed message is larger than 1000 bytes/],
  [frame(Buffer.from("no zlib"), 1), /compressed data cannot be inflated/],
  [frame(Buffer.from("\x01\xff\xff", "latin1")), /Not a brine value/],
  [frame(Buffer.from("\x01\x00", "latin1")), /Not a message/],
];

const LINES: readonly Row[] = [
  ["GET / HTTP/1.1\r\n\r\n", /it sent an HTTP request/],
  [`${"x".repeat(1001)}\n`, /A message is larger than 1000 bytes/],
];

const MSGPACK: readonly Row[] = [
  ["GET / HTTP/1.1\r\n\r\n", /Byte 47 does not start a MessagePack-RPC message/],
  [Buffer.from("9400c1", "hex"), /Byte c1 does not start a/],
  [Buffer.from("9400dbffffffff", "hex"), /A message of \d+ bytes is larger than 1000 bytes/],
];

const LENGTH: readonly Row[] = [[Buffer.from("7fffffff", "hex"), /is larger than 1000 bytes/]];
const ZMQ: readonly Row[] = [[`GET / HTTP/1.1\r\n${"x".repeat(100)}`, /Not ZMTP/]];

const HOST = "Host: 127.0.0.1\r\n";
const UPGRADE = "GET /other HTTP/1.1\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n" +
  `Sec-WebSocket-Key: ${btoa("0123456789abcdef")}\r\nSec-WebSocket-Version: 13\r\n${HOST}\r\n`;

const HTTP: readonly Row[] = [
  ["garbage\r\n\r\n", /It did not send valid HTTP/],
  [Buffer.from("1603010200010001fc0303", "hex"), /It did not send valid HTTP/],
  [`GET / HTTP/1.1\r\nA: ${"x".repeat(100_000)}\r\n\r\n`, /The headers are too large/],
  ["GET / HTTP/1.1\r\nHost: evil.example\r\n\r\n", /This Host is not allowed here/],
  [`GET / HTTP/1.1\r\n${HOST}${HOST}\r\n`, /more than one Host header/],
  ["POST /rpc HT", /It did not send a complete request in time/],
];
const HTTP_CALLS: readonly Row[] = [
  [`POST /rpc HTTP/1.1\r\n${HOST}Content-Length: 2000\r\n\r\n`, /larger than 1000 bytes/],
  [
    `POST /rpc HTTP/1.1\r\n${HOST}Transfer-Encoding: chunked\r\n\r\nZZZ\r\n`,
    /It did not send valid HTTP/,
  ],
  [`POST /rpc HTTP/1.1\r\n${HOST}Content-Encoding: gzip\r\n\r\n`, /"gzip" is not supported/],
  [UPGRADE, /It asked for WebSocket, which this address does not serve/],
];

interface Server {
  readonly args: readonly string[];
  readonly rows: readonly Row[];
  readonly isInGate?: boolean;
}

const message = (protocol: string, ...args: string[]) => [
  ...["--transport", "tcp", "--protocol", protocol, "--quiet", "--json"],
  ...args,
];

const http = ["--quiet", "--json", "--headers-timeout", "2s", "--request-timeout", "2s"];

const SERVERS: readonly Server[] = [
  { args: http, rows: [...HTTP, ...HTTP_CALLS], isInGate: true },
  {
    args: [...http, "--transport", "ws", "--protocol", "jsonrpc"],
    rows: [...HTTP, [UPGRADE, /refused: WebSocket is at \/ws/]],
  },
  { args: ["--protocol", "rpyc", "--mode", "async"], rows: RPYC, isInGate: true },
  { args: ["--protocol", "rpyc", "--mode", "sync"], rows: RPYC },
  { args: ["--protocol", "rpyc", "--mode", "threaded"], rows: RPYC.slice(0, 3), isInGate: true },
  { args: ["--protocol", "rpyc", "--mode", "forking"], rows: RPYC },
  { args: ["--protocol", "rpyc", "--mode", "pool"], rows: RPYC },
  { args: message("jsonrpc"), rows: LINES, isInGate: true },
  { args: message("jsonrpc-tinyrpc"), rows: LINES },
  { args: message("pyrpc", "--mode", "threaded"), rows: LINES },
  { args: message("pyrpc", "--mode", "forking"), rows: LINES },
  { args: message("jsonrpc", "--framing", "length", "--mode", "pool"), rows: LENGTH },
  { args: message("msgpackrpc"), rows: MSGPACK },
  { args: message("msgpackrpc", "--mode", "pool"), rows: MSGPACK },
  { args: message("msgpackrpc", "--framing", "length"), rows: LENGTH },
  { args: ["--transport", "zmq", "--protocol", "jsonrpc", "--quiet", "--json"], rows: ZMQ },
];

async function start(
  folder: string,
  args: readonly string[],
): Promise<RunningCommand & { readonly port: number }> {
  const serve = ["serve", "--handlers", "api.mjs", "--port", "0", "--max-body", "1000", ...args];
  const command = await startCommand(serve, /(?:server started on \[.*\]:|listening.*:)(\d+)/, {
    cwd: folder,
  });
  return { ...command, port: Number(command.match[1]) };
}

/** Waits for a line of the log with the reason, written after `from`. */
async function logged(server: RunningCommand, from: number, reason: RegExp): Promise<void> {
  const lines = () => server.stderr().slice(from).split("\n").filter((line) => reason.test(line));
  await waitUntil(() => lines().length > 0).catch((cause: unknown) => {
    throw new Error(`No line has ${reason}:\n${server.stderr()}`, { cause });
  });
  assert.equal(lines().length, 1, server.stderr());
}

function closed(socket: Socket): Promise<void> {
  socket.on("error", () => {});
  socket.resume();
  return new Promise((resolve) => {
    if (socket.closed) resolve();
    else socket.once("close", () => resolve());
  });
}

describe("every connection that the server closes has a reason in the log", () => {
  for (const { args, rows } of casesToRun(SERVERS, ({ isInGate }) => isInGate === true)) {
    it(args.join(" "), async () => {
      await using folder = await tempFolder({ "api.mjs": HANDLERS });
      await using server = await start(folder.path, args);
      for (const [bytes, reason] of rows) {
        const from = server.stderr().length;
        const socket = connect(server.port, "127.0.0.1");
        socket.on("error", () => {});
        socket.write(bytes);
        await closed(socket);
        await logged(server, from, reason);
      }
    });
  }

  it("a WebSocket that the authenticator refuses", async () => {
    await using folder = await tempFolder({ "api.mjs": HANDLERS, "users": "ada:secret\n" });
    const args = ["--transport", "ws", "--quiet", "--json", "--auth-basic-file", "users"];
    await using server = await start(folder.path, args);
    const socket = new WebSocket(`ws://127.0.0.1:${server.port}/ws`);
    await once(socket, "error");
    await logged(server, 0, /refused: The authenticator refused it/);
  });

  it("a message over WebSocket that is too large", async () => {
    await using folder = await tempFolder({ "api.mjs": HANDLERS });
    const args = ["--transport", "ws", "--protocol", "jsonrpc", "--quiet", "--json"];
    await using server = await start(folder.path, args);
    const socket = new WebSocket(`ws://127.0.0.1:${server.port}/ws`);
    socket.on("error", () => {});
    await once(socket, "open");
    socket.send("x".repeat(2000));
    await once(socket, "close");
    await logged(server, 0, /closed: A message is larger than 1000 bytes/);
  });

  it("which check of the client's certificate failed", { skip: opensslSkip() }, async () => {
    await using folder = await tempFolder({ "api.mjs": HANDLERS });
    const tls = await makeCertificates(folder.path);
    await using server = await start(folder.path, [
      ...["--protocol", "rpyc", "--mode", "async", "--ssl-keyfile", tls.serverKey],
      ...["--ssl-certfile", tls.serverCert, "--ssl-cafile", tls.ca],
    ]);
    const rows = [
      [tls.expiredCert, /its certificate has expired/],
      [tls.otherCert, /its certificate is signed by another authority/],
      [undefined, /it has no client certificate/],
    ] as const;
    for (const [file, reason] of rows) {
      const from = server.stderr().length;
      const socket = connectTls({
        port: server.port,
        host: "127.0.0.1",
        rejectUnauthorized: false,
        ...(file === undefined
          ? {}
          : { cert: await readFile(file), key: await readFile(tls.otherKey) }),
      });
      await closed(socket);
      await logged(server, from, reason);
    }
    const from = server.stderr().length;
    const plain = connect(server.port, "127.0.0.1");
    plain.write("plain text, which is long enough for a record\n");
    await closed(plain);
    await logged(server, from, /it does not use TLS/);
  });

  it(
    "an expired certificate of the server is reported at start",
    { skip: opensslSkip() },
    async () => {
      await using folder = await tempFolder({ "api.mjs": HANDLERS });
      const tls = await makeCertificates(folder.path);
      const files = ["--ssl-keyfile", tls.otherKey, "--ssl-certfile", tls.expiredCert];
      for (
        const protocol of [["rpyc", "--mode", "async"], ["jsonrpc", "--transport", "tcp", "--json"]]
      ) {
        await using server = await start(folder.path, ["--protocol", ...protocol, ...files]);
        await logged(server, 0, /The certificate of CN=other in .* has expired/);
      }
    },
  );

  it("an authenticator that throws, with its line", async () => {
    const authenticator = `export const authenticator = {
  authenticate() {
    return undefinedName;
  },
};
`;
    await using folder = await tempFolder({ "api.mjs": authenticator + HANDLERS });
    await using server = await start(folder.path, ["--protocol", "rpyc", "--mode", "async"]);
    await closed(connect(server.port, "127.0.0.1"));
    await logged(server, 0, /refused: ReferenceError.*api\.mjs:3:\d+/);
  });

  it("a mode that throws, with its line; so does its close", async () => {
    await using folder = await tempFolder({
      "api.mjs": HANDLERS,
      "mode.mjs": `export default () => ({
  serve() {
    throw new Error("no workers");
  },
  close() {
    throw new Error("not open");
  },
});
`,
    });
    await using server = await start(folder.path, ["--protocol", "rpyc", "--mode", "./mode.mjs"]);
    await closed(connect(server.port, "127.0.0.1"));
    await logged(server, 0, /closed: Error: no workers at .*mode\.mjs:3:\d+/);
    server.child.kill("SIGINT");
    assert.equal(await server.ended(), 130);
    await logged(server, 0, /The mode failed: Error: not open at .*mode\.mjs:6:\d+/);
  });

  it("a service whose constructor or hook throws, with its line", async () => {
    await using folder = await tempFolder({
      "api.mjs": `export class AService {
  onConnect() {
    throw new Error("no database");
  }
}
`,
    });
    await using server = await start(folder.path, ["--protocol", "rpyc", "--mode", "threaded"]);
    await closed(connect(server.port, "127.0.0.1"));
    await logged(server, 0, /closed: Error: no database at .*api\.mjs:3:\d+/);
  });
});

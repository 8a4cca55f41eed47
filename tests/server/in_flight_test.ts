import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { describe, it } from "node:test";
import { WebSocket } from "ws";
import { listen, type ListenAddress, type Listener } from "../../lib/server/mod.ts";
import { jsonrpcProtocol, type Protocol, pyrpcProtocol, RpcDispatcher } from "../../lib/rpc/mod.ts";
import { encodeMsgpack, msgpackrpcProtocol } from "../../lib/rpc/msgpack/mod.ts";
import { tempFolder } from "../support/temp_folder.ts";
import { waitUntil } from "../support/wait_until.ts";

/** Functions whose calls wait until the test releases them. */
function gates() {
  const waiting: (() => void)[] = [];
  let started = 0;
  const dispatcher = new RpcDispatcher()
    .addMethod((n: number) => new Promise((resolve) => waiting.push(() => resolve(n))), "wait")
    .addMethod((n: number) => n, "now");
  const dispatch = dispatcher.dispatch.bind(dispatcher);
  dispatcher.dispatch = (call, context) => {
    started++;
    return dispatch(call, context);
  };
  return {
    dispatcher,
    started: () => started,
    release: (index: number) => waiting.splice(index, 1)[0]?.(),
  };
}

interface Client {
  send(id: number, method: string): void;
  readonly replies: string[];
  close(): void;
}

function requestOf(protocol: Protocol, id: number, method: string): Uint8Array {
  if (protocol.name === "msgpackrpc") return encodeMsgpack([0, id, method, [id]]);
  const request = { jsonrpc: "2.0", id, method, params: [id] };
  return Buffer.from(JSON.stringify(request));
}

// Every message holds its id as the last number.
function idOf(protocol: Protocol, reply: Buffer): string {
  if (protocol.name === "msgpackrpc") return String(reply.at(-1));
  return String((JSON.parse(String(reply)) as { result: number }).result);
}

async function streamClient(socket: Socket, protocol: Protocol): Promise<Client> {
  const replies: string[] = [];
  socket.on("error", () => {});
  let held = Buffer.alloc(0);
  socket.on("data", (chunk: Buffer) => {
    held = Buffer.concat([held, chunk]);
    // A MessagePack reply with a small id has five bytes.
    const ends = () => protocol.binary ? (held.length < 5 ? 0 : 5) : held.indexOf(10) + 1;
    for (let end = ends(); end > 0; end = ends()) {
      replies.push(idOf(protocol, held.subarray(0, end)));
      held = held.subarray(end);
    }
  });
  await once(socket, "connect");
  return {
    replies,
    send(id, method) {
      socket.write(requestOf(protocol, id, method));
      if (!protocol.binary) socket.write("\n");
    },
    close: () => socket.destroy(),
  };
}

async function webSocketClient(url: string, protocol: Protocol): Promise<Client> {
  const socket = new WebSocket(url);
  const replies: string[] = [];
  socket.on("message", (data) => replies.push(idOf(protocol, data as Buffer)));
  await once(socket, "open");
  return {
    replies,
    send: (id, method) => socket.send(requestOf(protocol, id, method)),
    close: () => socket.terminate(),
  };
}

async function clientOf(
  listener: Listener,
  address: ListenAddress,
  protocol: Protocol,
): Promise<Client> {
  if (address.transport === "ws") return await webSocketClient(listener.url, protocol);
  const socket = address.transport === "unix"
    ? connect(address.path)
    : connect(listener.port ?? 0, "127.0.0.1");
  return await streamClient(socket, protocol);
}

describe("calls of one connection are answered as they finish", () => {
  for (const protocol of [jsonrpcProtocol, pyrpcProtocol, msgpackrpcProtocol]) {
    for (const transport of ["tcp", "unix", "ws"] as const) {
      it(`${protocol.name} over ${transport}, at most --max-in-flight at a time`, async () => {
        await using folder = await tempFolder();
        const host = { host: "127.0.0.1", port: 0 };
        const address: ListenAddress = transport === "unix"
          ? { transport, path: folder.at("rpc.sock") }
          : transport === "ws"
          ? { transport, ...host, path: "/ws" }
          : { transport, ...host };
        const { dispatcher, started, release } = gates();
        const service = { protocol, dispatcher };
        const listener = await listen(address, service, { maxInFlight: 3 });
        const client = await clientOf(listener, address, protocol);
        client.send(1, "wait");
        client.send(2, "wait");
        client.send(3, "now");
        await waitUntil(() => client.replies.length === 1);
        // 4 is the third that waits; 5 to 9 are not read until there is room.
        for (let id = 4; id < 10; id++) client.send(id, id === 4 ? "wait" : "now");
        await waitUntil(() => started() === 4);
        release(1);
        await waitUntil(() => client.replies.length === 7);
        release(0);
        await waitUntil(() => client.replies.length === 8);
        assert.deepEqual(client.replies.slice(0, 8), ["3", "2", "5", "6", "7", "8", "9", "1"]);
        assert.equal(started(), 9);
        client.close();
        await listener.close();
      });
    }
  }

  it("no further message is read while the maximum runs", async () => {
    const { dispatcher, started, release } = gates();
    const listener = await listen(
      { transport: "tcp", host: "127.0.0.1", port: 0 },
      { protocol: jsonrpcProtocol, dispatcher },
      { maxInFlight: 1 },
    );
    const socket = connect(listener.port ?? 0, "127.0.0.1");
    const client = await streamClient(socket, jsonrpcProtocol);
    client.send(1, "wait");
    const filler = `{"jsonrpc":"2.0","method":"now","params":["${"x".repeat(50_000)}"]}\n`;
    // The buffers of both systems fill, and `write` reports that nothing more is accepted.
    let sent = 0;
    while (sent < 2000 && socket.writableLength < 4_000_000) {
      socket.write(filler);
      sent++;
      await new Promise((resolve) => setImmediate(resolve));
    }
    assert.ok(socket.writableLength > 0);
    assert.equal(started(), 1);
    release(0);
    await waitUntil(() => started() === sent + 1);
    client.close();
    await listener.close();
  });
});

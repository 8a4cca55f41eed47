/** WebSockets as streams of bytes, for RPyC and for every serving mode. */
import { defined } from "../../defined.ts";
import { Buffer } from "node:buffer";
import { Duplex } from "node:stream";
import { WebSocket, WebSocketServer } from "ws";
import type { ServeConnection } from "../connection.ts";
import { settledWithin } from "../settled_within.ts";
import { authorityOf, remoteOf } from "./host_check.ts";
import { bytesOf } from "./websocket.ts";
import type { WebSocketEndpoint, WebSocketStreamsOptions } from "./websocket_endpoint.ts";
import { webSocketFailure } from "./websocket_failure.ts";

const MAX_MESSAGE = 64 * 1024 * 1024;

/** Serves each WebSocket as one connection. */
export function serveWebSocketStreams(
  serve: ServeConnection,
  options: WebSocketStreamsOptions,
): WebSocketEndpoint {
  const server = new WebSocketServer({
    noServer: true,
    maxPayload: options.maxMessage ?? MAX_MESSAGE,
    perMessageDeflate: false,
    clientTracking: false,
    skipUTF8Validation: options.messages !== "text",
  });
  const open = new Set<Promise<void>>();
  const abort = new AbortController();
  const stopping = new AbortController();
  const { messages } = options;
  return {
    upgrade(request, socket, head, identity) {
      socket.on("error", () => socket.destroy());
      if ((request.url ?? "/").split("?", 1)[0] !== options.path) {
        options.onConnection?.("refused", remoteOf(socket), `WebSocket is at ${options.path}`);
        socket.end("HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
        return;
      }
      const { remoteAddress = "", remotePort = 0, localAddress = "", localPort = 0 } = socket;
      const remote = authorityOf(remoteAddress, remotePort);
      server.handleUpgrade(request, socket, head, (webSocket: WebSocket) => {
        options.onConnection?.("accepted", remote);
        const onFailure = (reason: unknown) => options.onConnection?.("failed", remote, reason);
        const stream = webSocketStream(webSocket, { ...options, onFailure });
        const running = serve(stream, {
          transport: "ws",
          remote,
          local: authorityOf(localAddress, localPort),
          identity,
          signal: abort.signal,
          stopping: stopping.signal,
          onFailure,
          ...defined({
            framing: messages === "bytes" ? undefined : "length" as const,
            answersAll: options.answersNotifications,
          }),
          // A failed connection must not affect the others.
        }).catch(onFailure).then(() => {
          stream.destroy();
          open.delete(running);
          options.onConnection?.("closed", remote);
        });
        open.add(running);
      });
    },
    async close(graceMs) {
      stopping.abort();
      if (graceMs > 0) await settledWithin([...open], graceMs);
      abort.abort();
      await settledWithin([...open], 1000);
      server.close();
    },
  };
}

function webSocketStream(
  socket: WebSocket,
  { messages, pingInterval = 30_000, maxMessage = MAX_MESSAGE, onFailure }:
    & WebSocketStreamsOptions
    & { readonly onFailure: (reason: unknown) => void },
): Duplex {
  let written: Buffer = Buffer.alloc(0);
  const stream = new Duplex({
    allowHalfOpen: true,
    read: () => socket.resume(),
    write(chunk: Uint8Array, _encoding, done) {
      if (socket.readyState !== WebSocket.OPEN) return done();
      if (messages === "bytes") return socket.send(chunk, { binary: true }, () => done());
      written = written.length === 0
        ? Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength)
        : Buffer.concat([written, chunk]);
      let last: Buffer | undefined;
      while (written.length >= 4 && written.length >= 4 + written.readUInt32BE(0)) {
        const end = 4 + written.readUInt32BE(0);
        if (last !== undefined) socket.send(last, { binary: messages === "binary" });
        last = written.subarray(4, end);
        written = written.subarray(end);
      }
      // Copies the rest: the chunk may be reused.
      written = Buffer.from(written);
      if (last === undefined) done();
      else socket.send(last, { binary: messages === "binary" }, () => done());
    },
    final(done) {
      socket.close(1000);
      done();
    },
    destroy(error, done) {
      clearInterval(ping);
      if (socket.readyState === WebSocket.OPEN || socket.readyState === WebSocket.CONNECTING) {
        socket.close(1001);
      }
      setTimeout(() => socket.terminate(), 500).unref?.();
      done(error);
    },
  });
  let isAlive = true;
  const ping = setInterval(() => {
    if (!isAlive) {
      onFailure(`It did not answer a ping in ${pingInterval} ms`);
      return socket.terminate();
    }
    isAlive = false;
    socket.ping();
  }, pingInterval);
  ping.unref?.();
  socket.on("pong", () => {
    isAlive = true;
  });
  socket.on("message", (data) => {
    const bytes = bytesOf(data);
    if (messages !== "bytes") {
      const length = Buffer.alloc(4);
      length.writeUInt32BE(bytes.length);
      stream.push(length);
    }
    if (!stream.push(bytes)) socket.pause();
  });
  socket.on("error", (error) => {
    const reason = webSocketFailure(error, maxMessage);
    if (reason !== undefined) onFailure(reason);
    stream.destroy();
  });
  socket.on("close", () => {
    clearInterval(ping);
    stream.push(null);
    stream.end();
    stream.destroy();
  });
  return stream;
}

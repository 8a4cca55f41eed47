import type { Server } from "node:http";
import type { Socket } from "node:net";
import { remoteOf } from "./host_check.ts";
import type { OnConnection } from "./stream_connections.ts";

/** Responds to connections that send no valid HTTP, closes them, and reports why. Also reports dropped connections. */
export function watchClientErrors(server: Server, onConnection: OnConnection | undefined): void {
  server.on("clientError", (error: Error & { readonly code?: string }, socket: Socket) => {
    const [status, reason] = failureOf(error);
    // Other errors are those of a client that left, or of its TLS handshake, which has a report of its own.
    if (status === undefined || !socket.writable) return void socket.destroy();
    onConnection?.("failed", remoteOf(socket), reason);
    socket.on("error", () => {});
    socket.end(`HTTP/1.1 ${status}\r\nConnection: close\r\n\r\n`, () => socket.destroy());
  });
  server.on("drop", (client) => onConnection?.("dropped", remoteOf(client ?? {})));
}

function failureOf({ code = "", message }: Error & { readonly code?: string }) {
  switch (code) {
    case "HPE_HEADER_OVERFLOW":
      return ["431 Request Header Fields Too Large", "The headers are too large"] as const;
    case "HPE_CHUNK_EXTENSIONS_OVERFLOW":
      return ["413 Payload Too Large", "The chunk extensions are too large"] as const;
    case "ERR_HTTP_REQUEST_TIMEOUT":
      return ["408 Request Timeout", "It did not send a complete request in time"] as const;
  }
  if (!code.startsWith("HPE_")) return [undefined, ""] as const;
  const detail = message.replace(/^Parse Error:? ?/, "") || code;
  return ["400 Bad Request", `It did not send valid HTTP (${detail})`] as const;
}

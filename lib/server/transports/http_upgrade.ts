import { Buffer } from "node:buffer";
import type { IncomingMessage } from "node:http";
import type { Socket } from "node:net";
import { defined } from "../../defined.ts";
import type { Encoded } from "../../rpc/mod.ts";
import type { Authenticator } from "../authenticator.ts";
import { certificateOf } from "../peer_certificate.ts";
import { remoteOf } from "./host_check.ts";
import type { HttpOptions } from "./http_options.ts";

/** Returns the identity of a request, or `undefined` to refuse it; `onError` receives what the authenticator throws. */
export async function identify(
  authenticator: Authenticator,
  request: IncomingMessage,
  onError: (error: unknown) => void,
): Promise<unknown> {
  const { socket } = request;
  try {
    return await authenticator.authenticate({
      authorization: request.headers.authorization,
      remote: socket.remoteAddress ?? "",
      ...defined({ certificate: certificateOf(socket) }),
    });
  } catch (error) {
    onError(error);
    return undefined;
  }
}

/** Upgrades a request after it was authenticated. */
export async function upgradeAuthenticated(
  authenticator: Authenticator,
  { upgrade, onConnection }: Pick<HttpOptions, "onConnection"> & {
    readonly upgrade: NonNullable<HttpOptions["upgrade"]>;
  },
  request: IncomingMessage,
  socket: Socket,
  head: Buffer,
): Promise<void> {
  socket.on("error", () => socket.destroy());
  const remote = remoteOf(socket);
  let reason: unknown = "The authenticator refused it";
  const identity = await identify(authenticator, request, (error) => reason = error);
  if (identity !== undefined) return upgrade(request, socket, head, identity);
  onConnection?.("refused", remote, reason);
  socket.end(
    `HTTP/1.1 401 Unauthorized\r\nWWW-Authenticate: ${authenticator.challenge}\r\n` +
      "Content-Length: 0\r\nConnection: close\r\n\r\n",
  );
}

/** Refuses a request to upgrade. */
export function refuseUpgrade(socket: Socket, status: 400 | 403, body: Encoded): void {
  socket.on("error", () => socket.destroy());
  const head = `HTTP/1.1 ${status} ${status === 400 ? "Bad Request" : "Forbidden"}\r\n` +
    `Content-Type: application/json\r\nContent-Length: ${Buffer.byteLength(body)}\r\n` +
    "Connection: close\r\n\r\n";
  socket.write(head);
  socket.end(body);
}

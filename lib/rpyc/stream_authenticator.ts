import { Buffer } from "node:buffer";
import type { Duplex } from "node:stream";
import type { Authenticator } from "../server/mod.ts";

const LONGEST_LINE = 4096;
const TIMEOUT = 10_000;

/**
 * Authenticates clients of a protocol without headers. The client sends one line before rpyc's first byte: `Bearer TOKEN`,
 * `Basic …`, or just the token or `name:password`. The server sends no reply; a line that is not accepted closes the connection.
 *
 * @example Python
 * sock = socket.create_connection((host, port)); sock.sendall(b"my-token\n")
 * conn = rpyc.connect_stream(rpyc.SocketStream(sock))
 */
export function lineAuthenticator(
  authenticator: Authenticator,
  timeoutMs: number = TIMEOUT,
): Authenticator {
  if (authenticator.authenticateConnection !== undefined) return authenticator;
  return {
    challenge: authenticator.challenge,
    authenticate: (credentials) => authenticator.authenticate(credentials),
    async authenticateConnection(connection, info) {
      const line = await readLine(connection, timeoutMs);
      if (line === undefined) return undefined;
      for (const authorization of authorizationsOf(line)) {
        const identity = await authenticator.authenticate({ authorization, remote: info.remote });
        if (identity !== undefined) return { connection, identity };
      }
      return undefined;
    },
  };
}

function authorizationsOf(line: string): readonly string[] {
  if (/^(?:bearer|basic) /i.test(line)) return [line];
  const token = `Bearer ${line}`;
  return line.includes(":") ? [`Basic ${Buffer.from(line).toString("base64")}`, token] : [token];
}

/** Reads the first line; the bytes after it stay in the stream. */
function readLine(stream: Duplex, timeoutMs: number): Promise<string | undefined> {
  return new Promise((resolve) => {
    let read: Buffer = Buffer.alloc(0);
    const finish = (line: string | undefined) => {
      clearTimeout(timer);
      stream.off("readable", onReadable);
      stream.off("close", onClose);
      stream.off("end", onClose);
      resolve(line);
    };
    const onClose = () => finish(undefined);
    const onReadable = () => {
      for (let chunk: unknown = stream.read(); chunk !== null; chunk = stream.read()) {
        read = Buffer.concat([read, chunk as Uint8Array]);
        const end = read.indexOf(0x0a);
        if (end >= 0) {
          const rest = read.subarray(end + 1);
          if (rest.length > 0) stream.unshift(rest);
          return finish(read.subarray(0, end).toString("utf8").trim());
        }
        if (read.length > LONGEST_LINE) return finish(undefined);
      }
    };
    const timer = setTimeout(onClose, timeoutMs);
    stream.on("readable", onReadable);
    stream.on("close", onClose);
    stream.on("end", onClose);
    onReadable();
  });
}

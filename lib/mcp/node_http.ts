import type { IncomingMessage, ServerResponse } from "node:http";
import { Readable } from "node:stream";

/** Returns a request of `node:http` as a web-standard one; it is aborted when the client is gone. */
export function toRequest(message: IncomingMessage, reply: ServerResponse): Request {
  const { method = "GET", url = "/", headers } = message;
  const given = new Headers();
  for (const [name, value] of Object.entries(headers)) {
    if (value !== undefined) given.set(name, Array.isArray(value) ? value.join(", ") : value);
  }
  const gone = new AbortController();
  reply.once("close", () => gone.abort());
  const hasBody = method !== "GET" && method !== "HEAD";
  // The host is only for parsing: the header itself is validated.
  return new Request(new URL(url, "http://127.0.0.1"), {
    method,
    headers: given,
    signal: gone.signal,
    ...(hasBody ? { body: Readable.toWeb(message) as BodyInit, duplex: "half" } : {}),
  } as RequestInit);
}

/** Writes a web-standard response; streams its body. */
export async function writeResponse(response: Response, reply: ServerResponse): Promise<void> {
  reply.writeHead(response.status, Object.fromEntries(response.headers));
  if (response.body !== null) {
    for await (const chunk of response.body) {
      if (!reply.write(chunk)) await new Promise((resolve) => reply.once("drain", resolve));
    }
  }
  reply.end();
}

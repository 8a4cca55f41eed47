import { once } from "node:events";
import { stat } from "node:fs/promises";
import { createReadStream } from "node:fs";
import { createServer, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { extname, join, normalize } from "node:path";

const TYPES: Readonly<Record<string, string>> = { ".js": "text/javascript", ".html": "text/html" };

/** A running server of files; `await using` stops it. */
export interface FileServer extends AsyncDisposable {
  /** Without a slash at the end. */
  readonly url: string;
  /** The paths that were asked for, in their order. */
  readonly requests: readonly string[];
}

/**
 * Serves the files of a folder on a free port.
 *
 * @param answer Called first; returns true where it has answered itself.
 */
export async function serveFolder(
  folder: string,
  answer: (path: string, response: ServerResponse) => boolean = () => false,
): Promise<FileServer> {
  const requests: string[] = [];
  const server = createServer(async (request, response) => {
    const path = new URL(request.url ?? "/", "http://localhost").pathname;
    requests.push(path);
    if (answer(path, response)) return;
    const file = join(folder, normalize(decodeURIComponent(path)));
    const status = await stat(file).catch(() => undefined);
    if (!status?.isFile()) return void response.writeHead(404).end();
    const type = TYPES[extname(file)] ?? "application/octet-stream";
    response.writeHead(200, { "content-length": status.size, "content-type": type });
    createReadStream(file).pipe(response);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
}

import type { Buffer } from "node:buffer";
import { Duplex, type Readable } from "node:stream";
import type { ServeConnection } from "../connection.ts";
import { settledWithin } from "../settled_within.ts";
import type { Listener } from "../transport.ts";
import type { OnConnection } from "./stream_connections.ts";

/** Standard input and output. */
export interface StdioStreams {
  readonly input: Readable;
  readonly output: { write(bytes: Uint8Array): void };
}

/** Serves standard input and output as one connection; ends with the input. */
export function serveStdio(
  { input, output }: StdioStreams,
  serve: ServeConnection,
  onConnection?: OnConnection,
): Listener {
  const abort = new AbortController();
  const stopping = new AbortController();
  const connection = new Duplex({
    read() {
      input.resume();
    },
    write(chunk: Buffer, _encoding, done) {
      output.write(chunk);
      done();
    },
    destroy(error, done) {
      input.pause();
      done(error);
    },
  });
  input.on("data", (chunk: Buffer) => {
    if (!connection.push(chunk)) input.pause();
  });
  input.once("end", () => connection.push(null));
  input.once("error", () => connection.destroy());
  const ended = serve(connection, {
    transport: "stdio",
    remote: "",
    local: "",
    signal: abort.signal,
    stopping: stopping.signal,
    onFailure: (reason) => onConnection?.("failed", "stdio:", reason),
  }).catch(() => undefined);
  return {
    url: "stdio:",
    port: undefined,
    ended,
    async close(graceMs = 0) {
      stopping.abort();
      await settledWithin([ended], graceMs);
      abort.abort();
      await settledWithin([ended], 1000);
    },
  };
}

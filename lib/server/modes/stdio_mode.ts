import { Duplex } from "node:stream";
import type { Readable, Writable } from "node:stream";
import type { ServeConnection } from "../connection.ts";

/** Serves standard input and output as one connection, for `rpyc.connect_subproc()`, inetd and SSH. No other code may write to the output. */
export async function serveStdio(
  input: Readable,
  output: Writable,
  serve: ServeConnection,
  onFailure: (reason: unknown) => void = () => {},
): Promise<void> {
  const connection = stdioConnection(input, output, { endsWithOutput: true });
  const abort = new AbortController();
  await serve(connection, {
    transport: "stdio",
    remote: "",
    local: "",
    signal: abort.signal,
    onFailure,
  });
  input.pause();
}

/** Options of {@link stdioConnection}. */
export interface StdioConnectionOptions {
  /** Stops reading once all output was written; the output itself is never closed. @default {false} */
  readonly endsWithOutput?: boolean;
}

/** Combines two streams to one. */
export function stdioConnection(
  input: Readable,
  output: Writable,
  { endsWithOutput = false }: StdioConnectionOptions = {},
): Duplex {
  const connection = new Duplex({
    read() {
      input.resume();
    },
    write(chunk: Uint8Array, _encoding, done) {
      if (output.write(chunk)) done();
      else output.once("drain", () => done());
    },
    final(done) {
      // The output stays open: it belongs to the process.
      if (output.writableLength === 0) done();
      else output.write("", () => done());
    },
  });
  if (endsWithOutput) connection.on("finish", () => connection.destroy());
  input.on("data", (chunk: Uint8Array) => {
    if (!connection.push(chunk)) input.pause();
  });
  input.on("end", () => connection.push(null));
  input.on("error", (error) => connection.destroy(error));
  output.on("error", (error) => connection.destroy(error));
  return connection;
}

import { Writable } from "node:stream";
import type { Console } from "../runtime/mod.ts";
import type { ServeConnection } from "../server/mod.ts";
import { serveStdio } from "../server/modes/mod.ts";

/** Serves standard input and output as one connection; resolves when it has ended. */
export function serveOverStdio(
  { stdin, stdout }: Pick<Console, "stdin" | "stdout">,
  serve: ServeConnection,
  onFailure: (reason: unknown) => void,
): Promise<void> {
  const output = new Writable({
    write(chunk: Uint8Array, _encoding, done) {
      stdout.write(chunk);
      done();
    },
  });
  return serveStdio(stdin.stream, output, serve, onFailure);
}

import { createWriteStream, type WriteStream } from "node:fs";
import { fileNotWritable } from "../errors.ts";

/** Opens a file to append to, readable by its owner only if it is new. @throws ToolError `USAGE` */
export function openForAppending(path: string): Promise<WriteStream> {
  return new Promise((done, fail) => {
    const stream = createWriteStream(path, { flags: "a", mode: 0o600 });
    stream.once("open", () => done(stream));
    stream.once("error", (error) => fail(fileNotWritable(path, error)));
  });
}

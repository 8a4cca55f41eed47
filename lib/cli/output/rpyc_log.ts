import { createWriteStream, type WriteStream } from "node:fs";
import { resolve } from "node:path";
import { usageError } from "../../errors.ts";
import type { Console } from "../../runtime/mod.ts";
import { plainLine } from "../../terminal/mod.ts";

/** Levels of Python's `logging`, which users of rpyc know. */
export type LogLevel = "DEBUG" | "INFO" | "WARNING" | "ERROR";

/** A log in the form that rpyc's own programs are documented with: `LEVEL:NAME/PORT:text`. */
export interface RpycLog {
  /** `CALC/18812`, `REGSRV/UDP/18811`; known once the port is. */
  name: string;
  write(level: LogLevel, text: string): void;
  close(): Promise<void>;
}

const LONGEST = 2000;

/**
 * Opens the log on standard error or, appending, on a file. Quiet lets only errors through.
 *
 * @throws ToolError `USAGE` when the file cannot be written.
 */
export async function openRpycLog(
  console: Console,
  { logfile, quiet }: { readonly logfile?: string | undefined; readonly quiet: boolean },
): Promise<RpycLog> {
  const file = logfile === undefined ? undefined : await openFile(resolve(console.cwd, logfile));
  const log: RpycLog = {
    name: "",
    write(level, text) {
      if (quiet && level !== "ERROR") return;
      // One line each, whatever a name from the network holds.
      const line = `${level}:${log.name}:${plainLine(text, LONGEST)}\n`;
      if (file === undefined) console.stderr.write(line);
      else file.write(line);
    },
    close: () => new Promise((done) => file === undefined ? done() : file.end(() => done())),
  };
  return log;
}

function openFile(path: string): Promise<WriteStream> {
  return new Promise((done, fail) => {
    const stream = createWriteStream(path, { flags: "a" });
    stream.once("open", () => done(stream));
    stream.once("error", (error) => fail(usageError(`Cannot write ${path}: ${error.message}`)));
  });
}

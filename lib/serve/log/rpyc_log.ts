import { resolve } from "node:path";
import type { Console } from "../../runtime/mod.ts";
import { plainLine } from "../../terminal/mod.ts";
import { openForAppending } from "./open_file.ts";

/** Levels of Python's `logging`. */
export type LogLevel = "DEBUG" | "INFO" | "WARNING" | "ERROR";

/** A log in the form that rpyc's own programs print: `LEVEL:NAME/PORT:text`. */
export interface RpycLog {
  /** `CALC/18812`, `REGSRV/UDP/18811`; set once the port is open. */
  name: string;
  write(level: LogLevel, text: string): void;
  close(): Promise<void>;
}

const MAX_LENGTH = 2000;

/**
 * Opens the log on standard error, or appends it to a file. `quiet` keeps errors only.
 *
 * @throws ToolError `USAGE` if the file cannot be written
 */
export async function openRpycLog(
  console: Pick<Console, "cwd" | "stderr">,
  { logfile, quiet }: { readonly logfile?: string | undefined; readonly quiet: boolean },
): Promise<RpycLog> {
  const file = logfile === undefined
    ? undefined
    : await openForAppending(resolve(console.cwd, logfile));
  const log: RpycLog = {
    name: "",
    write(level, text) {
      if (quiet && level !== "ERROR") return;
      // One line each, even if a name from the network contains line breaks.
      const line = `${level}:${log.name}:${plainLine(text, MAX_LENGTH)}\n`;
      if (file === undefined) console.stderr.write(line);
      else file.write(line);
    },
    close: () => new Promise((done) => file === undefined ? done() : file.end(() => done())),
  };
  return log;
}

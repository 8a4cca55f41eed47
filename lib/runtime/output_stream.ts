import { Buffer } from "node:buffer";
import { fstatSync, writeSync } from "node:fs";
import process from "node:process";
import { ExitCode } from "../errors.ts";
import type { OutputStream } from "./console.ts";

/** Bytes that go straight to the system: fewer than any pipe holds, so that a reader who is slow keeps nobody. */
const AT_ONCE = 8192;

/**
 * Standard output (1) or standard error (2). The stream is opened when it is needed: for a terminal, or for more than a few
 * lines. Opening it takes an engine as long as many a command does.
 *
 * A reader that went away ends the process with 0, anything else that is in the way of what was asked for does not.
 */
export function outputStream(
  descriptor: 1 | 2,
  openStream: () => NodeJS.WriteStream,
): OutputStream {
  const name = descriptor === 1 ? "standard output" : "standard error";
  const end = (error: NodeJS.ErrnoException): never => {
    // A reader that went away (`pyrpc … | head`) is no error.
    if (error.code === "EPIPE" || error.name === "BrokenPipe") process.exit(0);
    // A full disk behind `> file`, say: what was asked for is not there, so the code must not be 0 either.
    sayAtOnce(`error: Cannot write to ${name}: ${reasonOf(error)}\n`);
    process.exit(ExitCode.Config);
  };
  let stream: NodeJS.WriteStream | undefined;
  const opened = () => stream ??= openStream().on("error", end);
  const isDevice = mayBeTerminal(descriptor);
  let room = isDevice ? 0 : AT_ONCE;
  const writeAtOnce = (text: string | Uint8Array): string | Uint8Array => {
    if (stream !== undefined || text.length > room) return text;
    let bytes = typeof text === "string" ? Buffer.from(text) : text;
    room -= bytes.length;
    try {
      while (bytes.length > 0) bytes = bytes.subarray(writeSync(descriptor, bytes));
    } catch (error) {
      // It is full, and whoever made it does not want to wait: the stream knows how to.
      if ((error as NodeJS.ErrnoException).code !== "EAGAIN") end(error as NodeJS.ErrnoException);
      room = 0;
    }
    return bytes;
  };
  return {
    write(text) {
      const rest = writeAtOnce(text);
      if (rest.length === 0) return;
      try {
        opened().write(rest);
      } catch (error) {
        // Deno throws where the others have an event.
        end(error as NodeJS.ErrnoException);
      }
    },
    get isTerminal() {
      return isDevice && opened().isTTY === true;
    },
    get columns() {
      // A terminal that nobody gave a size (`docker exec -t`, expect) has 0 columns.
      return isDevice ? opened().columns || 80 : 80;
    },
  };
}

// Whether it is a device at all is known at once. Windows' consoles are no such files.
function mayBeTerminal(descriptor: number): boolean {
  if (process.platform === "win32") return true;
  try {
    return fstatSync(descriptor).isCharacterDevice();
  } catch {
    return true;
  }
}

function reasonOf({ code, message }: NodeJS.ErrnoException): string {
  return code === "ENOSPC" || /no space left/i.test(message) ? "the disk is full" : message;
}

// Past the streams, which end with the process before they are empty.
function sayAtOnce(text: string): void {
  try {
    writeSync(2, text);
  } catch {
    // There is nobody left to tell.
  }
}

import { Buffer } from "node:buffer";
import { fstatSync, writeSync } from "node:fs";
import process from "node:process";
import { ExitCode } from "../errors.ts";
import type { OutputStream } from "./console.ts";

/** Bytes that are written synchronously: less than the buffer of any pipe, so that a slow reader blocks nothing. */
const DIRECT_BYTES = 8192;

/**
 * Makes standard output (1) or standard error (2). The stream is opened for a terminal, or for more than a few lines:
 * opening it takes an engine as long as a short command.
 *
 * A reader that went away ends the process with exit code 0, any other write error with an error.
 */
export function outputStream(
  descriptor: 1 | 2,
  openStream: () => NodeJS.WriteStream,
): OutputStream {
  const name = descriptor === 1 ? "standard output" : "standard error";
  const end = (error: NodeJS.ErrnoException): never => {
    // A reader that went away (`pyrpc … | head`) is not an error.
    if (error.code === "EPIPE" || error.name === "BrokenPipe") process.exit(0);
    // Such as a full disk behind `> file`: the output is incomplete, so the exit code is not 0.
    writeSynchronously(`error: Cannot write to ${name}: ${reasonOf(error)}\n`);
    process.exit(ExitCode.Config);
  };
  let stream: NodeJS.WriteStream | undefined;
  const opened = () => stream ??= openStream().on("error", end);
  const isDevice = mayBeTerminal(descriptor);
  let room = isDevice ? 0 : DIRECT_BYTES;
  const writeDirectly = (text: string | Uint8Array): string | Uint8Array => {
    if (stream !== undefined || text.length > room) return text;
    let bytes = typeof text === "string" ? Buffer.from(text) : text;
    room -= bytes.length;
    try {
      while (bytes.length > 0) bytes = bytes.subarray(writeSync(descriptor, bytes));
    } catch (error) {
      // The pipe is full and does not block: the stream waits instead.
      if ((error as NodeJS.ErrnoException).code !== "EAGAIN") end(error as NodeJS.ErrnoException);
      room = 0;
    }
    return bytes;
  };
  return {
    write(text) {
      const rest = writeDirectly(text);
      if (rest.length === 0) return;
      try {
        opened().write(rest);
      } catch (error) {
        // Deno throws where other engines emit an event.
        end(error as NodeJS.ErrnoException);
      }
    },
    get isTerminal() {
      return isDevice && opened().isTTY === true;
    },
    get columns() {
      // A terminal without a size (`docker exec -t`, expect) has 0 columns.
      return isDevice ? opened().columns || 80 : 80;
    },
  };
}

// Checks the descriptor without opening the stream. Consoles of Windows are not character devices.
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

// Bypasses the streams, whose buffers are lost when the process exits.
function writeSynchronously(text: string): void {
  try {
    writeSync(2, text);
  } catch {
    // Standard error is closed too.
  }
}

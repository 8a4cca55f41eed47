import { closeSync, openSync, readSync, statSync } from "node:fs";
import { open } from "node:fs/promises";
import { Buffer } from "node:buffer";
import { ExitCode, ToolError } from "../errors.ts";
import { documentTooLarge } from "./errors.ts";
import { fileUnreadable } from "../errors.ts";

const CHUNK = 1 << 20;

/** A file's bytes, at most `maxBytes` of them; also of a pipe or device, whose size nobody knows before. */
export async function readBoundedFile(path: string, maxBytes: number): Promise<Uint8Array> {
  try {
    const status = statSync(path);
    if (status.size > maxBytes) throw documentTooLarge(path, maxBytes, ExitCode.Config);
    return status.isFile()
      ? readPlainFile(path, status.size, maxBytes)
      : await readAsItComes(path, maxBytes);
  } catch (error) {
    if (error instanceof ToolError) throw error;
    throw fileUnreadable(path, "the file", error);
  }
}

// The bytes of a plain file are there: a thread that waits for them takes longer than they do.
function readPlainFile(path: string, size: number, maxBytes: number): Uint8Array {
  const file = openSync(path, "r");
  try {
    // With room for one more byte the end is seen, unless the file has grown meanwhile (or is one of /proc's, of size 0).
    let buffer = Buffer.allocUnsafe(size + 1);
    for (let total = 0;;) {
      const count = readSync(file, buffer, total, buffer.length - total, null);
      if (count === 0) return buffer.subarray(0, total);
      total += count;
      if (total > maxBytes) throw documentTooLarge(path, maxBytes, ExitCode.Config);
      if (total === buffer.length) buffer = Buffer.concat([buffer], total + CHUNK);
    }
  } finally {
    closeSync(file);
  }
}

async function readAsItComes(path: string, maxBytes: number): Promise<Uint8Array> {
  const file = await open(path, "r");
  try {
    const chunks: Uint8Array[] = [];
    for (let total = 0;;) {
      const buffer = new Uint8Array(CHUNK);
      const { bytesRead } = await file.read(buffer, 0, buffer.length, null);
      if (bytesRead === 0) return Buffer.concat(chunks);
      total += bytesRead;
      if (total > maxBytes) throw documentTooLarge(path, maxBytes, ExitCode.Config);
      chunks.push(buffer.subarray(0, bytesRead));
    }
  } finally {
    await file.close();
  }
}

/** Standard input's bytes, at most `maxBytes` of them. */
export async function readBoundedStdin(
  stdin: { readAll(maxBytes: number): Promise<Uint8Array> },
  maxBytes: number,
): Promise<Uint8Array> {
  try {
    return await stdin.readAll(maxBytes);
  } catch (error) {
    if (error instanceof RangeError) {
      throw documentTooLarge("standard input", maxBytes, ExitCode.Config);
    }
    throw error;
  }
}

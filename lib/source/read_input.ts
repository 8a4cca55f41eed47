import { closeSync, openSync, readSync, statSync } from "node:fs";
import { open } from "node:fs/promises";
import { Buffer } from "node:buffer";
import { ExitCode, fileUnreadable, ToolError } from "../errors.ts";
import { documentTooLarge } from "./errors.ts";

const CHUNK = 1 << 20;

/** Reads a file of at most `maxBytes`, also a pipe or device, whose size is not known in advance. */
export async function readBoundedFile(path: string, maxBytes: number): Promise<Uint8Array> {
  try {
    const status = statSync(path);
    if (status.size > maxBytes) throw documentTooLarge(path, maxBytes, ExitCode.Config);
    return status.isFile()
      ? readPlainFile(path, status.size, maxBytes)
      : await readInChunks(path, maxBytes);
  } catch (error) {
    if (error instanceof ToolError) throw error;
    throw fileUnreadable(path, "the file", error);
  }
}

// Synchronous: a thread that waits takes longer than the read itself.
function readPlainFile(path: string, size: number, maxBytes: number): Uint8Array {
  const file = openSync(path, "r");
  try {
    // One extra byte detects the end, unless the file has grown meanwhile or is in /proc, with size 0.
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

async function readInChunks(path: string, maxBytes: number): Promise<Uint8Array> {
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

/** Reads at most `maxBytes` of standard input. */
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
    throw fileUnreadable("-", "standard input", error);
  }
}

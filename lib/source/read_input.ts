import { open } from "node:fs/promises";
import { Buffer } from "node:buffer";
import { ExitCode, ToolError } from "../errors.ts";
import { documentTooLarge, fileUnreadable } from "./errors.ts";

const CHUNK = 1 << 20;

/** A file's bytes, at most `maxBytes` of them; also of a pipe or device, whose size nobody knows before. */
export async function readBoundedFile(path: string, maxBytes: number): Promise<Uint8Array> {
  try {
    const file = await open(path, "r");
    try {
      const { size } = await file.stat();
      if (size > maxBytes) throw documentTooLarge(path, maxBytes, ExitCode.Config);
      const chunks: Uint8Array[] = [];
      for (let total = 0;;) {
        const buffer = new Uint8Array(Math.min(Math.max(size - total + 1, 1 << 16), CHUNK));
        const { bytesRead } = await file.read(buffer, 0, buffer.length, null);
        if (bytesRead === 0) return Buffer.concat(chunks);
        total += bytesRead;
        if (total > maxBytes) throw documentTooLarge(path, maxBytes, ExitCode.Config);
        chunks.push(buffer.subarray(0, bytesRead));
      }
    } finally {
      await file.close();
    }
  } catch (error) {
    if (error instanceof ToolError) throw error;
    throw fileUnreadable(path, "the file", error);
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

import { open, stat } from "node:fs/promises";

const MAX_BYTES = 64 * 1024;

/** Returns the first 64 kB of a file as text; undefined if it cannot be read. */
export async function readStart(path: string): Promise<string | undefined> {
  const info = await stat(path).catch(() => undefined);
  // Reading a named pipe would not end.
  if (info === undefined || !info.isFile()) return undefined;
  const handle = await open(path).catch(() => undefined);
  if (handle === undefined) return undefined;
  try {
    const buffer = new Uint8Array(MAX_BYTES);
    const { bytesRead } = await handle.read(buffer, 0, buffer.byteLength, 0);
    return new TextDecoder().decode(buffer.subarray(0, bytesRead));
  } catch {
    return undefined;
  } finally {
    await handle.close();
  }
}

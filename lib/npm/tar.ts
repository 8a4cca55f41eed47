import { Buffer } from "node:buffer";

const BLOCK = 512;

/** Reads a tar archive (POSIX ustar): a header block with name and size, then the content in whole blocks. */
export function readTar(bytes: Uint8Array): Map<string, string> {
  const files = new Map<string, string>();
  const text = (from: number, length: number) =>
    Buffer.from(bytes.subarray(from, from + length)).toString("utf8").replace(/\0.*$/s, "");
  for (let at = 0; at + BLOCK <= bytes.length;) {
    const name = text(at, 100);
    if (name === "") break;
    const size = parseInt(text(at + 124, 12).trim() || "0", 8);
    const prefix = text(at + 345, 155);
    const isFile = text(at + 156, 1) === "0" || bytes[at + 156] === 0;
    if (isFile) {
      const content = bytes.subarray(at + BLOCK, at + BLOCK + size);
      files.set(prefix === "" ? name : `${prefix}/${name}`, Buffer.from(content).toString("utf8"));
    }
    at += BLOCK + Math.ceil(size / BLOCK) * BLOCK;
  }
  return files;
}

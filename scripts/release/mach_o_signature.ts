/**
 * Ad-hoc signatures of macOS executables, made on any system. Bun signs what it makes for Apple processors; for Intel its output
 * still has the signature of the runtime alone, which the appended program has broken.
 *
 * The format: `mach-o/loader.h` (LC_SEGMENT_64, LC_CODE_SIGNATURE) and `kern/cs_blobs.h` (SuperBlob, CodeDirectory) of Apple's XNU.
 *
 * @module
 */

import { Buffer } from "node:buffer";
import { createHash } from "node:crypto";

const SEGMENT_64 = 0x19;
const CODE_SIGNATURE = 0x1d;
const SUPER_BLOB = 0xfade0cc0;
const CODE_DIRECTORY = 0xfade0c02;
const AD_HOC = 0x2;
const PAGE = 4096;
// Version 0x20400, with the fields of the executable segment.
const HEADER = 88;

interface Layout {
  /** The position and maximum length of the signature, and the position of these values. */
  readonly command: number;
  readonly start: number;
  readonly size: number;
  readonly linkEdit: number;
  readonly text: { readonly start: bigint; readonly size: bigint };
}

function layoutOf(file: Buffer): Layout {
  let [command, linkEdit] = [-1, -1];
  let text = { start: 0n, size: 0n };
  let at = 32;
  for (let left = file.readUInt32LE(16); left > 0; left--) {
    const kind = file.readUInt32LE(at);
    if (kind === CODE_SIGNATURE) command = at;
    if (kind === SEGMENT_64) {
      const name = file.toString("latin1", at + 8, at + 24).replace(/\0+$/, "");
      if (name === "__LINKEDIT") linkEdit = at;
      if (name === "__TEXT") {
        text = { start: file.readBigUInt64LE(at + 40), size: file.readBigUInt64LE(at + 48) };
      }
    }
    at += file.readUInt32LE(at + 4);
  }
  if (command < 0 || linkEdit < 0) throw new Error("The Mach-O file has no place for a signature");
  const [start, size] = [file.readUInt32LE(command + 8), file.readUInt32LE(command + 12)];
  return { command, start, size, linkEdit, text };
}

/** Returns true if the hash of every page matches the signature, and the signature covers everything before it. */
export function isSigned(bytes: Uint8Array): boolean {
  const file = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const { start, size } = layoutOf(file);
  if (start + size > file.length || file.readUInt32BE(start) !== SUPER_BLOB) return false;
  const directory = start + file.readUInt32BE(start + 16);
  if (file.readUInt32BE(directory) !== CODE_DIRECTORY) return false;
  const hashes = directory + file.readUInt32BE(directory + 16);
  const count = file.readUInt32BE(directory + 28);
  const limit = file.readUInt32BE(directory + 32);
  const page = 2 ** file.readUInt8(directory + 39);
  if (limit !== start || count !== Math.ceil(limit / page)) return false;
  for (let index = 0; index < count; index++) {
    const part = file.subarray(index * page, Math.min((index + 1) * page, limit));
    const hash = createHash("sha256").update(part).digest();
    if (!hash.equals(file.subarray(hashes + index * 32, hashes + index * 32 + 32))) return false;
  }
  return true;
}

/** Replaces the signature of a file with an ad-hoc signature. */
export function signAdHoc(bytes: Uint8Array, identifier = "pyrpc"): Uint8Array {
  const { command, start, size: present, linkEdit, text } = layoutOf(Buffer.from(bytes));
  if (start + present !== bytes.length) throw new Error("There is something behind the signature");
  const count = Math.ceil(start / PAGE);
  const name = Buffer.from(`${identifier}\0`);
  const length = HEADER + name.length + count * 32;
  const size = Math.ceil((20 + length) / 16) * 16;
  const file = Buffer.alloc(start + size);
  file.set(bytes.subarray(0, start));
  // The load commands are part of the first page: change them before the hashes are computed.
  file.writeUInt32LE(size, command + 12);
  const segmentStart = file.readBigUInt64LE(linkEdit + 40);
  const segmentSize = BigInt(file.length) - segmentStart;
  file.writeBigUInt64LE(segmentSize, linkEdit + 48);
  file.writeBigUInt64LE((segmentSize + 0x3fffn) / 0x4000n * 0x4000n, linkEdit + 32);

  const blob = file.subarray(start);
  [SUPER_BLOB, 20 + length, 1, 0, 20].forEach((value, at) => blob.writeUInt32BE(value, at * 4));
  const directory = blob.subarray(20);
  const fields = [CODE_DIRECTORY, length, 0x20400, AD_HOC, HEADER + name.length, HEADER, 0];
  [...fields, count, start].forEach((value, at) => directory.writeUInt32BE(value, at * 4));
  // Hash length and type (SHA-256), platform, binary logarithm of the page size.
  directory.set([32, 2, 0, 12], 36);
  directory.writeBigUInt64BE(text.start, 64);
  directory.writeBigUInt64BE(text.size, 72);
  // CS_EXECSEG_MAIN_BINARY
  directory.writeBigUInt64BE(1n, 80);
  directory.set(name, HEADER);
  for (let index = 0; index < count; index++) {
    const part = file.subarray(index * PAGE, Math.min((index + 1) * PAGE, start));
    const hash = createHash("sha256").update(part).digest();
    directory.set(hash, HEADER + name.length + index * 32);
  }
  return file;
}

/**
 * Archives whose bytes depend on their content only: members in the given order, one time, one owner.
 *
 * @module
 */

import { Buffer } from "node:buffer";
import { crc32, deflateRawSync, gzipSync } from "node:zlib";

/** One file of an archive. */
export interface Member {
  /** With `/`, relative. */
  readonly path: string;
  readonly content: Uint8Array;
  /** @default false */
  readonly isExecutable?: boolean;
}

/** The time of every member in seconds since 1970: 1980-01-01, the earliest that zip supports. */
const TIME = 315_532_800;
// Executables have 100 MB: higher levels take three times as long for one percent.
const LEVEL = 6;

/** Creates a `.tar.gz` (POSIX ustar). */
export function tarGz(members: readonly Member[]): Uint8Array {
  const blocks = members.flatMap((member) => [
    tarHeader(member),
    member.content,
    new Uint8Array((512 - member.content.length % 512) % 512),
  ]);
  const packed = gzipSync(Buffer.concat([...blocks, new Uint8Array(1024)]), { level: LEVEL });
  // The byte that names the operating system of the build.
  packed[9] = 255;
  return packed;
}

function tarHeader({ path, content, isExecutable }: Member): Uint8Array {
  const header = Buffer.alloc(512);
  const slash = Buffer.byteLength(path) > 100 ? path.lastIndexOf("/", 155) : -1;
  const [prefix, name] = [path.slice(0, Math.max(slash, 0)), path.slice(slash + 1)];
  if (Buffer.byteLength(name) > 100) throw new RangeError(`Too long for an archive: ${path}`);
  const octal = (value: number, at: number, length: number) =>
    header.write(`${value.toString(8).padStart(length - 1, "0")}\0`, at);
  header.write(name, 0);
  octal(isExecutable ? 0o755 : 0o644, 100, 8);
  octal(0, 108, 8);
  octal(0, 116, 8);
  octal(content.length, 124, 12);
  octal(TIME, 136, 12);
  header.write("        0", 148);
  header.write("ustar\x0000root", 257);
  header.write("root", 297);
  header.write(prefix, 345);
  const sum = header.reduce((all, byte) => all + byte, 0);
  header.write(`${sum.toString(8).padStart(6, "0")}\0 `, 148);
  return header;
}

/** Creates a `.zip` (also for wheels). */
export function zip(members: readonly Member[]): Uint8Array {
  const files: Uint8Array[] = [];
  const directory: Uint8Array[] = [];
  let offset = 0;
  for (const { path, content, isExecutable } of members) {
    const name = Buffer.from(path);
    const packed = deflateRawSync(content, { level: LEVEL });
    const common = Buffer.alloc(26);
    common.writeUInt16LE(20, 0);
    // Names are UTF-8.
    common.writeUInt16LE(0x0800, 2);
    common.writeUInt16LE(8, 4);
    common.writeUInt16LE(0, 6);
    common.writeUInt16LE((0 << 9) | (1 << 5) | 1, 8);
    common.writeUInt32LE(crc32(content), 10);
    common.writeUInt32LE(packed.length, 14);
    common.writeUInt32LE(content.length, 18);
    common.writeUInt16LE(name.length, 22);
    files.push(Buffer.from("PK\x03\x04"), common, name, packed);
    const rest = Buffer.alloc(14);
    rest.writeUInt32LE((0o100000 | (isExecutable ? 0o755 : 0o644)) * 0x10000, 6);
    rest.writeUInt32LE(offset, 10);
    // "Made by" Unix, so that the mode applies.
    directory.push(Buffer.from("PK\x01\x02\x14\x03"), common, rest, name);
    offset += 30 + name.length + packed.length;
  }
  const central = Buffer.concat(directory);
  const end = Buffer.alloc(22);
  end.write("PK\x05\x06");
  end.writeUInt16LE(members.length, 8);
  end.writeUInt16LE(members.length, 10);
  end.writeUInt32LE(central.length, 12);
  end.writeUInt32LE(offset, 16);
  return Buffer.concat([...files, central, end]);
}

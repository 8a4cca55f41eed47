import { Buffer } from "node:buffer";

// The only section of the library starts at this address in memory, and at this offset in the file.
const ADDRESS = 0x1000;
const OFFSET = 0x200;

/**
 * Makes a library for Windows (x64) that exports one function, which is a function of another library. It contains no code:
 * the loader resolves a *forwarder*, a text such as `advapi32.SystemFunction036`.
 */
export function forwarderLibrary(
  { file, name, target }: {
    readonly file: string;
    readonly name: string;
    readonly target: string;
  },
): Buffer {
  const bytes = Buffer.alloc(OFFSET + 0x200);
  writeHeaders(bytes);
  const at = (address: number) => address - ADDRESS + OFFSET;
  const directory = ADDRESS;
  const functions = directory + 0x28;
  const names = directory + 0x2c;
  const ordinals = directory + 0x30;
  const fileText = directory + 0x40;
  const nameText = directory + 0x80;
  const targetText = directory + 0xc0;
  // The export directory: the library's name, first ordinal, counts, and the addresses of three tables of one row each.
  bytes.writeUInt32LE(fileText, at(directory) + 12);
  bytes.writeUInt32LE(1, at(directory) + 16);
  bytes.writeUInt32LE(1, at(directory) + 20);
  bytes.writeUInt32LE(1, at(directory) + 24);
  bytes.writeUInt32LE(functions, at(directory) + 28);
  bytes.writeUInt32LE(names, at(directory) + 32);
  bytes.writeUInt32LE(ordinals, at(directory) + 36);
  // An address within the directory is that of a forwarder's text.
  bytes.writeUInt32LE(targetText, at(functions));
  bytes.writeUInt32LE(nameText, at(names));
  bytes.write(file, at(fileText), "latin1");
  bytes.write(name, at(nameText), "latin1");
  bytes.write(target, at(targetText), "latin1");
  return bytes;
}

function writeHeaders(bytes: Buffer): void {
  bytes.write("MZ", 0);
  bytes.writeUInt32LE(0x80, 0x3c); // offset of the PE header
  bytes.write("PE\0\0", 0x80);
  const coff = 0x84;
  bytes.writeUInt16LE(0x8664, coff); // x64
  bytes.writeUInt16LE(1, coff + 2); // sections
  bytes.writeUInt16LE(240, coff + 16); // size of the optional header
  bytes.writeUInt16LE(0x2022, coff + 18); // an executable image, of a library, with large addresses
  const optional = 0x98;
  bytes.writeUInt16LE(0x20b, optional); // PE32+
  bytes.writeUInt32LE(0x200, optional + 8); // size of initialized data
  bytes.writeBigUInt64LE(0x180000000n, optional + 24); // base address
  bytes.writeUInt32LE(0x1000, optional + 32); // alignment in memory
  bytes.writeUInt32LE(0x200, optional + 36); // alignment in the file
  bytes.writeUInt16LE(6, optional + 40); // system version
  bytes.writeUInt16LE(6, optional + 48); // subsystem version
  bytes.writeUInt32LE(0x2000, optional + 56); // size in memory
  bytes.writeUInt32LE(OFFSET, optional + 60); // size of the headers
  bytes.writeUInt16LE(2, optional + 68); // subsystem
  bytes.writeUInt16LE(0x160, optional + 70); // relocatable, no execution of data
  bytes.writeBigUInt64LE(0x100000n, optional + 72); // stack and heap: reserved, committed
  bytes.writeBigUInt64LE(0x1000n, optional + 80);
  bytes.writeBigUInt64LE(0x100000n, optional + 88);
  bytes.writeBigUInt64LE(0x1000n, optional + 96);
  bytes.writeUInt32LE(16, optional + 108); // data directories, of which the first is the export directory
  bytes.writeUInt32LE(ADDRESS, optional + 112);
  bytes.writeUInt32LE(0x100, optional + 116);
  const section = optional + 240;
  bytes.write(".rdata", section);
  bytes.writeUInt32LE(0x200, section + 8);
  bytes.writeUInt32LE(ADDRESS, section + 12);
  bytes.writeUInt32LE(0x200, section + 16);
  bytes.writeUInt32LE(OFFSET, section + 20);
  bytes.writeUInt32LE(0x40000040, section + 36); // initialized data, readable
}

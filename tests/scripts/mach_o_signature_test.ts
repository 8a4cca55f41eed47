import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { test } from "node:test";
import { isSigned, signAdHoc } from "../../scripts/release/mach_o_signature.ts";

/** A Mach-O file of two segments and a signature's place, with nothing in it that runs. */
function machO(content: number): Uint8Array {
  const [linkEdit, signature] = [8192, 8192 + content];
  const file = Buffer.alloc(signature + 64, 7);
  file.fill(0, 0, 4096);
  file.writeUInt32LE(0xfeedfacf, 0);
  file.writeUInt32LE(3, 16);
  const segment = (at: number, name: string, start: number, size: number) => {
    file.writeUInt32LE(0x19, at);
    file.writeUInt32LE(72, at + 4);
    file.write(name, at + 8);
    file.writeBigUInt64LE(BigInt(size), at + 32);
    file.writeBigUInt64LE(BigInt(start), at + 40);
    file.writeBigUInt64LE(BigInt(size), at + 48);
  };
  segment(32, "__TEXT", 0, linkEdit);
  segment(104, "__LINKEDIT", linkEdit, content + 64);
  [0x1d, 16, signature, 64].forEach((value, at) => file.writeUInt32LE(value, 176 + at * 4));
  return file;
}

test("signAdHoc() drops nothing that stands behind the signature", () => {
  const appended = Buffer.concat([machO(5000), Buffer.from("a program")]);
  assert.throws(() => signAdHoc(appended), /something behind the signature/);
});

test("signAdHoc() signs every page, and only the changed file is found broken", () => {
  for (const content of [1, 4096, 5000, 40_000]) {
    const unsigned = machO(content);
    assert.equal(isSigned(unsigned), false);
    const signed = Buffer.from(signAdHoc(unsigned));
    assert.equal(isSigned(signed), true);
    assert.deepEqual(Buffer.from(signAdHoc(signed)), signed, "signing again changes nothing");
    // The last segment still reaches the file's end, and its memory holds it.
    assert.equal(
      Number(signed.readBigUInt64LE(104 + 40) + signed.readBigUInt64LE(104 + 48)),
      signed.length,
    );
    assert.ok(signed.readBigUInt64LE(104 + 32) >= signed.readBigUInt64LE(104 + 48));
    for (const at of [500, 4096, 8192 + content - 1]) {
      const changed = Buffer.from(signed);
      changed[at] = changed[at]! ^ 1;
      assert.equal(isSigned(changed), false, `byte ${at}`);
    }
  }
});

import process from "node:process";

interface Hash {
  update(text: string): Hash;
  digest(encoding: "hex"): string;
}

/**
 * The SHA-256 of texts, one after the other, as 64 hexadecimal digits.
 *
 * `node:crypto` is looked for when it is needed, and not at all under Bun, where loading it takes as long as generating the
 * types of a hundred procedures.
 */
export function sha256(...texts: readonly string[]): string {
  const hash = newHash();
  for (const text of texts) hash.update(text);
  return hash.digest("hex");
}

function newHash(): Hash {
  const { Bun: bun } = globalThis as {
    Bun?: { CryptoHasher?: new (algorithm: "sha256") => Hash };
  };
  return bun?.CryptoHasher === undefined
    ? process.getBuiltinModule("node:crypto").createHash("sha256")
    : new bun.CryptoHasher("sha256");
}

import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { test } from "node:test";
import fc from "fast-check";
import { decodeBrine, encodeBrine } from "../../lib/rpyc/brine.ts";
import { arbitraryBrine } from "../rpyc/arbitrary_brine.ts";
import { pythonSkip } from "../support/python.ts";
import { tempFolder } from "../support/temp_folder.ts";
import { runPython } from "../support/rpyc.ts";

const skip = pythonSkip();
const COUNT = 1500;

test(
  "encodeBrine() and rpyc's brine write the same bytes for the same values",
  { skip },
  async () => {
    await using folder = await tempFolder();
    const ours = fc.sample(arbitraryBrine({ maxMembers: 1 }), { seed: 40, numRuns: COUNT })
      .map((value) => Buffer.from(encodeBrine(value)).toString("hex"));
    await folder.write({ "ours.txt": ours.join("\n") });
    // Read by the real library, compared with what it would have written. Sets have no order: one member at most.
    const code = `
import sys
from rpyc.core import brine
for line in open(sys.argv[1]).read().split("\\n"):
    value = brine.load(bytes.fromhex(line))
    again = brine.dump(value)
    print("same" if again.hex() == line else f"differs {line} {again.hex()}")
`;
    const answers = (await runPython({ code }, [folder.at("ours.txt")])).trim().split("\n");
    assert.equal(answers.length, COUNT);
    assert.deepEqual(answers.filter((answer) => answer !== "same"), []);
  },
);

test(
  "decodeBrine() reads values written by rpyc's brine, and writes it again byte for byte",
  { skip },
  async () => {
    const code = `
import random, struct
from rpyc.core import brine
random.seed(7)
def text():
    return "".join(chr(random.choice([random.randrange(32, 127), random.randrange(160, 0xd7ff), random.randrange(0x10000, 0x10ffff)])) for _ in range(random.choice([0, 1, 3, 4, 5, 80, 300])))
def scalar():
    return random.choice([
        lambda: None, lambda: True, lambda: False, lambda: ..., lambda: NotImplemented,
        lambda: random.randrange(-60, 170), lambda: random.randrange(-10**6, 10**6), lambda: random.getrandbits(random.choice([64, 200, 900])) * random.choice([1, -1]),
        lambda: struct.unpack("d", random.randbytes(8))[0], lambda: random.random(), lambda: float(random.randrange(-5, 5)), lambda: -0.0,
        lambda: complex(random.random(), -random.random()), text, lambda: random.randbytes(random.choice([0, 1, 2, 3, 4, 5, 255, 256, 300])),
    ])()
def value(depth):
    kind = random.random()
    if depth == 0 or kind < 0.6: return scalar()
    if kind < 0.9: return tuple(value(depth - 1) for _ in range(random.choice([0, 1, 2, 3, 4, 5, 255, 256] if depth == 1 else [0, 1, 2, 3, 4, 5])))
    if kind < 0.95: return slice(value(depth - 1), scalar(), scalar())
    return frozenset([random.randrange(10**9)])
count = 0
while count < ${COUNT}:
    v = value(4)
    # A NaN's payload is lost by any program that does arithmetic with it.
    if "nan" in repr(v): continue
    count += 1
    print(brine.dump(v).hex())
`;
    const lines = (await runPython({ code })).trim().split("\n");
    assert.equal(lines.length, COUNT);
    for (const line of lines) {
      assert.equal(
        Buffer.from(encodeBrine(decodeBrine(Buffer.from(line, "hex")))).toString("hex"),
        line,
      );
    }
  },
);

import assert from "node:assert/strict";
import { Duplex } from "node:stream";
import { test } from "node:test";
import { drained } from "../../lib/server/drained.ts";

test("drained() adds one listener for all callers, and leaves none", async () => {
  let finish = () => {};
  const stream = new Duplex({
    highWaterMark: 1,
    read() {},
    write(_chunk, _encoding, done) {
      finish = done;
    },
  });
  const before = stream.listenerCount("close");
  for (let round = 0; round < 3; round++) {
    assert.equal(stream.write("xx"), false);
    const waiting = Array.from({ length: 20 }, () => drained(stream));
    assert.equal(stream.listenerCount("drain"), 1);
    finish();
    await Promise.all(waiting);
    assert.equal(stream.listenerCount("drain"), 0);
    assert.equal(stream.listenerCount("close"), before);
  }
  stream.write("xx");
  const last = drained(stream);
  stream.destroy();
  await last;
});

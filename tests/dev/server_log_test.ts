import assert from "node:assert/strict";
import { test } from "node:test";
import { ServerLog } from "../../lib/dev/server_log.ts";
import { FakeClock } from "../support/fake_clock.ts";

const POLLS = [
  'INFO:     127.0.0.1:46228 - "GET /rpc HTTP/1.1" 200 OK',
  '127.0.0.1 - - [29/Nov/2026 15:10:03] "GET /rpc HTTP/1.1" 200 -',
  '[29/Nov/2026 15:10:03] "GET /rpc HTTP/1.1" 200 1042',
];
const OTHERS = [
  'INFO:     127.0.0.1:46228 - "POST /rpc HTTP/1.1" 200 OK',
  'INFO:     127.0.0.1:46228 - "GET /rpc HTTP/1.1" 500 Internal Server Error',
  'INFO:     127.0.0.1:46228 - "GET /rpc/users HTTP/1.1" 200 OK',
  "GET /rpc",
];

test("ServerLog leaves out successful requests for the contract, unless it is verbose", () => {
  for (const verbose of [false, true]) {
    const lines: string[] = [];
    const log = new ServerLog({
      clock: new FakeClock(),
      onLine: (line) => lines.push(line),
      verbose,
    });
    log.write(`${[...POLLS, ...OTHERS].join("\n")}\n`);
    assert.deepEqual(lines, verbose ? [...POLLS, ...OTHERS] : OTHERS);
    log.end();
  }
});

test("ServerLog drops the lines of one request of our own that failed", () => {
  const lines: string[] = [];
  const log = new ServerLog({ clock: new FakeClock(), onLine: (line) => lines.push(line) });
  log.hold();
  log.write(`${OTHERS[1]}\nTraceback\n`);
  log.release(true);
  log.hold();
  log.write(`${OTHERS[0]}\n${OTHERS[1]}\n`);
  log.release(false);
  assert.deepEqual(lines, [OTHERS[0]]);
  log.end();
});

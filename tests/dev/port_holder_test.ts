import assert from "node:assert/strict";
import { test } from "node:test";
import { listenerIn } from "../../lib/dev/port_state.ts";

const NETSTAT = `
Aktive Verbindungen

  Proto  Lokale Adresse         Remoteadresse          Status           PID
  TCP    0.0.0.0:135            0.0.0.0:0              ABHÖREN         1052
  TCP    127.0.0.1:8000         127.0.0.1:52344        HERGESTELLT     4000
  TCP    127.0.0.1:8000         0.0.0.0:0              ABHÖREN         4711
  TCP    [::1]:18000            [::]:0                 ABHÖREN         12
  UDP    0.0.0.0:8000           *:*                                    99
`.replaceAll("\n", "\r\n");

test("listenerIn() finds the process that listens on a port in netstat's output", () => {
  assert.equal(listenerIn(NETSTAT, 8000), "4711");
  assert.equal(listenerIn(NETSTAT, 18000), "12");
  assert.equal(listenerIn(NETSTAT, 35), undefined);
  assert.equal(listenerIn("", 8000), undefined);
});

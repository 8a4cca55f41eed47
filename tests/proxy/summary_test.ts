import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { ProxyFindings, startStatistics } from "../../lib/proxy/mod.ts";

describe("ProxyFindings", () => {
  it("counts equal violations once, and returns the new ones", () => {
    const findings = new ProxyFindings();
    const violation = { procedure: "add", kind: "result", message: "wrong" } as const;
    const added = [violation, violation, { ...violation, kind: "refused" } as const]
      .map((each) => findings.addViolation(each));
    assert.deepEqual(added, [true, false, true]);
    assert.equal(findings.violationCount, 2);
    assert.deepEqual(findings.summary(startStatistics()).violations, [
      { ...violation, count: 2 },
      { ...violation, kind: "refused", count: 1 },
    ]);
  });

  it("counts the types of values by procedure, path and type", () => {
    const findings = new ProxyFindings();
    const value = { path: "price", allowed: ["number", "string"], found: "number" };
    findings.addUntypedValue("get", value);
    findings.addUntypedValue("get", value);
    findings.addUntypedValue("get", { ...value, found: "string" });
    findings.addUntypedValue("list", value);
    assert.deepEqual(
      findings.summary(startStatistics()).openTypes.map(({ procedure, found, count }) => [
        procedure,
        found,
        count,
      ]),
      [["get", "number", 2], ["get", "string", 1], ["list", "number", 1]],
    );
  });

  it("stays bounded when every message is different", () => {
    const findings = new ProxyFindings();
    for (let index = 0; index < 1100; index++) {
      findings.addViolation({ procedure: "add", kind: "broken", message: String(index) });
    }
    assert.equal(findings.violationCount, 1000);
  });
});

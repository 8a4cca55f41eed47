import assert from "node:assert/strict";
import { test } from "node:test";
import { countRun } from "../../scripts/junit.ts";

// Shortened from what `deno test --junit-path` 2.9.6 wrote.
const DENO = `<?xml version="1.0" encoding="UTF-8"?>
<testsuites name="deno test" tests="5" failures="2" errors="0" time="6.017">
    <testsuite name="./tests/a_test.ts" tests="4" disabled="1" errors="0" failures="2">
        <testcase name="passes" classname="./tests/a_test.ts" time="0.001" line="3" col="1">
        </testcase>
        <testcase name="skipped" classname="./tests/a_test.ts" time="0.000" line="5" col="1">
            <skipped/>
        </testcase>
        <testcase name="outer" classname="./tests/a_test.ts" time="0.002" line="8" col="1">
            <failure message="1 test step failed">1 test step failed.</failure>
        </testcase>
        <testcase name="outer &gt; inner" classname="./tests/a_test.ts" time="0.001" line="8" col="39">
            <failure message="Uncaught &lt;b&gt;">AssertionError: 1 &lt; 0 &amp;amp;</failure>
        </testcase>
        <testcase name="outer &gt; other" classname="./tests/a_test.ts" time="0.000" line="8" col="96">
        </testcase>
    </testsuite>
</testsuites>`;

// Shortened from what `bun test --reporter=junit` 1.4.5 wrote.
const BUN = `<?xml version="1.0" encoding="UTF-8"?>
<testsuites name="bun test" tests="10" assertions="0" failures="1" skipped="1" time="5.0">
  <testsuite name="tests/a_test.ts" file="tests/a_test.ts" tests="3" failures="1" skipped="1">
    <testcase name="passes" classname="" time="0.001183" file="tests/a_test.ts" line="3" />
    <testcase name="skipped" classname="" time="0" file="tests/a_test.ts" line="5" assertions="0">
      <skipped />
    </testcase>
    <testsuite name="suite" file="tests/a_test.ts" line="9" tests="1" failures="1" skipped="0">
      <testcase name="slow" classname="suite" time="5.000222" file="tests/a_test.ts" line="10">
        <failure type="TimeoutError" message="test timed out" />
      </testcase>
    </testsuite>
  </testsuite>
</testsuites>`;

test("countRun() counts steps instead of the test that contains them", () => {
  assert.deepEqual(countRun(DENO, ["tests/a_test.ts"], 1), {
    passed: 2,
    skipped: 1,
    failures: [{
      file: "tests/a_test.ts",
      name: "outer > inner",
      text: "AssertionError: 1 < 0 &amp;",
    }],
  });
});

test("countRun() reads nested suites and failures without a text", () => {
  assert.deepEqual(countRun(BUN, ["tests/a_test.ts"], 1), {
    passed: 1,
    skipped: 1,
    failures: [{ file: "tests/a_test.ts", name: "suite > slow", text: "test timed out" }],
  });
});

test("countRun() counts a file that is not in the report as a failure", () => {
  const { failures } = countRun(DENO, ["tests/a_test.ts", "tests/b_test.ts"], 1);
  assert.deepEqual(failures.map(({ file }) => file), ["tests/a_test.ts", "tests/b_test.ts"]);
});

test("countRun() counts a missing report as a failure of each file", () => {
  assert.equal(countRun(undefined, ["tests/a_test.ts"], 1).failures.length, 1);
});

test("countRun() counts a non-zero exit without a failed test as one failure", () => {
  const clean = DENO.replaceAll(/<failure[\s\S]*?<\/failure>/g, "");
  assert.equal(countRun(clean, ["tests/a_test.ts"], 0).failures.length, 0);
  assert.equal(countRun(clean, ["tests/a_test.ts"], 1).failures.length, 1);
});

import assert from "node:assert/strict";
import { test } from "node:test";
import { ToolError } from "../../lib/errors.ts";
import { missingAnswers, type SetupAnswers } from "../../lib/project/mod.ts";
import { answerUnattended, type UnattendedOptions } from "../../lib/setup/unattended_answers.ts";

const ENTRY = {
  entry: "app.main",
  framework: "flask",
  applications: [],
  folder: ".",
  home: "app",
  isMounted: true,
} as const;
const DETECTED = { framework: "flask", entries: [ENTRY], clients: ["../my web"] } as const;
const NOTHING = { framework: undefined, entries: [], clients: [] } as const;

function unattended(
  answers: SetupAnswers,
  options: Partial<UnattendedOptions> = {},
): SetupAnswers | string {
  try {
    return answerUnattended({
      command: "pyrpc init",
      given: {},
      acceptsDetected: false,
      missing: missingAnswers(answers),
      answers,
      detected: DETECTED,
      path: undefined,
      ...options,
    });
  } catch (error) {
    assert.ok(error instanceof ToolError && error.code === "SETUP_NEEDED" && error.exitCode === 2);
    return [error.message, ...error.fix].join("\n");
  }
}

test("answerUnattended() returns complete answers, and with --yes detected ones", () => {
  const complete = { framework: "asgi", entry: "main", distribution: "server" } as const;
  assert.deepEqual(unattended(complete), complete);
  assert.deepEqual(unattended({ distribution: "workspace" }, { acceptsDetected: true }), {
    framework: "flask",
    entry: "app.main",
    distribution: "workspace",
    clientRoot: ["../my web"],
  });
  assert.deepEqual(unattended({ distribution: "server" }, { acceptsDetected: true }), {
    framework: "flask",
    entry: "app.main",
    distribution: "server",
  });
});

test("answerUnattended() never chooses the distribution", () => {
  const text = unattended({}, { acceptsDetected: true });
  assert.match(String(text), /Missing: --distribution/);
  assert.match(String(text), /--yes accepts detected values, but does not choose/);
});

test("answerUnattended() names every answer that nothing was detected for", () => {
  const options = { acceptsDetected: true, detected: NOTHING };
  const rows: [SetupAnswers, RegExp][] = [
    [
      { distribution: "server" },
      /Missing: --entry \(no Python module with procedures was found here\)[^]*--entry MODULE /,
    ],
    [{ distribution: "workspace" }, /Missing: --entry, --client-root[^]*--client-root FOLDER/],
    [{ distribution: "workspace", entry: "main" }, /Missing: --client-root/],
    [{}, /Missing: --entry, --distribution/],
  ];
  for (const [answers, expected] of rows) {
    assert.match(String(unattended(answers, options)), expected);
  }
});

test("answerUnattended() prints a command that answers everything, quoted for a shell", () => {
  const rows: [SetupAnswers, Partial<UnattendedOptions>, string][] = [
    [
      {},
      {},
      "pyrpc init --framework flask --entry app.main --distribution workspace|server --client-root '../my web'",
    ],
    [
      { distribution: "server" },
      {},
      "pyrpc init --framework flask --entry app.main --distribution server",
    ],
    [
      { entry: "x.y" },
      { command: "pyrpc dev", module: "x.y", missing: ["distribution"] },
      "pyrpc dev x.y --distribution workspace|server --client-root '../my web'",
    ],
    [
      { framework: "asgi", entry: "main" },
      { given: { framework: "asgi", entry: "main" }, detected: NOTHING },
      "pyrpc init --framework asgi --entry main --distribution workspace|server --client-root FOLDER",
    ],
  ];
  for (const [answers, options, command] of rows) {
    assert.ok(String(unattended(answers, options)).includes(`Pass the answers:  ${command}\n`));
  }
  const canDefault = unattended({ distribution: "server" });
  assert.match(String(canDefault), /or accept what was detected with --yes$/);
});

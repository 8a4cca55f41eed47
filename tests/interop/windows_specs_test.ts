// Runs under Deno only: it runs the executable for Windows, which is the same for each engine

import process from "node:process";
import { after, before, describe, test } from "node:test";
import { runSpec, specNames } from "../support/specs.ts";
import { casesToRun } from "../support/verify.ts";
import { windowsExecutable } from "../support/windows/executable.ts";
import { startWine, type Wine, wineSkip } from "../support/windows/wine.ts";

/** Bun detects a refused connection on Windows with a call that Wine answers differently. */
const NEEDS_REFUSED_CONNECTION = new Set([
  "call/needs_a_server",
  "mock/listen_elsewhere",
  "pull/secrets_are_not_shown",
  "pull/source_errors",
  "serve/nats_away",
  "sync/offline_then_check",
  "test/usage",
]);

const IN_GATE = new Set([
  "codegen/package_to_publish",
  "pull/check_after_pull",
]);

const cases = casesToRun(await specNames(), (name) => IN_GATE.has(name));

describe("pyrpc.exe under Wine", { skip: wineSkip() }, () => {
  let wine: Wine;
  let executable: string;
  before(async () => {
    [wine, executable] = await Promise.all([startWine(), windowsExecutable()]);
  });
  after(() => wine[Symbol.asyncDispose]());

  for (const name of cases) {
    const skip = process.platform !== "win32" && NEEDS_REFUSED_CONNECTION.has(name) &&
      "Wine reports refused connections as reset";
    test(`specs: ${name}`, { skip }, () =>
      runSpec(name, {
        isForWindows: true,
        run: (step, cwd) =>
          wine.run(executable, step.args, {
            cwd,
            env: { NO_COLOR: "1", ...step.env },
            ...(step.stdin === undefined ? {} : { stdin: step.stdin }),
          }),
      }));
  }
});

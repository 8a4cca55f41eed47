import assert from "node:assert/strict";
import { test } from "node:test";
import type { DetectedProject } from "../../lib/project/mod.ts";
import { askProjectQuestions } from "../../lib/setup/project_questions.ts";
import { type Script, scriptedSetup } from "../support/scripted_prompter.ts";
import { tempFolder } from "../support/temp_folder.ts";

const CLIENT = "Where is your TypeScript client project?";
const DETECTED = {
  framework: undefined,
  entries: [{
    entry: "main:api",
    framework: undefined,
    applications: [],
    folder: ".",
    home: ".",
    isMounted: true,
  }],
  clients: [],
};

test("askProjectQuestions() asks for a client project that does not exist, although it is configured", async () => {
  await using folder = await tempFolder({ "web/package.json": "{}" });
  const answers = { framework: "flask", entry: "main", distribution: "workspace" } as const;
  for (const [clientRoot, isAsked] of [[["web"], false], [["gone"], true]] as const) {
    const context = scriptedSetup(folder.path, { [CLIENT]: "web" });
    const prompter = await context.openPrompter?.();
    assert.ok(prompter);
    const result = await askProjectQuestions(prompter, {
      folder: folder.path,
      detected: DETECTED,
      answers: { ...answers, clientRoot },
      questions: [],
    });
    assert.equal(context.asked.length, isAsked ? 1 : 0);
    assert.deepEqual(result, { ...answers, clientRoot: ["web"] });
  }
});

test("askProjectQuestions() explains answers that cannot be used", async () => {
  await using folder = await tempFolder({
    "main.py": "",
    "file.txt": "",
    "a,b/x.ts": "",
    "a/package.json": "",
  });
  const ask = async (
    script: Script,
    question: "entry" | "client_root",
    detected: DetectedProject = DETECTED,
  ) => {
    const context = scriptedSetup(folder.path, script);
    const prompter = await context.openPrompter?.();
    assert.ok(prompter);
    const answers = question === "client_root" ? { distribution: "workspace" as const } : {};
    const options = { folder: folder.path, detected, answers, questions: [question] };
    const result = await askProjectQuestions(prompter, options).catch(() => undefined);
    return { result, problem: context.problems[0] };
  };
  const module = "Python module to scan";
  assert.match((await ask({ [module]: "mian" }, "entry")).problem ?? "", /mian here.*main:api\?$/);
  assert.match((await ask({ [module]: "main.py" }, "entry")).problem ?? "", /not its file: main/);
  const [entry] = DETECTED.entries;
  assert.ok(entry);
  const below = {
    ...DETECTED,
    entries: [{ ...entry, entry: "app.main", folder: "backend", home: "backend/app" }],
  };
  const inFolder = await ask({ [module]: "nosuch" }, "entry", below);
  assert.match(inFolder.problem ?? "", /The backend runs in backend: run pyrpc init there$/);
  const missing = await ask({ [CLIENT]: "gone" }, "client_root");
  assert.ok(missing.problem?.startsWith(`No folder ${folder.at("gone")}.`));
  const file = await ask({ [CLIENT]: "a, file.txt" }, "client_root");
  assert.equal(file.problem, `${folder.at("file.txt")} is a file, not a folder`);
  // A comma separates projects, unless a folder has that name.
  assert.deepEqual((await ask({ [CLIENT]: "a,b" }, "client_root")).result?.clientRoot, ["a,b"]);
  assert.deepEqual((await ask({ [CLIENT]: "a, a" }, "client_root")).result?.clientRoot, ["a", "a"]);
});

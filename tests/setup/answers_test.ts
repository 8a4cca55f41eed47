import assert from "node:assert/strict";
import { test } from "node:test";
import { interpretProjectFile, parseJsonFile } from "../../lib/project/mod.ts";
import { answersOfFile, answersOfFlags, hasAnswer, newAnswers } from "../../lib/setup/answers.ts";

const fileOf = (document: object) =>
  interpretProjectFile(parseJsonFile("/api/pyrpc.json", JSON.stringify(document)));

test("answersOfFile() reads the answers of every format; later formats have workspace distribution", () => {
  assert.deepEqual(answersOfFile(undefined), {});
  assert.deepEqual(answersOfFile(fileOf({ version: 1 })), {});
  assert.deepEqual(
    answersOfFile(fileOf({
      version: 1,
      framework: "flask",
      entrypoint: "main",
      distribution: "server",
    })),
    { framework: "flask", entry: "main", distribution: "server" },
  );
  assert.deepEqual(answersOfFile(fileOf({ module: "main", client: "../web" })), {
    entry: "main",
    distribution: "workspace",
    clientRoot: ["../web"],
  });
  assert.deepEqual(
    answersOfFile(fileOf({ backend: { framework: "asgi", entrypoint: "main" }, clients: [] })),
    { framework: "asgi", entry: "main", distribution: "workspace", clientRoot: [] },
  );
});

test("answersOfFlags() writes paths relative to the file and leaves out missing answers", () => {
  const folders = { folder: "/repo/api", cwd: "/repo" };
  assert.deepEqual(answersOfFlags({}, folders), {});
  assert.deepEqual(answersOfFlags({ clientRoot: [] }, folders), {});
  assert.deepEqual(answersOfFlags({ entry: "main", clientRoot: ["web", "/repo/api"] }, folders), {
    entry: "main",
    clientRoot: ["../web", "."],
  });
  assert.deepEqual([hasAnswer({ clientRoot: [] }), hasAnswer({ clientRoot: ["web"] })], [
    false,
    true,
  ]);
});

test("newAnswers() keeps answers to questions only, so that values of the environment are not stored", () => {
  const before = { framework: "asgi", entry: "main", clientRoot: ["../web"] } as const;
  const after = { ...before, distribution: "workspace" } as const;
  assert.deepEqual(newAnswers(["distribution"], before, after), { distribution: "workspace" });
  // A client project that does not exist is asked for although the file names it.
  assert.deepEqual(newAnswers(["distribution"], before, { ...after, clientRoot: ["../app"] }), {
    distribution: "workspace",
    clientRoot: ["../app"],
  });
});

import assert from "node:assert/strict";
import { readdir } from "node:fs/promises";
import { type AddressInfo, createServer } from "node:net";
import process from "node:process";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { pythonEnvironment, pythonSkip } from "../support/python.ts";
import { tempFolder } from "../support/temp_folder.ts";
import { startTerminal, tmuxSkip } from "../support/tmux.ts";
import { casesToRun } from "../support/verify.ts";

const MAIN = fileURLToPath(new URL("../../main.ts", import.meta.url));
const TOOL = "Deno" in globalThis
  ? [process.execPath, "run", "-A", "--no-check", MAIN]
  : [process.execPath, MAIN];
const FILES = {
  "api/main.py": "from fastapi import FastAPI\nimport pyrpc_core\napp = FastAPI()\n",
  "web/package.json": "{}",
};
const CONFIG = (port: number) =>
  JSON.stringify({
    version: 1,
    framework: "asgi",
    entrypoint: "main",
    distribution: "server",
    port,
  });
const SETUP = [
  "Which web framework are you using?",
  "Python module to scan for @rpc procedures",
  "How are types distributed to the client?",
  "Where is your TypeScript client project?",
];

interface Row {
  readonly words: readonly string[];
  readonly cwd: string;
  /** The questions; all but the last are answered with Enter. */
  readonly questions: readonly string[];
  /** The backend has a configuration, and no environment or a port that is taken. */
  readonly isSetUp?: boolean;
}

const ROWS: readonly Row[] = [
  ...["init", "dev"].flatMap((command) =>
    SETUP.map((_, index): Row => ({
      words: [command],
      cwd: "api",
      questions: SETUP.slice(0, index + 1),
    }))
  ),
  { words: ["init", "--client"], cwd: "web", questions: ["How are types distributed?"] },
  {
    words: ["init", "--client", "--distribution", "server"],
    cwd: "web",
    questions: ["Server URL"],
  },
  {
    words: ["init", "--client", "--distribution", "server"],
    cwd: "web",
    questions: ["Server URL", "Use this address anyway?"],
  },
  { words: ["dev"], cwd: "api", questions: ["Use port"], isSetUp: true },
  { words: ["doctor", "--fix"], cwd: "api", questions: ["Run "], isSetUp: true },
];
const isInGate = ({ words, isSetUp }: Row) => isSetUp === true && words.includes("dev");

for (const { words, cwd, questions, isSetUp = false } of casesToRun(ROWS, isInGate)) {
  const last = questions.at(-1) ?? "";
  test(`Ctrl+D leaves "${last.trim()}" of ${words.join(" ")} with 130, and nothing is written`, {
    skip: tmuxSkip || pythonSkip(),
  }, async () => {
    const { python } = await pythonEnvironment("settings");
    // Takes the port.
    const server = createServer().listen(0, "127.0.0.1");
    await new Promise((resolve) => server.once("listening", resolve));
    const { port } = server.address() as AddressInfo;
    await using folder = await tempFolder({
      ...FILES,
      ...(isSetUp ? { "api/pyrpc.json": CONFIG(port) } : {}),
    });
    const files = async () => (await readdir(folder.path, { recursive: true })).sort();
    const before = await files();
    // This environment has no pyRPC, so that `doctor --fix` has something to install.
    const flags = isSetUp ? ["--python", python] : [];
    await using terminal = await startTerminal([...TOOL, ...words, ...flags], folder.at(cwd));
    for (const question of questions) {
      await terminal.screenWith(question);
      if (question !== last) await terminal.press("Enter");
    }
    await terminal.press("C-d");
    const screen = await terminal.screenWith("EXIT:");
    assert.match(screen, /EXIT:130/);
    assert.deepEqual(await files(), before);
    server.close();
  });
}

for (const { words, cwd, questions, isSetUp = false } of casesToRun(ROWS, isInGate)) {
  const last = questions.at(-1) ?? "";
  test(`Ctrl+Z and fg ask "${last.trim()}" of ${words.join(" ")} again`, {
    skip: tmuxSkip || pythonSkip(),
  }, async () => {
    const { python } = await pythonEnvironment("settings");
    const server = createServer().listen(0, "127.0.0.1");
    await new Promise((resolve) => server.once("listening", resolve));
    const { port } = server.address() as AddressInfo;
    await using folder = await tempFolder({
      ...FILES,
      ...(isSetUp ? { "api/pyrpc.json": CONFIG(port) } : {}),
    });
    const flags = isSetUp ? ["--python", python] : [];
    const program = [...TOOL, ...words, ...flags].map((word) => `'${word}'`).join(" ");
    await using terminal = await startTerminal(["bash", "--norc", "-i"], folder.at(cwd));
    await terminal.press("PS1='ENDED:$? '", "Enter");
    await terminal.press(program, "Enter");
    for (const question of questions) {
      await terminal.screenWith(question);
      if (question !== last) await terminal.press("Enter");
    }
    for (const round of [1, 2]) {
      await terminal.press("C-z");
      await terminal.screenWith("Stopped");
      // Clears the question of this round before the next one is awaited.
      await terminal.press(`clear; echo round:$((${round}+10)); fg`, "Enter");
      await terminal.screenWith(`round:${round + 10}`);
      await terminal.screenWith(last);
    }
    await terminal.press("C-d");
    await terminal.screenWith("ENDED:130");
    server.close();
  });
}

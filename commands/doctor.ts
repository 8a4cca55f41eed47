import { defined } from "../lib/defined.ts";
import { ExitCode } from "../lib/errors.ts";
import { VERSION } from "../lib/version.ts";
import { plainText, type Style, styleFor } from "../lib/terminal/mod.ts";
import { defineCommand, file, openPrompter, toggle, url } from "../lib/cli/mod.ts";
import { type Console, isInteractive } from "../lib/runtime/mod.ts";
import type { Diagnosis } from "../lib/doctor/mod.ts";

const FLAGS = {
  python: file("Python interpreter (default: detected)", { placeholder: "path" }),
  serverUrl: url("Address of the server, instead of the configured one"),
  json: toggle("Print the result as JSON"),
  verbose: toggle("Print the full traceback of a failed import"),
  fix: toggle("Run the suggested install commands after asking, and check again"),
  yes: toggle("With --fix: run the commands without asking", { alias: "y" }),
};

/** `pyrpc doctor`: diagnoses a project and suggests fixes. */
export const doctorCommand = defineCommand({
  summary: "Diagnose the project and suggest fixes",
  description:
    `Checks the configuration, the Python interpreter and its packages, the adapter, the entry module, the server and
its CORS settings, the client's types, and every pyrpc on PATH. Exit 1 if there is a problem.`,
  examples: [
    { command: "pyrpc doctor", does: "in the folder of the backend or of the client" },
    {
      command: "pyrpc doctor --server-url https://api.example.com",
      does: "also check this server",
    },
    { command: "pyrpc doctor --fix", does: "install what is missing, and check again" },
    { command: "pyrpc doctor --json", does: "the findings for scripts" },
  ],
  flags: FLAGS,
  readsClient: () => true,
  async run({ console, hint }, { json, fix, yes, ...options }) {
    const { checkFixFlags, diagnose } = await import("../lib/doctor/mod.ts");
    if (fix) checkFixFlags({ isInteractive: isInteractive(console), yes });
    const style = styleFor(console.stdout, console.env);
    const check = async (isShown: boolean) => {
      const findings: Diagnosis[] = [];
      if (isShown) console.stdout.write(`${style.bold(`pyrpc-toolkit ${VERSION}`)}\n`);
      for await (const found of diagnose(options, console)) {
        const diagnosis = { ...found, ...defined({ fix: found.fix?.map(hint) }) };
        findings.push(diagnosis);
        if (isShown) console.stdout.write(render(diagnosis, style));
      }
      return findings;
    };
    let findings = await check(!json);
    // A missing package may have hidden further problems.
    for (let round = 0; fix && round < MAX_ROUNDS; round++) {
      if (!await fixAll(console, findings, yes)) break;
      findings = await check(!json);
    }
    const problems = findings.filter(({ status }) => status === "broken").length;
    const ok = problems === 0;
    const summary = ok
      ? "No problems found"
      : `${problems} problem${problems === 1 ? "" : "s"} found`;
    console.stdout.write(
      json
        ? `${JSON.stringify({ version: `pyrpc-toolkit ${VERSION}`, ok, findings }, null, 2)}\n`
        : `${summary}\n`,
    );
    return ok ? ExitCode.Ok : ExitCode.No;
  },
});

const MAX_ROUNDS = 3;

// Returns true if a command was run to its end.
async function fixAll(
  console: Console,
  findings: readonly Diagnosis[],
  yes: boolean,
): Promise<boolean> {
  const { applyFixes } = await import("../lib/doctor/mod.ts");
  const style = styleFor(console.stderr, console.env);
  const print = (line: string) => console.stderr.write(`${line}\n`);
  const applied = await applyFixes(findings, {
    cwd: console.cwd,
    env: console.env,
    confirm: yes ? undefined : (command) => confirm(console, `Run ${command}?`),
    onCommand: (command) => print(`${style.cyan("fix:")} ${plainText(command)}`),
    onEnd: (isDone, output) => {
      if (isDone) print(`  ${style.green("✓")} done`);
      else print(`  ${style.red("✗")} failed\n${plainText(output.trimEnd())}`);
    },
  });
  return applied.some(({ state }) => state === "done");
}

async function confirm(console: Console, question: string): Promise<boolean> {
  const prompter = await openPrompter(console);
  try {
    return await prompter.confirm(question, true);
  } finally {
    prompter.close();
  }
}

function render(
  { check, status, message, details = [], fix = [], snippet = [] }: Diagnosis,
  style: Style,
): string {
  const marks = {
    ok: style.green("✓"),
    warning: style.yellow("!"),
    broken: style.red("✗"),
    skipped: style.dim("-"),
  } as const;
  const indent = " ".repeat(16);
  const lines = [
    `${marks[status]} ${check.padEnd(13)} ${plainText(message)}`,
    ...details.map((line) => `${indent}${style.dim(plainText(line))}`),
    ...fix.map((line, index) =>
      `${indent}${index === 0 ? style.cyan("fix:") : "    "} ${plainText(line)}`
    ),
    ...(snippet.length === 0 ? [] : ["", ...snippet.map(plainText), ""]),
  ];
  return `${lines.join("\n")}\n`;
}

import { ExitCode } from "../lib/errors.ts";
import { VERSION } from "../lib/version.ts";
import { plainText, styleFor } from "../lib/terminal/mod.ts";
import { defineCommand } from "../lib/cli/mod.ts";
import type { Diagnosis } from "./_doctor_checks.ts";

interface DoctorFlags {
  readonly python?: string;
  readonly serverUrl?: string;
  readonly json: boolean;
}

/** `pyrpc doctor`: what is right here, what is not, and the command that mends it. */
export const doctorCommand = defineCommand<DoctorFlags>({
  summary: "Look for what is wrong with this project and say how to mend it",
  description:
    `Looks at the configuration, the Python interpreter and its packages, the adapter, the entry module, the server and
what a browser may do with it, the client's types, and every pyrpc on PATH. Exit 1 when something is broken.`,
  examples: [
    { command: "pyrpc doctor", does: "in the folder of the backend or of the client" },
    {
      command: "pyrpc doctor --server-url https://api.example.com",
      does: "also look at this server",
    },
    { command: "pyrpc doctor --json", does: "the findings for scripts" },
  ],
  parameters: {
    flags: {
      python: {
        kind: "parsed",
        parse: String,
        brief: "The Python interpreter, instead of the one that is found",
        placeholder: "path",
        optional: true,
      },
      serverUrl: {
        kind: "parsed",
        parse: String,
        brief: "Address of the server, instead of the configured one",
        placeholder: "url",
        optional: true,
      },
      json: { kind: "boolean", brief: "Print JSON", default: false, withNegated: false },
    },
  },
  readsClient: () => true,
  async run(console, { json, ...options }) {
    const { examine } = await import("./_doctor_checks.ts");
    const findings: Diagnosis[] = [];
    const style = styleFor(console.stdout, console.env);
    const marks: Readonly<Record<Diagnosis["status"], string>> = {
      ok: style.green("✓"),
      warning: style.yellow("!"),
      broken: style.red("✗"),
      skipped: style.dim("-"),
    };
    if (!json) console.stdout.write(`${style.bold(`pyrpc-toolkit ${VERSION}`)}\n`);
    await examine(console, options, (finding) => {
      findings.push(finding);
      if (json) return;
      const { check, status, message, details = [], fix = [] } = finding;
      const lines = [
        `${marks[status]} ${check.padEnd(13)} ${plainText(message)}`,
        ...details.map((line) => `${" ".repeat(16)}${style.dim(plainText(line))}`),
        ...fix.map((line, index) =>
          `${" ".repeat(16)}${index === 0 ? style.cyan("fix:") : "    "} ${plainText(line)}`
        ),
      ];
      console.stdout.write(`${lines.join("\n")}\n`);
    });
    const broken = findings.filter(({ status }) => status === "broken").length;
    if (json) {
      const view = { version: `pyrpc-toolkit ${VERSION}`, ok: broken === 0, findings };
      console.stdout.write(`${JSON.stringify(view, null, 2)}\n`);
    } else {
      console.stdout.write(broken === 0 ? "Nothing is broken\n" : `${broken} broken\n`);
    }
    return broken === 0 ? ExitCode.Ok : ExitCode.No;
  },
});

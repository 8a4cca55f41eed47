import { defineCommand, SETUP_FLAGS, toggle } from "../lib/cli/mod.ts";
import { ExitCode } from "../lib/errors.ts";
import type { ConfigView, EffectiveValue } from "../lib/project/mod.ts";
import type { Console } from "../lib/runtime/mod.ts";
import { commandIn } from "../lib/shell_word.ts";
import { plainText, styleFor } from "../lib/terminal/mod.ts";

const FLAGS = {
  framework: SETUP_FLAGS.framework,
  entry: SETUP_FLAGS.entry,
  clientRoot: SETUP_FLAGS.clientRoot,
  distribution: SETUP_FLAGS.distribution,
  json: toggle("Print the result as JSON"),
};

/** `pyrpc config`: each effective value and its origin. */
export const configCommand = defineCommand({
  summary: "Show each effective setting and its origin",
  description: `Order of precedence: flags, environment variables (PYRPC_…), the file, defaults.
Exit 1 if a setting that pyrpc dev needs is missing.`,
  examples: [
    { command: "pyrpc config", does: "a table of name, value and origin" },
    { command: "pyrpc config --json", does: "the same for scripts" },
  ],
  flags: FLAGS,
  readsClient: () => true,
  async run({ console }, { json, ...overrides }) {
    const { viewConfig } = await import("../lib/project/mod.ts");
    const view = await viewConfig({ cwd: console.cwd, env: console.env, overrides });
    if (json) console.stdout.write(`${JSON.stringify(view, null, 2)}\n`);
    else console.stdout.write(renderConfig(view, console));
    return view.complete || (view.file === null && view.client !== null)
      ? ExitCode.Ok
      : ExitCode.No;
  },
});

function renderConfig(view: ConfigView, console: Console): string {
  const style = styleFor(console.stdout, console.env);
  const lines: string[] = [];
  const table = (values: readonly EffectiveValue[]) => {
    const rows = values.map(({ name, value, from }) => [name, show(value), from] as const);
    const widths = [0, 1].map((at) => Math.max(...rows.map((row) => (row[at] ?? "").length), 0));
    for (const [name, value, from] of rows) {
      lines.push(
        `  ${name.padEnd(widths[0] ?? 0)}  ${value.padEnd(widths[1] ?? 0)}  ${style.dim(from)}`,
      );
    }
  };
  // A frontend needs no pyrpc.json: its settings are those of pyrpc-client.json.
  const isFrontend = view.file === null && view.client !== null &&
    view.values.every(({ from }) => from === "not set");
  if (isFrontend && view.client !== null) {
    lines.push(plainText(view.client.file));
    table(view.client.values);
    return `${lines.join("\n")}\n`;
  }
  lines.push(view.file === null ? "No pyrpc.json here or above" : plainText(view.file));
  for (const folder of view.below) {
    lines.push(
      `  ${plainText(folder)} has one: ${plainText(commandIn(folder, "pyrpc config"))}`,
    );
  }
  if (view.format === "legacy") {
    lines.push("  (the format of pyRPC 0.10 to 0.12; it is never rewritten)");
  }
  if (view.format === "nested") {
    lines.push("  (the format of pyRPC 0.13 and later; it is never rewritten)");
  }
  table(view.values);
  for (const root of view.clients) lines.push(`  types go to ${plainText(root)}`);
  for (const warning of view.warnings) lines.push(`  note: ${plainText(warning)}`);
  if (!view.complete && view.file !== null) lines.push("  not complete: run pyrpc init");
  if (view.client !== null) {
    lines.push("", plainText(view.client.file));
    table(view.client.values);
  }
  return `${lines.join("\n")}\n`;
}

function show(value: EffectiveValue["value"]): string {
  if (value === undefined) return "—";
  return plainText(typeof value === "object" ? value.join(", ") : String(value));
}

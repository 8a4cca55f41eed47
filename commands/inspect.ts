import { formatDocument } from "../lib/json/mod.ts";
import {
  type CommandContext,
  defineCommand,
  type FlagValues,
  optionalArgument,
  reportSource,
  SOURCE_ARGUMENT,
  SOURCE_FLAGS,
  sourceOptions,
  toggle,
} from "../lib/cli/mod.ts";
import { emptyProcedureName } from "../lib/contract/mod.ts";
import type { ExitCode } from "../lib/errors.ts";
import type { ProcedureDescription } from "../lib/inspect/mod.ts";
import type { Console } from "../lib/runtime/mod.ts";
import { type Column, plainText, type Style, styleFor, tableLines } from "../lib/terminal/mod.ts";

const FLAGS = { json: toggle("Print the result as JSON"), ...SOURCE_FLAGS };

type Flags = FlagValues<typeof FLAGS>;

/** `pyrpc inspect`: prints the procedures of a contract. */
export const inspectCommand = defineCommand({
  summary: "Show the procedures of a backend",
  description: "Without NAME a table; with it everything about one procedure, as TypeScript.",
  examples: [
    { command: "pyrpc inspect http://localhost:8000", does: "every procedure, one line each" },
    { command: "pyrpc inspect schema.json users.get", does: "one of them in full" },
    { command: "pyrpc inspect app.main --json", does: "everything, for scripts" },
  ],
  flags: FLAGS,
  args: [
    SOURCE_ARGUMENT,
    optionalArgument("NAME", "Show this procedure in full"),
  ],
  run,
});

async function run(
  { console }: CommandContext,
  { json, ...flags }: Flags,
  source: string,
  name?: string,
): Promise<ExitCode> {
  if (name === "") throw emptyProcedureName();
  const [{ loadSource }, { findProcedure }, { describeProcedures }] = await Promise.all([
    import("../lib/source/mod.ts"),
    import("../lib/contract/mod.ts"),
    import("../lib/inspect/mod.ts"),
  ]);
  const { options, context } = sourceOptions(flags, console);
  const loaded = await loadSource(source, options, context);
  const { contract, where } = loaded;
  const code = reportSource(console, loaded);
  const wanted = name === undefined ? undefined : findProcedure(contract, name, where);
  const procedures = describeProcedures(contract, wanted);
  if (json) {
    const value = wanted === undefined ? { source: where, procedures } : procedures[0];
    console.stdout.write(`${formatDocument(value, "  ")}\n`);
  } else if (wanted !== undefined) {
    const style = styleFor(console.stdout, console.env);
    for (const each of procedures) console.stdout.write(`${inFull(each, style).join("\n")}\n`);
  } else if (procedures.length === 0) {
    console.stderr.write(`${plainText(where)} has no procedures\n`);
  } else {
    console.stdout.write(`${table(procedures, console).join("\n")}\n`);
  }
  return code;
}

function table(procedures: readonly ProcedureDescription[], { stdout, env }: Console): string[] {
  const width = stdout.isTerminal ? stdout.columns : Infinity;
  const [heading = "", ...lines] = tableLines(COLUMNS, procedures.map(rowOf), width);
  return [styleFor(stdout, env).bold(heading), ...lines];
}

const COLUMNS: readonly Column[] = [
  { heading: "NAME", shrink: 0 },
  { heading: "KIND", shrink: 0 },
  { heading: "PARAMETERS", shrink: 1 },
  { heading: "RETURNS", shrink: 1 },
  { heading: "DOC", shrink: 1.2 },
];

function rowOf({ name, kind, parameters, returns, doc }: ProcedureDescription): string[] {
  return [
    name,
    kind ?? "-",
    parameters.map((each) => `${each.name}${each.required ? "" : "?"}: ${each.type}`).join(", ") ||
    "-",
    returns.type,
    doc.trim().split("\n")[0] ?? "",
  ];
}

function inFull(view: ProcedureDescription, style: Style): string[] {
  const traits = [
    view.kind,
    view.async === null ? null : view.async ? "async" : "sync",
  ].filter((trait) => trait !== null);
  const lines = [
    [style.bold(plainText(view.name)), style.dim(traits.join(", "))].join("  ").trimEnd(),
  ];
  const doc = view.doc.trim();
  if (doc !== "") lines.push(...doc.split("\n").map((line) => `  ${plainText(line)}`.trimEnd()));
  lines.push("", style.cyan(plainText(view.signature)));
  if (view.parameters.length > 0) {
    const rows = view.parameters.map(({ name, type, required, default: value, about }) => [
      `  ${name}`,
      type,
      required ? "required" : `default ${formatDocument(value)}`,
      about,
    ]);
    const columns = ["", "", "", ""].map((heading) => ({ heading, shrink: 0 }));
    lines.push("", style.bold("Parameters"), ...tableLines(columns, rows, Infinity).slice(1));
  }
  lines.push("", style.bold("Returns"), `  ${plainText(view.returns.type)}`);
  if (view.returns.about !== "") lines.push(`  ${plainText(view.returns.about)}`);
  if (view.types.length > 0) {
    lines.push("", style.bold("Types"));
    lines.push(
      ...view.types.join("\n\n").split("\n").map((line) => `  ${plainText(line)}`.trimEnd()),
    );
  }
  return lines;
}

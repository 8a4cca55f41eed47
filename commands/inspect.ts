import { type ExitCode, usageError } from "../lib/errors.ts";
import type { GeneratedProcedure, GeneratedTypes } from "../lib/codegen/mod.ts";
import type { Contract, Json, JsonSchema, Procedure } from "../lib/contract/mod.ts";
import { type Column, plainText, type Style, styleFor, tableLines } from "../lib/terminal/mod.ts";
import { findProcedure } from "./_contract_source.ts";
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

const FLAGS = { json: toggle("Print the result as JSON"), ...SOURCE_FLAGS };

type Flags = FlagValues<typeof FLAGS>;

/** What is known of one procedure: printed as JSON, or rendered for people. */
interface ProcedureView {
  readonly name: string;
  readonly kind: "query" | "mutation" | null;
  readonly async: boolean | null;
  readonly doc: string;
  /** TypeScript. */
  readonly signature: string;
  readonly parameters: readonly {
    readonly name: string;
    /** TypeScript. */
    readonly type: string;
    readonly required: boolean;
    readonly default: Json;
    /** Description and constraints in words. */
    readonly about: string;
    readonly schema: JsonSchema;
  }[];
  readonly returns: { readonly type: string; readonly about: string; readonly schema: JsonSchema };
  /** The TypeScript declarations that the signature uses. */
  readonly types: readonly string[];
}

/** `pyrpc inspect`: what a backend offers. */
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
  flags: Flags,
  source: string,
  name?: string,
): Promise<ExitCode> {
  if (name === "") throw usageError("The procedure's name is empty");
  const [{ loadSource }, codegen] = await Promise.all([
    import("../lib/source/mod.ts"),
    import("../lib/codegen/mod.ts"),
  ]);
  const { options, context } = sourceOptions(flags, console);
  const loaded = await loadSource(source, options, context);
  const { contract, where } = loaded;
  const code = reportSource(console, loaded);
  const wanted = name === undefined ? undefined : findProcedure(contract, name, where);
  const generated = codegen.generateTypes(contract);
  const views = generated.procedures
    .filter((procedure) => wanted === undefined || procedure.name === wanted.name)
    .map((procedure) => viewOf(procedure, contract, generated, codegen));

  if (flags.json) {
    const value = wanted === undefined ? { source: where, procedures: views } : views[0];
    console.stdout.write(`${JSON.stringify(value, null, 2)}\n`);
    return code;
  }
  const style = styleFor(console.stdout, console.env);
  const [only] = views;
  if (wanted !== undefined && only !== undefined) {
    console.stdout.write(`${inFull(only, style).join("\n")}\n`);
  } else if (views.length === 0) {
    console.stderr.write(`${plainText(where)} has no procedures\n`);
  } else {
    const width = console.stdout.isTerminal ? console.stdout.columns : Infinity;
    const [heading, ...lines] = tableLines(COLUMNS, views.map(rowOf), width);
    console.stdout.write(`${[style.bold(heading!), ...lines].join("\n")}\n`);
  }
  return code;
}

function viewOf(
  generated: GeneratedProcedure,
  contract: Contract,
  { declarations }: GeneratedTypes,
  { inlineDoc, signatureOf, usedDeclarations }: typeof import("../lib/codegen/mod.ts"),
): ProcedureView {
  const procedure: Procedure = contract.procedures.get(generated.name)!;
  const signature = signatureOf(generated);
  // What is said in comments of generated files is escaped for them.
  const about = (schema: JsonSchema) => inlineDoc(schema).replaceAll("*\\/", "*/");
  return {
    name: procedure.name,
    kind: procedure.kind ?? null,
    async: procedure.isAsync ?? null,
    doc: procedure.doc,
    signature,
    parameters: procedure.parameters.map((parameter, index) => ({
      name: parameter.name,
      type: generated.parameters[index]!.type,
      required: parameter.required,
      default: parameter.default,
      about: about(parameter.schema),
      schema: parameter.schema,
    })),
    returns: {
      type: generated.result,
      about: about(procedure.result),
      schema: procedure.result,
    },
    types: usedDeclarations(signature, declarations.types),
  };
}

const COLUMNS: readonly Column[] = [
  { heading: "NAME", shrink: 0 },
  { heading: "KIND", shrink: 0 },
  { heading: "PARAMETERS", shrink: 1 },
  { heading: "RETURNS", shrink: 1 },
  { heading: "DOC", shrink: 1.2 },
];

function rowOf({ name, kind, parameters, returns, doc }: ProcedureView): string[] {
  return [
    name,
    kind ?? "-",
    parameters.map((each) => `${each.name}${each.required ? "" : "?"}: ${each.type}`).join(", ") ||
    "-",
    returns.type,
    doc.trim().split("\n")[0] ?? "",
  ];
}

function inFull(view: ProcedureView, style: Style): string[] {
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
      required ? "required" : `default ${JSON.stringify(value)}`,
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

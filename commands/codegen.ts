import { relative, resolve } from "node:path";
import { ExitCode, ToolError, usageError } from "../lib/errors.ts";
import type { Console } from "../lib/runtime/mod.ts";
import { styleFor } from "../lib/terminal/mod.ts";
import { defineCommand } from "./_define.ts";
import {
  SOURCE_FLAGS,
  SOURCE_PARAMETER,
  type SourceFlags,
  sourceOptions,
} from "./_source_flags.ts";
import { changesInBrief, countsInBrief, reportChanges, reportWarnings } from "./_types_report.ts";

interface Flags extends SourceFlags {
  readonly out?: string;
  readonly client: boolean;
  readonly check: boolean;
  readonly dryRun: boolean;
  readonly json: boolean;
  readonly strict: boolean;
  readonly singleModels: boolean;
  readonly allowEmpty: boolean;
}

/** `pyrpc codegen`: from a contract to a TypeScript file. */
export const codegenCommand = defineCommand<Flags, [source: string]>({
  summary: "Generate TypeScript types from a schema",
  description:
    "SOURCE is a schema file, the URL of a pyRPC server (/rpc is added), a Python module, or - for standard input.\n" +
    "The file is written atomically, and not touched when it is up to date.",
  examples: [
    {
      command: "pyrpc codegen http://localhost:8000 --out src/api.ts",
      does: "types of a running server",
    },
    { command: "pyrpc codegen schema.json --out -", does: "print them" },
    {
      command: "pyrpc codegen app.main --out ../web/src/api.ts --client",
      does: "types of a Python module, and the client beside them",
    },
    {
      command: "pyrpc codegen schema.json --out src/api.ts --check",
      does: "exit 1 if the file is not up to date",
    },
  ],
  parameters: {
    flags: {
      out: {
        kind: "parsed",
        parse: String,
        brief: "The file to write; - prints it",
        optional: true,
        placeholder: "path",
      },
      client: {
        kind: "boolean",
        brief: "Also write pyrpc-client.ts beside it, so that no package is needed",
        default: false,
        withNegated: false,
      },
      check: {
        kind: "boolean",
        brief: "Write nothing; name what differs and exit 1",
        default: false,
        withNegated: false,
      },
      dryRun: {
        kind: "boolean",
        brief: "Write nothing; say what would be written",
        default: false,
        withNegated: false,
      },
      json: {
        kind: "boolean",
        brief: "Print what was done as JSON on standard output",
        default: false,
        withNegated: false,
      },
      strict: {
        kind: "boolean",
        brief: "Exit 1, writing nothing, when the types cannot say something that the schema says",
        default: false,
        withNegated: false,
      },
      singleModels: {
        kind: "boolean",
        brief: "One type for a model also where arguments and results differ",
        default: false,
        withNegated: false,
      },
      allowEmpty: {
        kind: "boolean",
        brief: "Accept a contract without procedures",
        default: false,
        withNegated: false,
      },
      ...SOURCE_FLAGS,
    },
    positional: { kind: "tuple", parameters: [SOURCE_PARAMETER] },
    aliases: { o: "out" },
  },
  run,
});

async function run(console: Console, flags: Flags, source: string): Promise<ExitCode> {
  const start = console.monotonic();
  const out = checkFlags(flags);
  const [{ loadSource }, codegen, delivery] = await Promise.all([
    import("../lib/source/mod.ts"),
    import("../lib/codegen/mod.ts"),
    import("../lib/delivery/mod.ts"),
  ]);
  const { options, context } = sourceOptions(flags, console);
  const loaded = await loadSource(source, options, context);
  if (loaded.contract.procedures.size === 0 && !flags.allowEmpty) throw noProcedures(loaded.where);

  const generated = codegen.generateTypes(loaded.contract, { singleModels: flags.singleModels });
  reportWarnings(console, generated.warnings);
  const failed = flags.strict && generated.warnings.length > 0;
  if (failed) throw notExact(loaded.where, generated.warnings.length);

  if (out === "-") {
    console.stdout.write(generated.text);
    return ExitCode.Ok;
  }

  const path = resolve(console.cwd, out);
  const isCurrent = (present: string) => codegen.readGeneratedFile(present).hash === generated.hash;
  const plan = await planOutput(path, generated.text, flags.client, isCurrent);
  const apply = !flags.check && !flags.dryRun;
  const files = apply ? delivery.applyPlan(plan) : delivery.checkPlan(plan);
  const before = files[0]?.before ?? "";
  const changes = codegen.compareGenerated(
    codegen.readGeneratedFile(before),
    codegen.readGeneratedFile(generated.text),
  );
  const upToDate = delivery.isUpToDate(files);
  const milliseconds = Math.round(console.monotonic() - start);

  if (flags.json) {
    console.stdout.write(`${
      JSON.stringify(
        {
          source: loaded.where,
          hash: generated.hash,
          upToDate,
          files: files.map(({ path, state }) => ({ path, state })),
          procedures: generated.procedures.map(({ name }) => name),
          types: generated.types,
          changes,
          warnings: generated.warnings,
          milliseconds,
        },
        null,
        2,
      )
    }\n`);
  }
  const style = styleFor(console.stderr, console.env);
  const target = relative(console.cwd, path) || path;
  const line = `${loaded.where} → ${target}  ${countsInBrief(generated)}, ${
    changesInBrief(changes)
  }, ${milliseconds} ms`;
  if (flags.check) {
    if (!upToDate) reportChanges(console, changes);
    console.stderr.write(
      upToDate
        ? `${style.green("✓")} up to date: ${line}\n`
        : `${style.red("✗")} not up to date: ${line}\n`,
    );
    return upToDate ? ExitCode.Ok : ExitCode.No;
  }
  if (flags.dryRun) {
    for (const text of delivery.describePlan(files)) console.stderr.write(`  ${text}\n`);
    console.stderr.write(`nothing written (--dry-run): ${line}\n`);
    return ExitCode.Ok;
  }
  console.stderr.write(`${style.green("✓")} ${line}\n`);
  return ExitCode.Ok;
}

function checkFlags(flags: Flags): string {
  if (flags.out === undefined) {
    throw usageError(
      "It is not said where to write the types",
      "Give --out src/api.ts, or --out - to print them",
    );
  }
  if (flags.out === "") {
    throw usageError('"--out" is empty', "Give --out src/api.ts, or --out - to print them");
  }
  const prints = flags.out === "-";
  for (
    const [name, given] of Object.entries({
      client: flags.client,
      check: flags.check,
      json: flags.json,
    })
  ) {
    if (prints && given) {
      throw usageError(`--${name} needs a file, not "--out -"`, "Give --out src/api.ts");
    }
  }
  if (flags.check && flags.dryRun) throw usageError("--check and --dry-run exclude each other");
  return flags.out;
}

async function planOutput(
  path: string,
  text: string,
  client: boolean,
  isCurrent: (present: string) => boolean,
) {
  const { planFile, planFiles } = await import("../lib/delivery/mod.ts");
  if (!client) return planFile(path, text, { isCurrent });
  const { CLIENT_FILE, clientText } = await import("../lib/client/mod.ts");
  const { basename, dirname } = await import("node:path");
  if (basename(path) === CLIENT_FILE) {
    throw usageError(`"${CLIENT_FILE}" is the client's file`, "Give another name to --out");
  }
  return planFiles(dirname(path), [
    { path: basename(path), content: text, isCurrent },
    { path: CLIENT_FILE, content: clientText() },
  ], { createRoot: true });
}

function noProcedures(where: string): ToolError {
  return new ToolError({
    code: "SCHEMA_WITHOUT_PROCEDURES",
    message: "The contract has no procedures; the present types were kept",
    where,
    fix: [
      "Check that the module with your @rpc functions is imported by the server's entry",
      "Give --allow-empty if it is meant to be empty",
    ],
    exitCode: ExitCode.No,
  });
}

function notExact(where: string, count: number): ToolError {
  return new ToolError({
    code: "SCHEMA_NOT_EXACT",
    message: `The types cannot say everything that the schema says (${count} warning${
      count === 1 ? "" : "s"
    } above); nothing was written`,
    where,
    fix: "Leave --strict out to accept wider types",
    exitCode: ExitCode.No,
  });
}

import * as compare from "../lib/compare/mod.ts";
import { relative, resolve } from "node:path";
import { ExitCode, usageError } from "../lib/errors.ts";
import type { Contract } from "../lib/contract/mod.ts";
import type { ProcedureChanges } from "../lib/compare/mod.ts";
import type { Console } from "../lib/runtime/mod.ts";
import { plainText, styleFor } from "../lib/terminal/mod.ts";
import { defineCommand } from "../lib/cli/mod.ts";
import {
  reportSource,
  SOURCE_FLAGS,
  SOURCE_PARAMETER,
  type SourceFlags,
  sourceOptions,
} from "../lib/cli/mod.ts";
import { changesInBrief, countsInBrief, reportChanges } from "../lib/cli/mod.ts";

interface Flags extends SourceFlags {
  readonly out?: string;
  readonly check: boolean;
  readonly dryRun: boolean;
  readonly json: boolean;
  readonly allowEmpty: boolean;
}

const UNCHANGED = { added: [], changed: [], removed: [] };

/** `pyrpc pull`: a snapshot of a contract, for building and testing without the backend. */
export const pullCommand = defineCommand<Flags, [source: string]>({
  summary: "Write a snapshot of a backend's schema",
  description:
    "Every member is kept. The order depends on the content alone, so that a snapshot in version control changes only\n" +
    "where the backend did. Every other command takes the file as SOURCE.",
  examples: [
    { command: "pyrpc pull http://localhost:8000 -o schema.json", does: "keep what a server says" },
    { command: "pyrpc pull https://api.example.com --token-env API_TOKEN", does: "print it" },
    {
      command: "pyrpc pull http://localhost:8000 -o schema.json --check",
      does: "exit 1 if the snapshot is not up to date",
    },
  ],
  parameters: {
    flags: {
      out: {
        kind: "parsed",
        parse: String,
        brief: "The file to write; - prints the snapshot, as it does without this flag",
        optional: true,
        placeholder: "path",
      },
      check: {
        kind: "boolean",
        brief: "Write nothing; name the procedures that differ and exit 1",
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
  const [{ loadSource }, schema, delivery] = await Promise.all([
    import("../lib/source/mod.ts"),
    import("../lib/contract/mod.ts"),
    import("../lib/delivery/mod.ts"),
  ]);
  const { options, context } = sourceOptions(flags, console);
  const loaded = await loadSource(source, options, context);
  const { contract, where } = loaded;
  const code = reportSource(console, loaded);
  if (contract.procedures.size === 0 && !flags.allowEmpty) {
    throw schema.noProcedures(where, "nothing was written");
  }
  const text = schema.formatContract(contract);
  if (out === undefined) {
    console.stdout.write(text);
    return code;
  }

  const path = resolve(console.cwd, out);
  const plan = delivery.planFile(path, text, {
    // Another tool's order or spaces are no other contract.
    isCurrent: (present) => {
      const before = readSnapshot(present, schema.parseContract);
      return before !== undefined && isEmpty(compare.compareProcedures(before, contract));
    },
  });
  const files = flags.check || flags.dryRun ? delivery.checkPlan(plan) : delivery.applyPlan(plan);
  const before = readSnapshot(files[0]?.before ?? "{}", schema.parseContract) ??
    { procedures: new Map(), document: {} };
  const changes = { procedures: compare.compareProcedures(before, contract), types: UNCHANGED };
  const upToDate = delivery.isUpToDate(files);
  const types = schema.findModels(contract).models.length;
  const milliseconds = Math.round(console.monotonic() - start);

  if (flags.json) {
    const value = {
      source: where,
      upToDate,
      files: files.map(({ path, state }) => ({ path, state })),
      procedures: [...contract.procedures.keys()].sort(),
      types,
      changes: changes.procedures,
      milliseconds,
    };
    console.stdout.write(`${JSON.stringify(value, null, 2)}\n`);
  }
  const style = styleFor(console.stderr, console.env);
  const counts = countsInBrief({
    procedures: Array.from(contract.procedures.keys()),
    types: { length: types },
  });
  const target = relative(console.cwd, path) || path;
  const line = plainText(
    `${where} → ${target}  ${counts}, ${changesInBrief(changes)}, ${milliseconds} ms`,
  );
  if (flags.check) {
    if (!upToDate) reportChanges(console, changes);
    console.stderr.write(
      upToDate
        ? `${style.green("✓")} up to date: ${line}\n`
        : `${style.red("✗")} not up to date: ${line}\n`,
    );
    return upToDate ? code : ExitCode.No;
  }
  if (flags.dryRun) {
    for (const text of delivery.describePlan(files)) console.stderr.write(`  ${plainText(text)}\n`);
    console.stderr.write(`nothing written (--dry-run): ${line}\n`);
    return code;
  }
  console.stderr.write(`${style.green("✓")} ${line}\n`);
  return code;
}

function checkFlags({ out, check, dryRun, json }: Flags): string | undefined {
  if (out === "") throw usageError('"--out" is empty', "Give -o schema.json, or nothing to print");
  if (out !== undefined && /[/\\]$/.test(out)) {
    throw usageError(`--out "${out}" is a folder`, `Name a file in it: -o ${out}schema.json`);
  }
  if (check && dryRun) throw usageError("--check and --dry-run exclude each other");
  if (out !== undefined && out !== "-") return out;
  const flag = check ? "--check" : dryRun ? "--dry-run" : json ? "--json" : undefined;
  if (flag !== undefined) throw usageError(`${flag} needs a file`, "Give -o schema.json");
  return undefined;
}

// What is there may be anything: only a contract can be compared.
function readSnapshot(
  text: string,
  parse: (document: unknown, options: { where: string }) => Contract,
): Contract | undefined {
  try {
    return parse(JSON.parse(text), { where: "" });
  } catch {
    return undefined;
  }
}

function isEmpty({ added, changed, removed }: ProcedureChanges): boolean {
  return added.length + changed.length + removed.length === 0;
}

import { realpathSync } from "node:fs";
import { basename, dirname, join, relative, resolve, sep } from "node:path";
import type { TypedFlagParameter } from "@stricli/core";
import { ExitCode, ToolError, usageError } from "../lib/errors.ts";
import type { ClientServer } from "../lib/project/mod.ts";
import type { GeneratedChanges, GeneratedTypes } from "../lib/codegen/mod.ts";
import type { ChosenLayout, FileChange, FilePlan, Layout } from "../lib/delivery/mod.ts";
import type { Console } from "../lib/runtime/mod.ts";
import type { LoadedSource } from "../lib/source/mod.ts";
import { plainText, styleFor } from "../lib/terminal/mod.ts";
import type { CliContext } from "../lib/cli/mod.ts";
import { changesInBrief, countsInBrief, reportChanges, reportWarnings } from "../lib/cli/mod.ts";

/** The flags of every command that delivers types. */
export interface DeliveryFlags {
  readonly out?: string;
  readonly layout?: Layout;
  readonly packageName?: string;
  readonly packageVersion?: string;
  readonly client: boolean;
  readonly check: boolean;
  readonly dryRun: boolean;
  readonly json: boolean;
  readonly strict: boolean;
  readonly singleModels: boolean;
  readonly allowEmpty: boolean;
}

type FlagsOf<T> = { readonly [K in keyof T]-?: TypedFlagParameter<T[K], CliContext> };

const SWITCH = { kind: "boolean", default: false, withNegated: false } as const;

/** {@link DeliveryFlags} as data, to be spread into a command's flags. */
export const DELIVERY_FLAGS: FlagsOf<DeliveryFlags> = {
  out: {
    kind: "parsed",
    parse: String,
    brief: "The file to write; - prints it",
    optional: true,
    placeholder: "path",
  },
  layout: {
    kind: "enum",
    // Not `LAYOUTS`: the flags are declared before the library is loaded.
    values: ["package", "file", "alias"] as const satisfies readonly Layout[],
    brief:
      "package in node_modules, one file (--out), or __pyrpc.ts with an alias in tsconfig.json",
    optional: true,
  },
  packageName: {
    kind: "parsed",
    parse: String,
    brief: "Name of the package (@pyrpc/types)",
    optional: true,
    placeholder: "name",
  },
  packageVersion: {
    kind: "parsed",
    parse: String,
    brief: "Version of the package, to publish it",
    optional: true,
    placeholder: "version",
  },
  client: {
    ...SWITCH,
    brief: "Also write pyrpc-client.ts beside the types, so that no package is needed",
  },
  check: { ...SWITCH, brief: "Write nothing; name what differs and exit 1" },
  dryRun: { ...SWITCH, brief: "Write nothing; say what would be written" },
  json: { ...SWITCH, brief: "Print what was done as JSON on standard output" },
  strict: {
    ...SWITCH,
    brief: "Exit 1, writing nothing, when the types cannot say something that the schema says",
  },
  singleModels: {
    ...SWITCH,
    brief: "One type for a model also where arguments and results differ",
  },
  allowEmpty: { ...SWITCH, brief: "Accept a contract without procedures" },
};

/** Where types are to go, besides what the flags say. */
export interface Place {
  /** Absolute: the search for the client begins here, unless a flag or `target` names the place. */
  readonly start: string;
  /** Whether `start` is the client where no `package.json` is near. */
  readonly plainFolder: boolean;
  /** What a configuration says; a flag wins. */
  readonly target?: {
    readonly out?: string;
    readonly packageName?: string;
    /** The file of the alias layout, where the client has several backends. */
    readonly aliasFile?: string;
  };
}

/** Where the types of a server in `pyrpc-client.json` go. Of several each keeps a name and a file of its own. */
export function placeOfServer(
  folder: string,
  { name, target }: Pick<ClientServer, "name" | "target">,
): Place {
  const start = folder;
  if (target === undefined) return { start, plainFolder: true };
  const own = name === undefined ? {} : {
    packageName: `@pyrpc/${name.toLowerCase()}-types`,
    aliasFile: `__pyrpc_${name.replace(/[^\w-]/g, "_")}.ts`,
  };
  return {
    start,
    plainFolder: true,
    target: target.kind === "file"
      ? { ...own, out: target.path }
      : { ...own, packageName: target.name },
  };
}

/** Types that are generated, with the files that hold them; nothing is written yet. */
export interface PreparedDelivery {
  readonly loaded: LoadedSource;
  readonly generated: GeneratedTypes;
  readonly chosen: ChosenLayout;
  readonly plan: FilePlan;
}

/** What was done, or would be. */
export interface Delivered {
  readonly files: readonly FileChange[];
  readonly upToDate: boolean;
  readonly changes: GeneratedChanges;
}

/** @throws ToolError exit code 2 for flags that exclude each other */
export function checkDeliveryFlags(flags: DeliveryFlags): void {
  if (flags.out === "") {
    throw usageError('"--out" is empty', "Give --out src/api.ts, or --out - to print them");
  }
  if (flags.out !== undefined && flags.layout !== "package") checkFileName(flags.out);
  const given = {
    client: flags.client,
    check: flags.check,
    json: flags.json,
    layout: flags.layout !== undefined,
    "package-name": flags.packageName !== undefined,
  };
  for (const [name, isGiven] of Object.entries(given)) {
    if (flags.out === "-" && isGiven) {
      throw usageError(`--${name} needs a file, not "--out -"`, "Give --out src/api.ts");
    }
  }
  if (flags.check && flags.dryRun) throw usageError("--check and --dry-run exclude each other");
}

function checkFileName(out: string): void {
  if (out.endsWith("/") || out.endsWith(sep)) {
    throw usageError(`--out "${out}" is a folder`, `Name a file in it: --out ${out}api.ts`);
  }
  if (/\.(?:[cm]?jsx?|json)$/i.test(out)) {
    throw usageError(
      `--out "${out}" cannot hold TypeScript`,
      `Give --out ${out.replace(/\.\w+$/, ".ts")}`,
    );
  }
}

// `codegen types.ts --out types.ts` must not cost the schema.
function checkSourceStays({ kind, where }: LoadedSource, plan: FilePlan): void {
  if (kind !== "file") return;
  const source = realPath(where);
  for (const { path } of plan.files) {
    const target = join(plan.root, path);
    const real = join(realPath(dirname(target)), basename(target));
    if (real !== source && real !== where) continue;
    throw usageError(`The types would overwrite the schema "${where}"`, "Name another --out");
  }
}

function realPath(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    // Not there yet, so there is nothing to be overwritten either.
    return path;
  }
}

/** The types of a contract, with its warnings printed. @throws ToolError exit code 1 where it is refused */
export async function generate(
  console: Console,
  flags: DeliveryFlags,
  { contract, where }: LoadedSource,
): Promise<GeneratedTypes> {
  if (contract.procedures.size === 0 && !flags.allowEmpty) throw noProcedures(where);
  const { generateTypes } = await import("../lib/codegen/mod.ts");
  const generated = generateTypes(contract, { singleModels: flags.singleModels });
  reportWarnings(console, generated.warnings);
  if (flags.strict && generated.warnings.length > 0) {
    throw notExact(where, generated.warnings.length);
  }
  return generated;
}

/** Options of {@link prepareDelivery}. */
export interface PrepareOptions {
  /** Further files of a package, by their path in it. */
  readonly extras?: ReadonlyMap<string, string> | undefined;
  /** What was generated for the same contract before. */
  readonly already?: GeneratedTypes | undefined;
}

/**
 * Decides where the types go, and generates them unless that was done `already`.
 *
 * @throws ToolError where the place is not clear or not possible
 */
export async function prepareDelivery(
  console: Console,
  flags: DeliveryFlags,
  loaded: LoadedSource,
  place: Place,
  { extras, already }: PrepareOptions = {},
): Promise<PreparedDelivery> {
  const [delivery, codegen] = await Promise.all([
    import("../lib/delivery/mod.ts"),
    import("../lib/codegen/mod.ts"),
  ]);
  const isPlaceGiven = flags.out !== undefined || flags.layout !== undefined ||
    flags.packageName !== undefined;
  const out = flags.out === undefined
    ? isPlaceGiven ? undefined : place.target?.out
    : resolve(console.cwd, flags.out);
  const chosen = delivery.chooseLayout({
    start: place.start,
    layout: flags.layout,
    out,
    packageName: flags.packageName ?? place.target?.packageName,
    packageVersion: flags.packageVersion,
    aliasFile: place.target?.aliasFile,
    plainFolder: place.plainFolder,
  });
  const generated = already ?? await generate(console, flags, loaded);
  const isDeclaration = /\.d\.[cm]?ts$/.test(chosen.types);
  const plan = delivery.planLayout(chosen, {
    types: isDeclaration ? codegen.declarationText(generated.text) : generated.text,
    isCurrent: (present) => codegen.isOfContract(present, generated),
    // A place that somebody typed may hold something else; the other layouts have places of their own.
    ...(chosen.layout === "file" ? { mayReplace: codegen.isGeneratedFile } : {}),
    client: await clientFile(chosen, flags.client),
    extras,
  });
  checkSourceStays(loaded, plan);
  return { loaded, generated, chosen, plan };
}

/** Writes the files, or with `--check` and `--dry-run` only looks at them. */
export async function deliver(
  flags: Pick<DeliveryFlags, "check" | "dryRun">,
  { plan, generated }: PreparedDelivery,
): Promise<Delivered> {
  const [{ applyPlan, checkPlan, isUpToDate }, codegen] = await Promise.all([
    import("../lib/delivery/mod.ts"),
    import("../lib/codegen/mod.ts"),
  ]);
  const files = flags.check || flags.dryRun ? checkPlan(plan) : applyPlan(plan);
  const [types] = files;
  return { files, upToDate: isUpToDate(files), changes: changesOf(types, generated, codegen) };
}

const MAX_COMPARED = 32 * 2 ** 20;

const NONE = { added: [], changed: [], removed: [] };

// Reading both files back costs more than everything else: only where there are two that differ.
function changesOf(
  types: FileChange | undefined,
  generated: GeneratedTypes,
  { compareGenerated, readGeneratedFile }: typeof import("../lib/codegen/mod.ts"),
): GeneratedChanges {
  // What a formatter or a linter did to the text is no change of the contract.
  if (types === undefined || types.state === "same" || types.state === "formatted") {
    return { procedures: NONE, types: NONE };
  }
  if (types.before === undefined) {
    return {
      procedures: { ...NONE, added: generated.procedures.map(({ name }) => name) },
      types: { ...NONE, added: generated.types },
    };
  }
  // Beyond that nobody reads what changed, and reading it back would take many times as long as writing it.
  if (types.before.length > MAX_COMPARED) return { procedures: NONE, types: NONE };
  return compareGenerated(readGeneratedFile(types.before), readGeneratedFile(generated.text));
}

/** The last line of every run: source → target, procedures, types, what changed, milliseconds. */
export function closingLine(
  console: Console,
  { loaded, generated, chosen }: PreparedDelivery,
  { files, changes }: Delivered,
  milliseconds: number,
  isApplied = true,
): string {
  const target = relative(console.cwd, chosen.types) || chosen.types;
  const [types, ...others] = files;
  const besides = others.filter(({ state }) => state === "create" || state === "change");
  const brief = changesInBrief(changes);
  const changed = brief !== "nothing changed"
    ? brief
    : types?.state === "formatted" && !isApplied
    ? "only its formatting differs"
    : types?.state !== "same"
    ? "written again"
    : besides.length > 0
    ? besides.map(({ path }) => relative(console.cwd, path)).join(", ")
    : brief;
  return plainText(
    `${loaded.where} → ${target}  ${countsInBrief(generated)}, ${changed}, ${
      Math.round(milliseconds)
    } ms`,
  );
}

/** Prints what `--check` or `--dry-run` found, or that it was done. @returns the exit code */
export async function reportDelivery(
  console: Console,
  flags: DeliveryFlags,
  prepared: PreparedDelivery,
  delivered: Delivered,
  milliseconds: number,
): Promise<ExitCode> {
  const style = styleFor(console.stderr, console.env);
  const { files, upToDate, changes } = delivered;
  const isApplied = !flags.check && !flags.dryRun;
  const line = closingLine(console, prepared, delivered, milliseconds, isApplied);
  if (flags.check) {
    if (upToDate) {
      console.stderr.write(`${style.green("✓")} up to date: ${line}\n`);
      return ExitCode.Ok;
    }
    const [types] = files;
    const texts = types?.before === undefined
      ? undefined
      : { before: types.before, after: types.after };
    reportChanges(console, changes, texts);
    for (const { path, state } of files) {
      if (state === "same" || state === "formatted") continue;
      const what = state === "create" ? "is missing" : "differs";
      console.stderr.write(`  ${plainText(relative(console.cwd, path))} ${what}\n`);
    }
    console.stderr.write(`${style.red("✗")} not up to date: ${line}\n`);
    return ExitCode.No;
  }
  if (flags.dryRun) {
    const { describePlan } = await import("../lib/delivery/mod.ts");
    for (const text of describePlan(files)) console.stderr.write(`  ${plainText(text)}\n`);
    console.stderr.write(`nothing written (--dry-run): ${line}\n`);
    return ExitCode.Ok;
  }
  console.stderr.write(`${style.green("✓")} ${line}\n`);
  return ExitCode.Ok;
}

/** What `--json` prints of one delivery. */
export function deliveryJson(
  { loaded, generated, chosen }: PreparedDelivery,
  { files, upToDate, changes }: Delivered,
  milliseconds: number,
): object {
  return {
    source: loaded.where,
    layout: chosen.layout,
    hash: generated.hash,
    upToDate,
    files: files.map(({ path, state }) => ({ path, state })),
    procedures: generated.procedures.map(({ name }) => name),
    types: generated.types,
    changes,
    warnings: generated.warnings,
    milliseconds: Math.round(milliseconds),
  };
}

// A client that was written once stays beside the types and is kept up to date with them.
async function clientFile(chosen: ChosenLayout, isWanted: boolean) {
  const { CLIENT_FILE, clientText, isClientText } = await import("../lib/client/mod.ts");
  if (!isWanted) {
    const { readText } = await import("../lib/delivery/mod.ts");
    if (!isClientText(readText(join(dirname(chosen.types), CLIENT_FILE)))) return undefined;
  }
  return { file: CLIENT_FILE, text: clientText(), isCurrent: isClientText };
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

import { sep } from "node:path";
import type { DeliveryMode, GenerateOptions, Layout } from "../../delivery/mod.ts";
import type { Console } from "../../runtime/mod.ts";
import {
  emptyValue,
  flagNeeds,
  mutuallyExclusive,
  outputHasWrongType,
  outputIsFolder,
} from "../errors.ts";
import { reportWarnings } from "../output/types_report.ts";
import { choice, file, type FlagValues, grouped, text, toggle } from "./builders.ts";

/** The flags of every command that delivers types. */
export const DELIVERY_FLAGS = {
  out: file("File to write; - prints it", { alias: "o", placeholder: "path" }),
  layout: choice(
    "node_modules package, one file (--out), or __pyrpc.ts and a tsconfig alias",
    // Not `LAYOUTS`: the flags are declared before the library is loaded.
    ["package", "file", "alias"] as const satisfies readonly Layout[],
  ),
  check: toggle("Write nothing; print what differs and exit 1"),
  dryRun: toggle("Write nothing; print what would be written"),
  json: toggle("Print the result as JSON"),
  ...grouped("Output", {
    packageName: text("Name of the package (default: @pyrpc/types)", { placeholder: "name" }),
    packageVersion: text("Version of the package, to publish it", { placeholder: "version" }),
    client: toggle("Also write pyrpc-client.ts beside the types; no package is needed then"),
    strict: toggle("Fail without writing if the schema cannot be expressed exactly"),
    singleModels: toggle("Use one type for models that differ between arguments and results"),
    allowEmpty: toggle("Accept a contract without procedures"),
    force: toggle("Replace the types of another backend"),
  }),
};

/** The flag of commands that deliver the types of a Python module. */
export const SOURCE_MAP_FLAGS = grouped("Output", {
  sourceMap: toggle("Let editors jump from .d.ts types to the Python source", { default: true }),
});

/** The values of {@link DELIVERY_FLAGS}. */
export type DeliveryFlags = FlagValues<typeof DELIVERY_FLAGS>;

/** The mode that the flags ask for. */
export function modeOf({ check, dryRun }: Pick<DeliveryFlags, "check" | "dryRun">): DeliveryMode {
  return check ? "check" : dryRun ? "dry-run" : "write";
}

/** The options of generating types that the flags ask for; warnings are printed. */
export function generateOptions(console: Console, flags: DeliveryFlags): GenerateOptions {
  const { singleModels, allowEmpty, strict } = flags;
  const onWarnings = (warnings: Parameters<typeof reportWarnings>[1]) =>
    reportWarnings(console, warnings);
  return { singleModels, allowEmpty, strict, onWarnings };
}

/** @throws ToolError exit code 2 for flags that exclude each other */
export function checkDeliveryFlags(flags: DeliveryFlags): void {
  if (flags.out === "") {
    throw emptyValue('"--out"', "Use --out src/api.ts, or --out - to print them");
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
      throw flagNeeds(`--${name}`, 'a file, not "--out -"', "Use --out src/api.ts");
    }
  }
  if (flags.check && flags.dryRun) throw mutuallyExclusive("--check", "--dry-run");
}

function checkFileName(out: string): void {
  if (out.endsWith("/") || out.endsWith(sep)) throw outputIsFolder(out, "api.ts");
  if (/\.(?:[cm]?jsx?|json)$/i.test(out)) throw outputHasWrongType(out);
}

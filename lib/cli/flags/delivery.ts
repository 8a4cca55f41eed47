import { sep } from "node:path";
import type { TypedFlagParameter } from "@stricli/core";
import type { DeliveryMode, GenerateOptions, Layout } from "../../delivery/mod.ts";
import { usageError } from "../../errors.ts";
import type { Console } from "../../runtime/mod.ts";
import type { CliContext } from "../define.ts";
import { reportWarnings } from "../output/types_report.ts";

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

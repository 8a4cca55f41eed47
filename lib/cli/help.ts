import type { CommandHelp } from "./define.ts";
import type { Argument, Flag, FlagSet } from "./flags/builders.ts";
import { kebabCase, spelled } from "./suggestions.ts";

/** A label and its explanation. */
type Row = readonly [label: string, brief: string];

/** Labels that are wider have their explanation on the next line. */
const WIDEST_LABEL = 34;

/** Explanations on a line of their own are indented at least this much. */
const NARROWEST_LABEL = 4;

/** A flag that every command has. */
export interface CommonFlag {
  readonly name: string;
  readonly alias: string;
  readonly brief: string;
}

/** Flag that the application adds to every command. */
export const HELP_FLAG: CommonFlag = {
  name: "help",
  alias: "h",
  brief: "Print help information and exit",
};

/** The flag that the application has besides its commands. */
export const VERSION_FLAG: CommonFlag = {
  name: "version",
  alias: "v",
  brief: "Print version information and exit",
};

/** The help of a command: usage, summary, examples, arguments, and flags by group, the common ones first. */
export function formatCommandHelp(name: string, command: CommandHelp): string {
  const { summary, description, examples, flags = {}, args = [] } = command;
  const usage = ["[flags]", ...args.map(usageOf)].join(" ");
  const groups = groupsOf(flags).map(([group, rows]) =>
    section(group === undefined ? "FLAGS" : `${group.toUpperCase()} FLAGS`, rows)
  );
  return joined([
    `USAGE\n  ${name} ${usage}`,
    summary,
    description,
    section("EXAMPLES", examples.map(({ command, does }) => [command, does])),
    section("ARGUMENTS", args.map((each) => [usageOf(each), each.brief])),
    ...groups,
  ]);
}

/** The help of the application: its commands and its own flags. */
export function formatApplicationHelp(
  name: string,
  { summary, description }: { readonly summary: string; readonly description: string },
  commands: readonly Row[],
): string {
  return joined([
    `USAGE\n  ${name} <command> [flags] [arguments]\n  ${name} <command> --help`,
    summary,
    description,
    section("COMMANDS", commands),
    section("FLAGS", [HELP_FLAG, VERSION_FLAG].map(commonRow)),
  ]);
}

/** The groups in the order in which they are declared, the flags without one first. */
function groupsOf(flags: FlagSet): [group: string | undefined, rows: Row[]][] {
  const groups = new Map<string | undefined, Row[]>([[undefined, []]]);
  for (const [name, flag] of Object.entries(flags)) {
    if (flag.hidden) continue;
    const rows = groups.get(flag.group) ?? [];
    rows.push([labelOf(name, flag), briefOf(flag)]);
    groups.set(flag.group, rows);
  }
  groups.get(undefined)?.push(
    commonRow(HELP_FLAG),
    ["    --", "Treat everything that follows as arguments"],
  );
  return [...groups];
}

function labelOf(name: string, flag: Flag): string {
  const short = flag.alias === undefined ? "    " : `-${flag.alias}, `;
  if (flag.parse === undefined) {
    return short + (flag.default === true ? `--[no-]${kebabCase(name)}` : spelled(name));
  }
  const placeholder = `<${flag.placeholder}>`;
  const shown = flag.isValueOptional ? `[${placeholder}]` : placeholder;
  return `${short}${spelled(name)} ${shown}${flag.isRepeatable ? "..." : ""}`;
}

function briefOf({ brief, default: value }: Flag): string {
  return typeof value === "string" ? `${brief} (default: ${value})` : brief;
}

function commonRow({ name, alias, brief }: CommonFlag): Row {
  return [`-${alias}, --${name}`, brief];
}

function usageOf({ placeholder, isOptional, minimum }: Argument): string {
  if (minimum === undefined) return isOptional ? `[${placeholder}]` : placeholder;
  // The first `minimum` names are required, and the last one repeats.
  const names = placeholder.split(" ");
  return names.map((name, index) => {
    const repeated = index === names.length - 1 ? `${name}...` : name;
    return index < minimum ? repeated : `[${repeated}]`;
  }).join(" ");
}

function section(heading: string, rows: readonly Row[]): string | undefined {
  if (rows.length === 0) return undefined;
  const isNarrow = ([label]: Row) => label.length <= WIDEST_LABEL;
  const width = Math.max(NARROWEST_LABEL, ...rows.filter(isNarrow).map(([label]) => label.length));
  const indent = " ".repeat(width + 4);
  const lines = rows.map(([label, brief]) =>
    label.length <= width ? `  ${label.padEnd(width)}  ${brief}` : `  ${label}\n${indent}${brief}`
  );
  return [heading, ...lines].join("\n");
}

function joined(parts: readonly (string | undefined)[]): string {
  return `${parts.filter((part) => part !== undefined).join("\n\n")}\n`;
}

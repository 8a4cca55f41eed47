import { relative } from "node:path";
import {
  changesInBrief,
  type CommandContext,
  countsInBrief,
  defineCommand,
  file,
  type FlagValues,
  reportChanges,
  reportSource,
  SELECTION_FLAGS,
  selectionOf,
  SOURCE_ARGUMENT,
  SOURCE_FLAGS,
  sourceOptions,
  toggle,
} from "../lib/cli/mod.ts";
import { ExitCode } from "../lib/errors.ts";
import type { Console } from "../lib/runtime/mod.ts";
import type { PulledSnapshot, PullRequest } from "../lib/snapshot/mod.ts";
import { plainText, styleFor } from "../lib/terminal/mod.ts";

const FLAGS = {
  out: file("File to write; - prints the snapshot (default)", { alias: "o", placeholder: "path" }),
  check: toggle("Write nothing; print the procedures that differ and exit 1"),
  dryRun: toggle("Write nothing; print what would be written"),
  json: toggle("Print the result as JSON"),
  allowEmpty: toggle("Accept a contract without procedures"),
  ...SELECTION_FLAGS,
  ...SOURCE_FLAGS,
};

type Flags = FlagValues<typeof FLAGS>;

const UNCHANGED = { added: [], changed: [], removed: [] };

/** `pyrpc pull`: writes a snapshot of a contract, to build and test without the backend. */
export const pullCommand = defineCommand({
  summary: "Write a snapshot of a backend's schema",
  description:
    "The snapshot has every member in a stable order, so that a snapshot in version control changes only if the backend\n" +
    "does. Every other command accepts the file as SOURCE.",
  examples: [
    {
      command: "pyrpc pull http://localhost:8000 -o schema.json",
      does: "snapshot of a running server",
    },
    { command: "pyrpc pull https://api.example.com --token-env API_TOKEN", does: "print it" },
    {
      command: "pyrpc pull http://localhost:8000 -o schema.json --check",
      does: "exit 1 if the snapshot is not up to date",
    },
  ],
  flags: FLAGS,
  args: [SOURCE_ARGUMENT],
  run,
});

async function run({ console }: CommandContext, flags: Flags, source: string): Promise<ExitCode> {
  const start = console.monotonic();
  const snapshot = await import("../lib/snapshot/mod.ts");
  const { out, check, dryRun, json, allowEmpty } = flags;
  if (out === "") throw snapshot.emptyOut();
  if (out !== undefined && /[/\\]$/.test(out)) throw snapshot.outIsFolder(out);
  if (check && dryRun) throw snapshot.checkExcludesDryRun();
  const isPrinted = out === undefined || out === "-";
  const needsFile = check ? "--check" : dryRun ? "--dry-run" : json ? "--json" : undefined;
  if (isPrinted && needsFile !== undefined) throw snapshot.flagNeedsFile(needsFile);

  const mode = check ? "check" : dryRun ? "dry-run" : "write";
  const { options, context } = sourceOptions(flags, console);
  let code: ExitCode = ExitCode.Ok;
  const onLoaded: PullRequest["onLoaded"] = (loaded) => code = reportSource(console, loaded);
  const request = {
    source,
    out: isPrinted ? undefined : out,
    mode,
    allowEmpty,
    selection: selectionOf(flags),
    onLoaded,
  } as const;
  const pulled = await snapshot.pullSnapshot(request, options, context);
  if (isPrinted) {
    console.stdout.write(pulled.text);
    return code;
  }
  const milliseconds = Math.round(console.monotonic() - start);
  if (json) console.stdout.write(`${JSON.stringify(toJson(pulled, milliseconds), null, 2)}\n`);
  await render(console, pulled, mode, milliseconds);
  return check && !pulled.upToDate ? ExitCode.No : code;
}

function toJson(
  { source, upToDate, files, procedures, types, changes }: PulledSnapshot,
  milliseconds: number,
) {
  return {
    source,
    upToDate,
    files: files.map(({ path, state }) => ({ path, state })),
    procedures,
    types,
    changes,
    milliseconds,
  };
}

async function render(
  console: Console,
  pulled: PulledSnapshot,
  mode: PullRequest["mode"],
  milliseconds: number,
): Promise<void> {
  const { source, files, procedures, upToDate } = pulled;
  const style = styleFor(console.stderr, console.env);
  const changes = { procedures: pulled.changes, types: UNCHANGED };
  const counts = countsInBrief({ procedures, types: { length: pulled.types } });
  const target = files.map(({ path }) => relative(console.cwd, path) || path).join(", ");
  const line = plainText(
    `${source} → ${target}  ${counts}, ${changesInBrief(changes)}, ${milliseconds} ms`,
  );
  const print = (text: string) => console.stderr.write(`${text}\n`);
  switch (mode) {
    case "check":
      if (!upToDate) reportChanges(console, changes);
      print(
        upToDate
          ? `${style.green("✓")} up to date: ${line}`
          : `${style.red("✗")} not up to date: ${line}`,
      );
      break;
    case "dry-run": {
      const { describePlan } = await import("../lib/delivery/mod.ts");
      for (const text of describePlan(files)) print(`  ${plainText(text)}`);
      print(`nothing written (--dry-run): ${line}`);
      break;
    }
    case "write":
      print(`${style.green("✓")} ${line}`);
  }
}

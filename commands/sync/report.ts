import { dirname, relative } from "node:path";
import {
  clientImportLine,
  type Delivered,
  deliveryReport,
  hasSyncScript,
  importLine,
  inspectWorkspaceTypes,
} from "../../lib/delivery/mod.ts";
import { hideCredentials } from "../../lib/hide_credentials.ts";
import { writtenPath } from "../../lib/project/mod.ts";
import { commandIn } from "../../lib/shell_word.ts";
import type { Console } from "../../lib/runtime/mod.ts";
import type { SyncJob, SyncScript, WatchEvent } from "../../lib/sync/mod.ts";
import { plainText, styleFor } from "../../lib/terminal/mod.ts";
import { reportDelivery } from "../../lib/cli/mod.ts";
import type { SyncFlags } from "./flags.ts";

/** Prints the target of a job, and the import that finds its types. */
export function describeTarget(
  console: Console,
  flags: SyncFlags,
  job: SyncJob,
  { chosen, files, generated, mode }: Delivered,
): void {
  const style = styleFor(console.stderr, console.env);
  const print = (line: string) => console.stderr.write(`${plainText(line)}\n`);
  if (job.name !== undefined) console.stderr.write(`${style.bold(plainText(job.name))}\n`);
  print(`Layout: ${chosen.layout} (${chosen.reason})`);
  for (const note of chosen.notes) print(`note: ${note}`);
  if (job.snapshot !== undefined) print(`note: offline, from the snapshot ${job.snapshot}`);
  if (mode !== "write") return;
  const count = generated.procedures.length;
  console.stderr.write(
    `${style.green("✓")} Types synced: ${count} procedure${count === 1 ? "" : "s"}\n`,
  );
  print(`  Import: ${importLine(chosen, console.cwd)}`);
  if (flags.client) print(`          ${clientImportLine(chosen, console.cwd)}`);
  const isPruned = chosen.layout === "package" && chosen.client !== undefined &&
    !chosen.isNamed && !flags.saveScript && !hasSyncScript(chosen.client.root);
  if (isPruned && files[0]?.state === "create") {
    print(
      `note: the next \`npm install\` will remove ${chosen.name} because package.json does not list it; "pyrpc sync --save-script" adds a postinstall script that restores it`,
    );
  }
}

/** Warns of types that the backend has not written yet. Returns true if they are there. */
export async function reportWorkspaceTypes(console: Console, folder: string): Promise<boolean> {
  const { backend, state } = await inspectWorkspaceTypes(folder);
  const { chosen, freshness } = state;
  if (freshness !== "missing" && freshness !== "placeholder") return true;
  const style = styleFor(console.stderr, console.env);
  const types = relative(console.cwd, chosen.types) || chosen.types;
  const problem = freshness === "missing"
    ? "the types have not been written yet"
    : "the types are still the placeholder: nothing has been generated yet";
  const fix = backend === undefined
    ? "pyrpc dev in the backend's folder, with this folder as its --client-root; if the backend is in another " +
      "repository: npx pyrpc init --client --reconfigure"
    : commandIn(writtenPath(console.cwd, dirname(backend)), "pyrpc dev");
  console.stderr.write(
    `${style.yellow("warning:")} ${plainText(`${types}: ${problem}`)}\n  ${style.cyan("fix:")} ${
      plainText(fix)
    }\n`,
  );
  return false;
}

/** The line about the postinstall script. */
export function renderScript(
  console: Console,
  { path, command, state, installsPyrpc }: SyncScript,
): string {
  const shown = relative(console.cwd, path);
  if (state === "present") {
    return plainText(`${shown} runs "pyrpc sync" after each installation already`);
  }
  if (state === "planned") return plainText(`${shown} would get a postinstall script`);
  const style = styleFor(console.stderr, console.env);
  const note = installsPyrpc
    ? ""
    : '\nnote: "pyrpc" must be on the PATH of everyone who installs this project';
  return `${style.green("✓")} ${plainText(shown)}: postinstall runs "${plainText(command)}"${note}`;
}

/** Prints the events of a job that is watched, in their order. */
export function reportWatch(
  console: Console,
  flags: SyncFlags,
  job: SyncJob,
): (event: WatchEvent) => void {
  const style = styleFor(console.stderr, console.env);
  const prefix = job.name === undefined ? "" : `${job.name}: `;
  return (event) => {
    switch (event.kind) {
      case "delivered": {
        const { delivered, loaded, milliseconds } = event;
        if (event.isFirst) describeTarget(console, flags, job, delivered);
        const report = deliveryReport(loaded.where, delivered, milliseconds);
        console.stderr.write(plainText(prefix));
        reportDelivery(console, report);
        return;
      }
      case "failed": {
        const kept = event.keeps ? "; the existing types are kept" : "";
        const text = plainText(`${prefix}${event.error.message}${kept}, retrying`);
        console.stderr.write(`${style.yellow("!")} ${text}\n`);
        return;
      }
      case "recovered": {
        const text = plainText(`${prefix}${hideCredentials(job.source)} answers again`);
        console.stderr.write(`${style.green("✓")} ${text}\n`);
      }
    }
  };
}

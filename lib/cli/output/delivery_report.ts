import { relative } from "node:path";
import type { Delivered, DeliveryReport } from "../../delivery/mod.ts";
import { ExitCode } from "../../errors.ts";
import type { Console } from "../../runtime/mod.ts";
import { plainText, styleFor } from "../../terminal/mod.ts";
import { changedTypesLines } from "./changed_lines.ts";
import { changesInBrief, countsInBrief, reportChanges } from "./types_report.ts";

/**
 * Prints the written files, or the result of `--check` or `--dry-run`, on stderr.
 *
 * @param isCounted the number of procedures was already printed
 * @returns the exit code
 */
export function reportDelivery(
  console: Console,
  report: DeliveryReport,
  isCounted = false,
): ExitCode {
  const code = reportFiles(console, report, isCounted);
  if (report.isReplaced) {
    const style = styleFor(console.stderr, console.env);
    const warning =
      `none of the previous procedures is left: is ${report.where} the right backend?`;
    console.stderr.write(`${style.yellow("warning:")} ${plainText(warning)}\n`);
  }
  return code;
}

function reportFiles(console: Console, report: DeliveryReport, isCounted: boolean): ExitCode {
  const style = styleFor(console.stderr, console.env);
  const { files, upToDate, mode } = report.delivered;
  const line = closingLine(console, report);
  switch (mode) {
    case "write":
      console.stderr.write(
        isCounted ? `  ${writtenLine(console, report)}\n` : `${style.green("✓")} ${line}\n`,
      );
      for (const text of report.isUpdate ? changedTypesLines(report) : []) {
        console.stderr.write(`    ${plainText(text)}\n`);
      }
      return ExitCode.Ok;
    case "dry-run":
      for (const text of report.plan) console.stderr.write(`  ${plainText(text)}\n`);
      console.stderr.write(`nothing written (--dry-run): ${line}\n`);
      return ExitCode.Ok;
    case "check": {
      if (upToDate) {
        console.stderr.write(`${style.green("✓")} up to date: ${line}\n`);
        return ExitCode.Ok;
      }
      reportChanges(console, report.changes, report.linesOf);
      for (const { path, state } of files) {
        if (state === "same" || state === "formatted") continue;
        const what = state === "create" ? "is missing" : "differs";
        console.stderr.write(`  ${plainText(relative(console.cwd, path))} ${what}\n`);
      }
      console.stderr.write(`${style.red("✗")} not up to date: ${line}\n`);
      return ExitCode.No;
    }
  }
}

function writtenLine(console: Console, report: DeliveryReport): string {
  const { where, delivered, milliseconds, changes } = report;
  const target = relative(console.cwd, delivered.chosen.types) || delivered.chosen.types;
  const changed = changedPart(console, delivered, changesInBrief(changes));
  return plainText(`${where} → ${target}  ${changed}, ${Math.round(milliseconds)} ms`);
}

// The last line of every run: source → target, procedures, types, changes, milliseconds.
function closingLine(
  console: Console,
  { where, delivered, milliseconds, changes }: DeliveryReport,
): string {
  const { chosen, generated } = delivered;
  const target = relative(console.cwd, chosen.types) || chosen.types;
  const changed = changedPart(console, delivered, changesInBrief(changes));
  const time = `${Math.round(milliseconds)} ms`;
  return plainText(`${where} → ${target}  ${countsInBrief(generated)}, ${changed}, ${time}`);
}

function changedPart(console: Console, { files, mode }: Delivered, brief: string): string {
  const [types, ...others] = files;
  if (brief !== "nothing changed") return brief;
  if (types?.state === "formatted" && mode !== "write") return "only its formatting differs";
  if (types?.state !== "same") return "written again";
  const besides = others.filter(({ state }) => state === "create" || state === "change");
  return besides.length === 0
    ? brief
    : besides.map(({ path }) => relative(console.cwd, path)).join(", ");
}

/** The value that `--json` prints for one delivery. */
export function deliveryJson({ where, delivered, milliseconds, changes }: DeliveryReport) {
  const { files, mapFiles, upToDate, chosen, generated } = delivered;
  return {
    source: where,
    layout: chosen.layout,
    hash: generated.hash,
    upToDate,
    files: [...files, ...mapFiles].map(({ path, state }) => ({ path, state })),
    procedures: generated.procedures.map(({ name }) => name),
    types: generated.types,
    changes,
    warnings: generated.warnings,
    milliseconds: Math.round(milliseconds),
  };
}

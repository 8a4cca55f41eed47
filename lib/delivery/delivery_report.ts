import type { GeneratedChanges, LineChanges } from "../codegen/mod.ts";
import { describePlan } from "./check_plan.ts";
import type { Delivered } from "./deliver.ts";
import { changesOf, linesOf } from "./types_changes.ts";

/** A delivery with its source and duration, ready to be printed. */
export interface DeliveryReport {
  /** The origin of the contract. */
  readonly where: string;
  readonly delivered: Delivered;
  readonly milliseconds: number;
  readonly changes: GeneratedChanges;
  /** The lines that differ in a procedure or a type. */
  readonly linesOf: (kind: "procedures" | "types", name: string) => LineChanges;
  /** A line for each file of a dry run. */
  readonly plan: readonly string[];
}

/** The report of a delivery. */
export function deliveryReport(
  where: string,
  delivered: Delivered,
  milliseconds: number,
): DeliveryReport {
  const { files, mapFiles, generated, mode } = delivered;
  const { changes, before } = changesOf(files, generated);
  return {
    where,
    delivered,
    milliseconds,
    changes,
    linesOf: linesOf(before, generated.declarations),
    plan: mode === "dry-run" ? describePlan([...files, ...mapFiles]) : [],
  };
}

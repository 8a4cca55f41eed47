import {
  changedModels,
  type GeneratedChanges,
  type LineChanges,
  type ModelChanges,
} from "../codegen/mod.ts";
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
  /** The models that differ from those of the previous file; empty without one. */
  readonly models: readonly ModelChanges[];
  /** True if a previous file had types. */
  readonly isUpdate: boolean;
  /** True if none of the previous procedures is left, and there were several: the contract is probably another backend's. */
  readonly isReplaced: boolean;
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
  const count = before?.procedures.size ?? 0;
  return {
    where,
    delivered,
    milliseconds,
    changes,
    models: before === undefined ? [] : changedModels(before, generated.declarations),
    isUpdate: count > 0,
    isReplaced: count > 1 && changes.procedures.removed.length === count &&
      generated.procedures.length > 0,
    linesOf: linesOf(before, generated.declarations),
    plan: mode === "dry-run" ? describePlan([...files, ...mapFiles]) : [],
  };
}

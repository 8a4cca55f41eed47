import type { ProxyViolation } from "./proxy_dispatcher.ts";
import type { ProcedureStatistics, Statistics } from "./statistics.ts";
import type { UntypedValue } from "./untyped_values.ts";

/** Everything that a proxy observed. Also the JSON form, except for `event`. */
export interface ProxySummary {
  readonly total: ProcedureStatistics;
  readonly procedures: readonly ProcedureStatistics[];
  readonly violations: readonly (ProxyViolation & { readonly count: number })[];
  /** Types of values for which the contract allows several. */
  readonly openTypes: readonly ObservedType[];
}

/** The type of a value for which the contract allows several, and how often it was sent. */
export interface ObservedType extends UntypedValue {
  readonly procedure: string;
  readonly count: number;
}

const MAX_DIFFERENT = 1000;

/** Counts different violations and untyped values in bounded memory. */
export class ProxyFindings {
  readonly #violations = new Map<string, ProxyViolation & { count: number }>();
  readonly #types = new Map<string, UntypedValue & { procedure: string; count: number }>();

  /** The number of different violations. */
  get violationCount(): number {
    return this.#violations.size;
  }

  /** Counts a violation. Returns true if it is a new one. */
  addViolation(violation: ProxyViolation): boolean {
    const { kind, procedure, message } = violation;
    // Ids differ from call to call.
    const key = `${kind} ${procedure} ${kind === "id" ? "" : message}`;
    return count(this.#violations, key, violation);
  }

  /** Counts a value for which the contract allows several types. */
  addUntypedValue(procedure: string, value: UntypedValue): void {
    count(this.#types, `${procedure} ${value.path} ${value.found}`, { procedure, ...value });
  }

  /** The findings so far, with the statistics of all calls. */
  summary({ total, procedures }: Statistics): ProxySummary {
    return {
      total,
      procedures,
      violations: [...this.#violations.values()],
      openTypes: [...this.#types.values()],
    };
  }
}

function count<T>(entries: Map<string, T & { count: number }>, key: string, entry: T): boolean {
  const existing = entries.get(key);
  if (existing !== undefined) existing.count++;
  else if (entries.size < MAX_DIFFERENT) {
    entries.set(key, { ...entry, count: 1 });
    return true;
  }
  return false;
}

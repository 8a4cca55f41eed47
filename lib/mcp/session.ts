import type { LoadContext, LoadOptions } from "../source/mod.ts";
import type { Clock } from "../runtime/mod.ts";
import type { ContractSource } from "./contract_source.ts";

/** The state and settings that all tools share. */
export interface McpSession {
  readonly source: ContractSource;
  readonly options: LoadOptions;
  readonly context: LoadContext & Clock;
  /** SOURCE of the command line. */
  readonly given: string | undefined;
  /** Procedures that may be called; "all" for every one. */
  readonly allowedCalls: readonly string[] | "all";
  readonly allowWrite: boolean;
  /** Removes tokens and passwords of the command line from a text. */
  readonly redact: (text: string) => string;
}

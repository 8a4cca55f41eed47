/** One line of a report that every format can print. */
export interface Finding {
  /** Identifier of the rule. */
  readonly rule: string;
  readonly level: "error" | "warning" | "notice";
  /** The procedure, model or file that the finding is about. */
  readonly subject: string;
  readonly message: string;
  readonly details: readonly string[];
  /** Reason for which the finding is accepted. */
  readonly allowed?: string | undefined;
  /** Path for annotations. */
  readonly file?: string | undefined;
  /** Line in the file, from 1. */
  readonly line?: number | undefined;
  /** Column in the line, from 1. */
  readonly column?: number | undefined;
}

/** Returns true for an error that no allowance accepts. */
export function isError({ level, allowed }: Finding): boolean {
  return level === "error" && allowed === undefined;
}

/** Returns the sentence of a finding. A change of a model names it; other messages follow their subject. */
export function sentenceOf({ subject, message }: Finding): string {
  return message.startsWith("`") || subject === "" ? message : `${subject}: ${message}`;
}

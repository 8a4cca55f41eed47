import { generateTypes } from "../codegen/mod.ts";
import type { Contract } from "../contract/mod.ts";
import { procedureDescriber, type ProcedureDescription } from "../inspect/mod.ts";
import { plainText } from "../plain_text.ts";

/** Texts that a contract does not contain. */
export interface ReferenceOptions {
  /** @default "API reference" */
  readonly title?: string;
  readonly version?: string;
  /** URL of the server. */
  readonly url?: string;
}

/** The procedures of a contract and the types that they use. */
export interface Reference extends ReferenceOptions {
  readonly title: string;
  /** Sorted by name. */
  readonly procedures: readonly ProcedureDescription[];
  /** TypeScript declarations by name. */
  readonly types: ReadonlyMap<string, string>;
}

/** Describes a contract for {@link renderHtml} and {@link renderMarkdown}. */
export function referenceOf(contract: Contract, options: ReferenceOptions = {}): Reference {
  const generated = generateTypes(contract);
  const describe = procedureDescriber(contract, generated);
  return {
    ...options,
    title: options.title ?? "API reference",
    procedures: [...contract.procedures.keys()].sort()
      .map(describe).filter((each) => each !== undefined),
    types: new Map(
      [...generated.declarations.types].map(([name, text]) => [name, plainText(text.trim())]),
    ),
  };
}

/** The first line of a docstring. */
export function summaryOf({ doc }: ProcedureDescription): string {
  return doc.trim().split("\n")[0] ?? "";
}

/** `required`, the default as JSON, or `optional` for a default of `None`. */
export function defaultText(
  { required, default: value }: ProcedureDescription["parameters"][number],
): string {
  if (required) return "required";
  return value === null ? "optional" : `default ${jsonText(value)}`;
}

function jsonText(value: unknown): string {
  return JSON.stringify(value, (_, item) => typeof item === "bigint" ? item.toString() : item);
}

/** An anchor of a procedure or a type. */
export function anchorOf(kind: "procedure" | "type", name: string): string {
  // `encodeURIComponent` throws for a surrogate without its pair.
  return `${kind}-${encodeURIComponent(name.replace(/[\ud800-\udfff]/gu, "\ufffd"))}`;
}

import { Branches } from "./branches.ts";
import type { CheckRuleId } from "../report/mod.ts";
import type { Contract, JsonSchema, Procedure } from "../contract/mod.ts";
import { findModels } from "../contract/mod.ts";

/** Something in a contract that clients cannot use, or not well. */
export interface Unusable {
  readonly rule: CheckRuleId;
  /** A procedure, or a model. */
  readonly subject: string;
  readonly message: string;
}

// What the proxy of older clients has itself (spec of the client, section 6).
const SHADOWED = new Set([
  "url",
  "options",
  "request",
  "rpc",
  "constructor",
  ...Object.getOwnPropertyNames(Object.prototype),
]);

/** Looks a contract over for procedures that can only fail and for names that clash. */
export function findUnusable(contract: Contract): Unusable[] {
  const found: Unusable[] = [];
  if (contract.procedures.size === 0) {
    found.push({ rule: "NO_PROCEDURES", subject: "contract", message: "it has no procedures" });
  }
  const byFolded = new Map<string, string>();
  for (const procedure of contract.procedures.values()) {
    const { name } = procedure;
    for (const message of failures(procedure)) {
      found.push({ rule: "PROCEDURE_CANNOT_SUCCEED", subject: name, message });
    }
    if (name === "then") {
      const message = "a client that is awaited or returned from an async function calls it";
      found.push({ rule: "NAMES_CLASH", subject: name, message });
    } else if (name === "") {
      found.push({ rule: "NAMES_CLASH", subject: name, message: "the name is empty" });
    } else if (SHADOWED.has(name)) {
      const message = "clients of 0.6 to 0.12 have a member of that name";
      found.push({ rule: "NAME_SHADOWED", subject: name, message });
    }
    // Names that only differ in form look the same to people and to some file systems and databases of keys.
    const folded = name.normalize("NFKC");
    const other = byFolded.get(folded);
    if (other !== undefined) {
      const message = `it looks the same as another procedure, "${other}", and is not`;
      found.push({ rule: "NAMES_CLASH", subject: name, message });
    }
    byFolded.set(folded, name);
  }
  const labels = new Map<string, number>();
  for (const { label } of findModels(contract).models) {
    labels.set(label, (labels.get(label) ?? 0) + 1);
  }
  for (const [label, count] of labels) {
    if (count < 2) continue;
    found.push({
      rule: "TYPES_INEXACT",
      subject: label,
      message:
        `${count} different models have this name: their types are told apart by what follows it`,
    });
  }
  return found;
}

function failures({ parameters, result }: Procedure): string[] {
  const messages: string[] = [];
  const branches = new Branches();
  const isEmpty = (schema: JsonSchema) => branches.isEmpty({ schema, root: schema });
  for (const { name, schema, required } of parameters) {
    if (required && isEmpty(schema)) {
      messages.push(`no value is accepted for the parameter "${name}"`);
    }
  }
  if (isEmpty(result)) messages.push("no value is accepted as its result");
  return messages;
}

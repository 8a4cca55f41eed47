import { type Contract, findModels, type JsonSchema, type Procedure } from "../contract/mod.ts";
import { Branches } from "./branches.ts";

/** A part of a contract that clients cannot use, or only with restrictions. */
export interface Unusable {
  readonly rule:
    | "NO_PROCEDURES"
    | "PROCEDURE_CANNOT_SUCCEED"
    | "NAMES_CLASH"
    | "NAME_SHADOWED"
    | "TYPES_INEXACT";
  /** Name of a procedure or model. */
  readonly subject: string;
  readonly message: string;
}

// Members of the proxy in clients 0.6 to 0.12, which hide procedures of the same name.
const SHADOWED = new Set([
  "url",
  "options",
  "request",
  "rpc",
  "constructor",
  ...Object.getOwnPropertyNames(Object.prototype),
]);

/** Finds procedures that always fail and names that clash. */
export function findUnusable(contract: Contract): Unusable[] {
  return [
    ...unusableProcedures(contract),
    ...ambiguousModels(contract),
  ];
}

function unusableProcedures(contract: Contract): Unusable[] {
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
    // Names that differ only in their Unicode form look the same and are equal in some file systems and databases.
    const folded = name.normalize("NFKC");
    const other = byFolded.get(folded);
    if (other !== undefined) {
      const message = `it looks the same as another procedure, "${other}"`;
      found.push({ rule: "NAMES_CLASH", subject: name, message });
    }
    byFolded.set(folded, name);
  }
  return found;
}

function ambiguousModels(contract: Contract): Unusable[] {
  const found: Unusable[] = [];
  const labels = new Map<string, number>();
  for (const { label } of findModels(contract).models) {
    labels.set(label, (labels.get(label) ?? 0) + 1);
  }
  for (const [label, count] of labels) {
    if (count < 2) continue;
    found.push({
      rule: "TYPES_INEXACT",
      subject: label,
      message: `${count} different models have this name: their types get different suffixes`,
    });
  }
  return found;
}

function failures({ parameters, result }: Procedure): string[] {
  const messages: string[] = [];
  const [input, output] = [
    new Branches({ direction: "input" }),
    new Branches({ direction: "output" }),
  ];
  const isEmpty = (branches: Branches, schema: JsonSchema) =>
    branches.isEmpty({ schema, root: schema });
  for (const { name, schema, required } of parameters) {
    if (required && isEmpty(input, schema)) {
      messages.push(`no value is accepted for the parameter "${name}"`);
    }
  }
  if (isEmpty(output, result)) messages.push("no value is accepted as its result");
  return messages;
}

import { findUnusable } from "../compare/mod.ts";
import { CHECK_RULES, type Finding } from "../report/mod.ts";
import type { LoadedSource } from "../source/mod.ts";
import type { CheckPart } from "./part.ts";

/** Checks that clients can use every procedure of a contract. */
export function checkContract({ contract, problems = [] }: LoadedSource): CheckPart {
  const findings = [
    ...findUnusable(contract).map(({ rule, subject, message }): Finding => (
      { rule, level: CHECK_RULES[rule].level, subject, message, details: [] }
    )),
    ...problems.map((message): Finding => ({
      rule: "PROCEDURE_WITHOUT_SCHEMA",
      level: "error",
      subject: /^procedure "([^"]*)"/.exec(message)?.[1] ?? "procedure",
      message,
      details: [],
    })),
  ];
  const count = contract.procedures.size;
  return { name: "contract", about: `${count} procedure${count === 1 ? "" : "s"}`, findings };
}

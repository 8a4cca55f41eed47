import { findUnusable } from "../compare/mod.ts";
import { CHECK_RULES, type Finding } from "../report/mod.ts";
import type { LoadedSource } from "../source/mod.ts";
import type { CheckPart } from "./part.ts";

/**
 * Checks that clients can use every procedure of a contract.
 *
 * @param framework The framework of the project; undefined if only the module's application determines it.
 */
export function checkContract(
  { contract, problems = [], defaults = [], facts = [], adapter }: LoadedSource,
  framework?: string,
): CheckPart {
  const server = framework ?? adapter;
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
    ...defaults
      .filter(({ adapters }) => !isKnown(server) || adapters.includes(server))
      .map(({ procedure, message }): Finding => ({
        rule: "DEFAULT_NOT_JSON",
        level: isKnown(server) ? "error" : "warning",
        subject: procedure,
        message,
        details: [],
      })),
    ...facts.map(({ code, subject, message }): Finding => (
      { rule: code, level: CHECK_RULES[code].level, subject, message, details: [] }
    )),
  ];
  const count = contract.procedures.size;
  return { name: "contract", about: `${count} procedure${count === 1 ? "" : "s"}`, findings };
}

function isKnown(server: string | undefined): server is string {
  return server === "fastapi" || server === "flask" || server === "asgi";
}

import type { DiffReport, Finding } from "../report/mod.ts";

/** Returns a finding for each client that was not compiled. */
export function clientProblems({ clients = [] }: DiffReport): Finding[] {
  return clients.flatMap(({ root, problem }): Finding[] =>
    problem === undefined ? [] : [{
      rule: "CLIENT_NOT_COMPILED",
      level: "error",
      subject: root,
      message: problem.message,
      details: problem.fix.map((line) => `fix: ${line}`),
    }]
  );
}

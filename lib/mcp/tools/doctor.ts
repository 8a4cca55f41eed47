import type { Diagnosis } from "../../doctor/mod.ts";
import { READ_ONLY, type Tool } from "../tool.ts";

/** Runs the probes of `pyrpc doctor`. */
export const doctor: Tool = {
  name: "doctor",
  title: "Diagnose the project",
  description:
    "Diagnoses the configuration, the Python interpreter and packages, the server, its CORS settings and the generated " +
    "types, and suggests commands that fix what is wrong.",
  inputSchema: { type: "object", properties: {}, additionalProperties: false },
  outputSchema: {
    type: "object",
    properties: {
      ok: { type: "boolean" },
      findings: {
        type: "array",
        items: {
          type: "object",
          properties: {
            check: { type: "string" },
            status: { enum: ["ok", "warning", "broken", "skipped"] },
            message: { type: "string" },
            details: { type: "array", items: { type: "string" } },
            fix: { type: "array", items: { type: "string" } },
          },
          required: ["check", "status", "message"],
        },
      },
    },
    required: ["ok", "findings"],
  },
  annotations: READ_ONLY,
  async run(_, { options, context }) {
    const { diagnose } = await import("../../doctor/mod.ts");
    const findings: Diagnosis[] = [];
    for await (const diagnosis of diagnose({ python: options.python }, context)) {
      findings.push(diagnosis);
    }
    return { ok: findings.every(({ status }) => status !== "broken"), findings };
  },
};

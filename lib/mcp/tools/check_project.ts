import { READ_ONLY, type Tool } from "../tool.ts";

/** Runs the checks of `pyrpc check`. */
export const checkProject: Tool = {
  name: "check_project",
  title: "Check the project",
  description:
    "Checks that clients can use the whole contract, that the generated types and the snapshot are current, and that " +
    "nothing breaks against the base revision.",
  inputSchema: {
    type: "object",
    properties: { against: { type: "string", description: "Git revision of the base" } },
    additionalProperties: false,
  },
  outputSchema: {
    type: "object",
    properties: {
      ok: { type: "boolean" },
      source: { type: "string" },
      steps: { type: "array", items: { type: "object" } },
      findings: { type: "array", items: { type: "object" } },
    },
    required: ["ok", "source", "steps", "findings"],
  },
  annotations: READ_ONLY,
  async run({ against }, { given, options, context }) {
    const base = against === undefined ? undefined : String(against);
    const { checkProject: check } = await import("../../check/mod.ts");
    return { ...await check({ source: given, against: base, allow: [] }, options, context) };
  },
};

import { findProcedure, type Procedure } from "../../contract/mod.ts";
import { defined } from "../../defined.ts";
import type { ProcedureDescription } from "../../inspect/mod.ts";
import type { Sampler } from "../../mock/mod.ts";
import { plainSchema } from "../plain_schema.ts";
import { backendDocumentation, withoutComments } from "../safe_text.ts";
import { BACKEND_DOCUMENTATION, READ_ONLY, SOURCE_MEMBERS, type Tool } from "../tool.ts";

const NAME = { type: "string", description: "Name of the procedure" } as const;

/** Describes one procedure in full. */
export const describeProcedure: Tool = {
  name: "describe_procedure",
  title: "Describe a procedure",
  description:
    "Returns a procedure's TypeScript signature and types, the JSON Schemas of its parameters and result, and an example " +
    "call in client code.",
  inputSchema: {
    type: "object",
    properties: { name: NAME },
    required: ["name"],
    additionalProperties: false,
  },
  outputSchema: {
    type: "object",
    properties: {
      ...SOURCE_MEMBERS,
      name: { type: "string" },
      kind: {
        enum: ["query", "mutation", null],
        description: "A query may change data: an undeclared kind counts as one",
      },
      signature: { type: "string", description: "TypeScript" },
      types: { type: "array", items: { type: "string" }, description: "TypeScript declarations" },
      parameters: {
        type: "array",
        items: {
          type: "object",
          properties: {
            name: { type: "string" },
            type: { type: "string" },
            required: { type: "boolean" },
            default: {},
            schema: {},
          },
          required: ["name", "type", "required", "schema"],
        },
      },
      result_schema: {},
      source_location: { type: "string", description: "Python file and line, in the project" },
      example: { type: "string", description: "TypeScript; `rpc` is the client" },
      backend_documentation: BACKEND_DOCUMENTATION,
    },
    required: [
      "source",
      "warnings",
      "name",
      "kind",
      "signature",
      "types",
      "parameters",
      "result_schema",
      "example",
    ],
  },
  annotations: READ_ONLY,
  async run({ name }, { source }) {
    const { contract, where, warnings, places, describe } = await source.load();
    const procedure = findProcedure(contract, String(name), where);
    const description = await describe(procedure.name);
    if (description === undefined) throw new Error(`"${procedure.name}" has no types`);
    const { createSampler } = await import("../../mock/mod.ts");
    return {
      source: where,
      warnings,
      ...procedureView(procedure, description, createSampler({})),
      ...defined({ source_location: places.get(procedure.name) }),
    };
  },
};

/** The parts of a procedure that an agent reads. */
export function procedureView(
  procedure: Procedure,
  description: ProcedureDescription,
  sampler: Sampler,
) {
  const documentation = backendDocumentation(procedure.doc);
  return {
    name: procedure.name,
    kind: description.kind,
    signature: description.signature,
    types: description.types.map((type) => withoutComments(type).trim()),
    parameters: description.parameters.map(({ name, type, required, default: value, schema }) => ({
      name,
      type,
      required,
      ...(required ? {} : { default: value }),
      schema: plainSchema(schema),
    })),
    result_schema: plainSchema(description.returns.schema),
    example: exampleCall(procedure, sampler),
    ...(documentation === "" ? {} : { backend_documentation: documentation }),
  };
}

/** A call of the procedure in client code, with generated arguments by name. */
export function exampleCall(procedure: Procedure, sampler: Sampler): string {
  const { name, parameters } = procedure;
  const samples = Object.entries(sampler.arguments(procedure));
  const required = new Set(parameters.filter((each) => each.required).map((each) => each.name));
  const args = samples.filter(([parameter]) => required.has(parameter));
  const member = /^[A-Za-z_$][\w$]*$/.test(name) ? `rpc.${name}` : `rpc[${JSON.stringify(name)}]`;
  return `await ${member}(${args.length === 0 ? "" : JSON.stringify(Object.fromEntries(args))});`;
}

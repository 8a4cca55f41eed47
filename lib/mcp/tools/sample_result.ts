import { findProcedure } from "../../contract/mod.ts";
import { callFailed } from "../errors.ts";
import { compileCall } from "../../validate/mod.ts";
import { READ_ONLY, SOURCE_MEMBERS, type Tool } from "../tool.ts";
import { CALL_INPUT, callArguments } from "./arguments.ts";

/** Generates a result that fits the contract. */
export const sampleResult: Tool = {
  name: "sample_result",
  title: "Generate a sample result",
  description:
    "Generates a result that fits a procedure's contract, for fixtures and tests. The same arguments and seed give the " +
    "same result. Without arguments, sample arguments are generated, too.",
  inputSchema: {
    ...CALL_INPUT,
    properties: {
      ...CALL_INPUT.properties,
      seed: { type: "string", description: "Seed for the generated values" },
    },
  },
  outputSchema: {
    type: "object",
    properties: { ...SOURCE_MEMBERS, arguments: {}, result: {} },
    required: ["source", "warnings", "arguments", "result"],
  },
  annotations: READ_ONLY,
  async run({ name, arguments: given, seed = "" }, { source }) {
    const { contract, where, warnings } = await source.load();
    const procedure = findProcedure(contract, String(name), where);
    const { createSampler } = await import("../../mock/mod.ts");
    const sampler = createSampler({ seed: String(seed) });
    const params = given === undefined ? sampler.arguments(procedure) : callArguments(given);
    const checked = compileCall(procedure, { mode: "lax" }).checkCall(params);
    if (!checked.ok) throw callFailed(procedure.name, checked.error.message, checked.error.data);
    const result = sampler.result(procedure, checked.arguments);
    return { source: where, warnings, arguments: params, result };
  },
};

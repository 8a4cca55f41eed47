import { findProcedure } from "../../contract/mod.ts";
import { compileCall } from "../../validate/mod.ts";
import { READ_ONLY, SOURCE_MEMBERS, type Tool } from "../tool.ts";
import { CALL_INPUT, callArguments } from "./arguments.ts";

/** Validates the arguments of a call without calling. */
export const checkCall: Tool = {
  name: "check_call",
  title: "Check a call",
  description: "Validates arguments against a procedure's contract, without calling it. " +
    "An error is the one that the server would return, in Pydantic's words.",
  inputSchema: CALL_INPUT,
  outputSchema: {
    type: "object",
    properties: {
      ...SOURCE_MEMBERS,
      valid: { type: "boolean" },
      error: {
        type: "object",
        properties: { code: { type: "integer" }, message: { type: "string" }, data: {} },
        required: ["code", "message"],
      },
    },
    required: ["source", "warnings", "valid"],
  },
  annotations: READ_ONLY,
  async run({ name, arguments: given }, { source }) {
    const { contract, where, warnings } = await source.load();
    const procedure = findProcedure(contract, String(name), where);
    const checked = compileCall(procedure, { mode: "lax" }).checkCall(callArguments(given));
    return {
      source: where,
      warnings,
      valid: checked.ok,
      ...(checked.ok ? {} : { error: checked.error }),
    };
  },
};

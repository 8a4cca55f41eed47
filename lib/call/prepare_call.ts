import { findProcedure, type Procedure } from "../contract/mod.ts";
import { fileUnreadable, ToolError } from "../errors.ts";
import { parseJson, stringifyJson } from "../json/mod.ts";
import {
  type CallAnswer,
  classifySource,
  type LoadContext,
  type LoadOptions,
  loadSource,
  type ServerCall,
} from "../source/mod.ts";
import { compileCall, compileSchema } from "../validate/mod.ts";
import { type CallArguments, paramsText, readArguments, readData } from "./arguments.ts";
import { readFileArguments } from "./file_arguments.ts";
import {
  binaryStandardInput,
  callOfUnknownProcedure,
  deepArguments,
  largeStandardInput,
  notAServer,
} from "./errors.ts";

/** A call as it is given on a command line. */
export interface CallRequest {
  /** URL of the server. */
  readonly source: string;
  readonly procedure: string;
  readonly args: readonly string[];
  /** The whole params as JSON, or `-` for standard input; used instead of `args`. */
  readonly data?: string | undefined;
  /** True to validate the arguments against the server's contract. */
  readonly validates: boolean;
}

/** A call that can be sent, or the error that the server would answer. */
export type PreparedCall =
  | { readonly ok: true; readonly call: ServerCall }
  | CallAnswer & { readonly ok: false };

/** Reads the arguments of a call, and validates them if the request asks for it. @throws ToolError */
export async function prepareCall(
  { source, procedure: name, args, data, validates }: CallRequest,
  options: LoadOptions,
  context: LoadContext,
): Promise<PreparedCall> {
  const { kind } = classifySource(source, context.cwd);
  if (kind !== "url") throw notAServer(kind);
  const given = data === undefined
    ? readArguments(args)
    : readData(data === "-" ? await readStandardInput(options, context) : data);
  const { cwd } = context;
  if (!validates) {
    const read = await readFileArguments(given, { cwd, procedure: undefined });
    return { ok: true, call: { procedure: name, params: paramsText(read, undefined) } };
  }
  const procedure = await loadProcedure(source, name, options, context);
  const read = await readFileArguments(given, { cwd, procedure });
  try {
    return validated(read, procedure);
  } catch (error) {
    // `JSON.parse` accepts texts that are nested deeper than the validating reader allows.
    if (!(error instanceof SyntaxError)) throw error;
    throw deepArguments();
  }
}

const MAX_BYTES = 64 * 2 ** 20;

async function readStandardInput(
  { maxBytes = MAX_BYTES }: LoadOptions,
  { stdin }: LoadContext,
): Promise<string> {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(await stdin.readAll(maxBytes));
  } catch (error) {
    if (error instanceof RangeError) throw largeStandardInput();
    if (error instanceof TypeError) throw binaryStandardInput();
    throw fileUnreadable("-", "standard input", error);
  }
}

async function loadProcedure(
  source: string,
  name: string,
  options: LoadOptions,
  context: LoadContext,
): Promise<Procedure> {
  const { contract, where } = await loadSource(source, options, context);
  try {
    return findProcedure(contract, name, where);
  } catch (error) {
    throw error instanceof ToolError ? callOfUnknownProcedure(error) : error;
  }
}

function validated(given: CallArguments, procedure: Procedure): PreparedCall {
  // As Pydantic at the server: "1" for a number, for example.
  const mode = { mode: "lax" } as const;
  // A text such as `42` is JSON and a text: the schema decides which of them is meant.
  const accepts = (name: string, json: string) => {
    const parameter = procedure.parameters.find((each) => each.name === name);
    return parameter === undefined ||
      compileSchema(parameter.schema, mode).check(parseJson(json)) === undefined;
  };
  const names = procedure.parameters.map(({ name }) => name);
  const params = paramsText(given, { names, accepts });
  const result = compileCall(procedure, mode).checkCall(parseJson(params));
  if (result.ok) return { ok: true, call: { procedure: procedure.name, params } };
  const { code, message, data } = result.error;
  return { ok: false, error: { code, message, data: stringifyJson(data) } };
}

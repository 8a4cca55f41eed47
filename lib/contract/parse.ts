import { stringifyJson } from "../json/mod.ts";
import type { Contract, Json, JsonObject, Parameter, Procedure } from "./contract.ts";
import { notAContract } from "./errors.ts";
import { isJsonObject, isSchema, ownMember } from "./keywords.ts";
import { fromOpenrpc, isOpenrpc } from "./from_openrpc.ts";

/** Options of {@link parseContract}. */
export interface ParseContractOptions {
  /** Origin of the document (file or URL), for error messages. */
  readonly where: string;
}

/**
 * Reads a contract from a parsed JSON document: the answer to `GET /rpc` (key `schema_`) or a file of `pyrpc pull` (key
 * `schema`) of pyRPC 0.3 to 0.14, or an OpenRPC document. Unknown members are ignored and kept in `document`.
 *
 * @throws ToolError `SCHEMA_NOT_A_CONTRACT` with the path of the first invalid part
 */
export function parseContract(found: unknown, { where }: ParseContractOptions): Contract {
  const document = isOpenrpc(found) ? fromOpenrpc(found) : found;
  if (!isJsonObject(document)) {
    throw notAContract({
      where,
      path: "$",
      expected: "an object keyed by procedure name",
      found: describeValue(document),
    });
  }
  const foreign = foreignDocument(document);
  if (foreign !== undefined) {
    throw notAContract({
      where,
      path: "$",
      expected: "an object keyed by procedure name",
      ...foreign,
    });
  }

  const fail: Fail = ({ procedure, parameter, member = "" }, expected, found) => {
    const list = parameter === undefined ? "" : `.parameters[${parameter}]`;
    throw notAContract({
      where,
      path: `${pathTo("$", procedure)}${list}${member}`,
      expected,
      found: describeValue(found),
    });
  };
  const procedures = new Map<string, Procedure>();
  for (const name of Object.keys(document)) {
    procedures.set(name, parseProcedure(name, document[name], fail));
  }
  return { procedures, document };
}

/** A part of a contract: a procedure, one of its parameters (by index), or a member of either, such as `.name`. */
interface Place {
  readonly procedure: string;
  readonly parameter?: number;
  readonly member?: string;
}

/** Throws the error of an invalid part. */
type Fail = (place: Place, expected: string, found: unknown) => never;

function parseProcedure(
  name: string,
  value: Json | undefined,
  fail: Fail,
): Procedure {
  if (!isJsonObject(value)) {
    return fail({ procedure: name }, "an object that describes a procedure", value);
  }
  const parameters = ownMember(value, "parameters");
  if (!Array.isArray(parameters)) {
    return fail({ procedure: name, member: ".parameters" }, "a list of parameters", parameters);
  }
  const doc = ownMember(value, "doc");
  if (doc !== undefined && doc !== null && typeof doc !== "string") {
    return fail({ procedure: name, member: ".doc" }, "a string or null", doc);
  }
  const parsed = parseParameters(name, parameters, fail);
  const result = ownMember(value, "return_schema");
  if (!isSchema(result)) {
    return fail({ procedure: name, member: ".return_schema" }, "a JSON Schema", result);
  }
  const kind = ownMember(value, "kind");
  const isAsync = ownMember(value, "is_async");
  const resultType = ownMember(value, "return_type");
  const procedure: { -readonly [Key in keyof Procedure]: Procedure[Key] } = {
    name,
    parameters: parsed,
    result,
    resultType: typeof resultType === "string" ? resultType : "",
    doc: doc ?? "",
  };
  if (typeof isAsync === "boolean") procedure.isAsync = isAsync;
  // Kinds of later versions are ignored.
  if (kind === "query" || kind === "mutation") procedure.kind = kind;
  return procedure;
}

function parseParameters(procedure: string, values: readonly Json[], fail: Fail): Parameter[] {
  // Searching is faster than a set for the usual one or two parameters.
  const seen = values.length > 8 ? new Set<string>() : undefined;
  const parsed: Parameter[] = [];
  values.forEach((value, parameter) => {
    const failAt = (member: string, expected: string, found: unknown) =>
      fail({ procedure, parameter, member }, expected, found);
    if (!isJsonObject(value)) return failAt("", "an object that describes a parameter", value);
    const name = ownMember(value, "name");
    if (typeof name !== "string") return failAt(".name", "a string", name);
    if (seen?.has(name) ?? parsed.some((parameter) => parameter.name === name)) {
      return failAt(".name", "a name that no other parameter has", name);
    }
    seen?.add(name);
    const required = ownMember(value, "required");
    if (typeof required !== "boolean") return failAt(".required", "true or false", required);
    const type = ownMember(value, "type");
    const schemaKey = Object.hasOwn(value, "schema_") ? "schema_" : "schema";
    const schema = ownMember(value, schemaKey);
    if (!isSchema(schema)) return failAt(`.${schemaKey}`, "a JSON Schema", schema);
    parsed.push({
      name,
      schema,
      required,
      default: ownMember(value, "default") ?? null,
      type: typeof type === "string" ? type : "",
    });
  });
  return parsed;
}

// Recognizes documents that users give by mistake, for a specific message.
function foreignDocument(document: JsonObject): { found: string; fix: string } | undefined {
  const has = (key: string, type: string) =>
    Object.hasOwn(document, key) && typeof document[key] === type;
  if (has("openapi", "string") || has("swagger", "string")) {
    return {
      found: "an OpenAPI document",
      fix: "pyRPC describes itself at /rpc, not at /openapi.json",
    };
  }
  if (has("$schema", "string")) {
    return { found: "a JSON Schema", fix: "Use the response of a pyRPC server to GET /rpc" };
  }
  if (Object.hasOwn(document, "detail") && Object.keys(document).length === 1) {
    return {
      found: `an error answer (${stringifyJson(document["detail"]).slice(0, 80)})`,
      fix: "Check that this is the backend's URL and that pyRPC is mounted there",
    };
  }
  if (Object.hasOwn(document, "error") && !isProcedureLike(document["error"])) {
    return {
      found: `an error answer (${stringifyJson(document["error"]).slice(0, 80)})`,
      fix: "Check that this is the backend's URL and that pyRPC is mounted there",
    };
  }
  return undefined;
}

function isProcedureLike(value: Json | undefined): boolean {
  return isJsonObject(value) && Array.isArray(ownMember(value, "parameters"));
}

function pathTo(parent: string, key: string): string {
  return /^[A-Za-z_$][\w$]*$/.test(key) ? `${parent}.${key}` : `${parent}[${JSON.stringify(key)}]`;
}

function describeValue(value: unknown): string {
  if (value === undefined) return "nothing";
  if (value === null) return "null";
  if (Array.isArray(value)) return value.length === 0 ? "an empty list" : "a list";
  if (typeof value === "object") return "an object";
  const text = stringifyJson(value);
  return text.length <= 60 ? text : `${text.slice(0, 59)}…`;
}

import {
  type Contract,
  type Json,
  type JsonSchema,
  parseContract,
} from "../../lib/contract/mod.ts";

/** A parameter for {@link contractOf}. */
export interface ParameterInit {
  readonly name: string;
  readonly schema?: JsonSchema;
  /** Makes it optional. */
  readonly default?: Json;
}

/** A procedure for {@link contractOf}. */
export interface ProcedureInit {
  readonly parameters?: readonly ParameterInit[];
  readonly result?: JsonSchema;
  readonly doc?: string;
  readonly kind?: "query" | "mutation" | null;
}

/** A contract as `GET /rpc` answers it. */
export function documentOf(
  procedures: Readonly<Record<string, ProcedureInit>>,
): Record<string, Json> {
  return Object.fromEntries(
    Object.entries(procedures).map((
      [name, { parameters = [], result = {}, doc = "", kind = "query" }],
    ) => [
      name,
      {
        name,
        parameters: parameters.map((parameter) => ({
          name: parameter.name,
          type: "",
          schema_: parameter.schema ?? { type: "integer" },
          required: parameter.default === undefined,
          default: parameter.default ?? null,
        })),
        return_type: "",
        return_schema: result,
        doc,
        is_async: false,
        ...(kind === null ? {} : { kind }),
      },
    ]),
  );
}

/** A parsed contract. */
export function contractOf(procedures: Readonly<Record<string, ProcedureInit>>): Contract {
  return parseContract(documentOf(procedures), { where: "test" });
}

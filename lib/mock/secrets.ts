import { type JsonSchema, keyword, type Procedure } from "../contract/mod.ts";
import { WireFloat } from "../json/mod.ts";
import { applicableSchemas, schemasOfItem, schemasOfMember } from "./schema_parts.ts";

/** Replaces secrets in recordings and dumps. */
export const REDACTED = "***";

// Compared without case and separators: `api_key`, `apiKey`, `X-Api-Key`.
const SECRET_NAME =
  /password|passwd|secret|token|apikey|authorization|cookie|session|cardnumber|cvv/;

/** Replaces the secrets among the arguments of a call. */
export function redactArguments(
  { parameters }: Procedure,
  args: ReadonlyMap<string, unknown>,
): ReadonlyMap<string, unknown> {
  const schemas = new Map(parameters.map(({ name, schema }) => [name, schema]));
  return new Map(
    [...args].map(([name, value]) => [name, redact(name, value, schemas.get(name) ?? true)]),
  );
}

/** Replaces the secrets in a result. The name of a text is that of its procedure: `get_token` returns a token. */
export function redactResult({ name, result }: Procedure, value: unknown): unknown {
  const isText = [value].flat().every((item) => typeof item === "string");
  return redact(isText ? name.slice(name.lastIndexOf(".") + 1) : "", value, result);
}

/** Replaces the secrets in data without a schema. */
export function redactData(value: unknown): unknown {
  return redact("", value, true);
}

function redact(name: string, value: unknown, schema: JsonSchema): unknown {
  return redactPart(name, value, schema, [schema]);
}

function redactPart(
  name: string,
  value: unknown,
  root: JsonSchema,
  schemas: readonly JsonSchema[],
): unknown {
  if (value === null) return value;
  const applicable = applicableSchemas(root, schemas);
  if (applicable.some(isSecret)) return REDACTED;
  // A flag such as `has_password` holds no secret.
  if (typeof value === "boolean") return value;
  if (SECRET_NAME.test(name.toLowerCase().replace(/[^a-z]/g, ""))) return REDACTED;
  if (Array.isArray(value)) {
    return value.map((item, index) => redactPart("", item, root, schemasOfItem(applicable, index)));
  }
  if (typeof value !== "object" || value instanceof WireFloat) return value;
  return Object.fromEntries(
    Object.entries(value).map((
      [key, inner],
    ) => [key, redactPart(key, inner, root, schemasOfMember(applicable, key))]),
  );
}

function isSecret(schema: JsonSchema): boolean {
  return keyword(schema, "writeOnly") === true || keyword(schema, "format") === "password";
}

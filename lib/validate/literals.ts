import { type Json, type JsonObject, keyword } from "../contract/mod.ts";
import { canonicalJson, isSameJson } from "./canonical_json.ts";
import { exceedsInt64, parseFloatText, parseIntegerText } from "./numbers.ts";
import { pythonRepr } from "./python_repr.ts";
import { type Check, type Compiler, Exactness, type SchemaPosition } from "./run.ts";

/** Returns the values that `const` and `enum` allow; undefined without them. */
export function literalValues(schema: JsonObject): readonly Json[] | undefined {
  const constant = keyword(schema, "const");
  const members = keyword(schema, "enum");
  if (!Array.isArray(members)) return constant === undefined ? undefined : [constant];
  const values = members as readonly Json[];
  if (constant === undefined) return values;
  return values.some((value) => isSameJson(value, constant)) ? [constant] : [];
}

/** Validates `const` and `enum`: a `Literal`, or an `Enum` if the schema has the name of a class. */
export function checkLiteral(
  compiler: Compiler,
  schema: JsonObject,
  values: readonly Json[],
  position: SchemaPosition,
): Check {
  const { run, lax } = compiler;
  const constant = keyword(schema, "const");
  // A member's title comes from its name; only the title of a definition or of the root is a class name.
  const isEnum = constant === undefined && position.isNamed && typeof schema["title"] === "string";
  const isSimple = (value: unknown) => typeof value !== "object" || value === null;
  const simple = new Set<unknown>(
    values.filter(isSimple).map((value) => isLargeFloat(value) ? BigInt(value) : value),
  );
  const others = new Set(values.filter((value) => !isSimple(value)).map(canonicalJson));
  const names = values.map(pythonRepr);
  const last = names.pop() ?? "";
  const message = `Input should be ${names.length === 0 ? last : `${names.join(", ")} or ${last}`}`;
  const hasIntegers = values.some((value) => Number.isInteger(value));
  const type = isEnum ? keyword(schema, "type") : undefined;
  return (value) => {
    if (simple.has(value) || isLargeFloat(value) && simple.has(BigInt(value))) return value;
    if (
      others.size > 0 && typeof value === "object" && value !== null &&
      others.has(canonicalJson(value))
    ) {
      return value;
    }
    const isHuge =
      (typeof value === "bigint" || typeof value === "number" && Number.isInteger(value)) &&
      exceedsInt64(value);
    if (hasIntegers && typeof value === "bigint" && isHuge) {
      return run.fail(
        "int_parsing_size",
        "Unable to parse input string as an integer, exceeded maximum size",
      );
    }
    if (lax) {
      const coerced = coerce(value, type, isEnum);
      if (typeof coerced === "bigint" && exceedsInt64(coerced)) {
        return run.fail(
          "int_parsing_size",
          "Unable to parse input string as an integer, exceeded maximum size",
        );
      }
      if (coerced !== undefined && simple.has(coerced)) {
        run.floor(Exactness.Lax);
        return coerced;
      }
      // In Python 1 == True.
      if (value === 1 && simple.has(true)) return true;
      if (value === 0 && simple.has(false)) return false;
    }
    return run.fail(isEnum ? "enum" : "literal_error", message);
  };
}

// A large integer is a `bigint`: this was written as a float.
function isLargeFloat(value: unknown): value is number {
  return typeof value === "number" && Number.isInteger(value) && !Number.isSafeInteger(value);
}

function coerce(value: unknown, type: Json | undefined, isEnum: boolean): unknown {
  if (typeof value === "boolean") return Number(value);
  if (!isEnum || typeof value !== "string") return undefined;
  if (type === "integer") return parseIntegerText(value);
  return type === "number" ? parseFloatText(value) : undefined;
}

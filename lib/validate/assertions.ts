import {
  countKeyword,
  type JsonObject,
  type JsonSchema,
  keyword,
  numberKeyword,
  schemaList,
} from "../contract/mod.ts";
import { counted } from "../counted.ts";
import { checkArray, checkObject } from "./containers.ts";
import { formatLimit, isExactMultiple } from "./numbers.ts";
import { pythonRepr } from "./python_repr.ts";
import { type Check, type Compiler, FAIL, type Run, type SchemaPosition } from "./run.ts";
import { checkDecimal, checkRange, checkText, codePoints } from "./scalars.ts";
import { isDecimalUnion } from "./union_shapes.ts";
import { UNUSABLE_CONSTRAINT } from "./violation.ts";

const LIST_KEYWORDS = ["items", "prefixItems", "minItems", "maxItems", "uniqueItems"];
const OBJECT_KEYWORDS = [
  "properties",
  "patternProperties",
  "additionalProperties",
  "propertyNames",
  "required",
  "minProperties",
  "maxProperties",
];

/** Options of {@link checkAssertions}. */
interface AssertionOptions {
  readonly position: SchemaPosition;
  /** True beside a union, values or a reference, where Pydantic's lengths apply to all that has a length. */
  readonly isWrapped: boolean;
}

/**
 * Validates the keywords of a schema without `type`: each applies to values of its own type only. Returns undefined
 * without such keywords.
 */
export function checkAssertions(
  compiler: Compiler,
  schema: JsonObject,
  { position, isWrapped }: AssertionOptions,
): Check | undefined {
  const { run } = compiler;
  const has = (names: readonly string[]) => names.some((name) => Object.hasOwn(schema, name));
  const number = checkRange(run, schema);
  const { minLength: _, maxLength: __, ...unmeasured } = schema;
  const text = checkText(compiler, isWrapped ? unmeasured : schema);
  const list = has(LIST_KEYWORDS) ? checkArray(compiler, schema) : undefined;
  const object = has(OBJECT_KEYWORDS) ? checkObject(compiler, schema, position, true) : undefined;
  const length = isWrapped
    ? checkLength(run, countKeyword(schema, "minLength"), countKeyword(schema, "maxLength"))
    : undefined;
  if ([number, text, list, object, length].every((check) => check === undefined)) return undefined;
  const own: Check = (value) => {
    switch (typeof value) {
      case "number":
      case "bigint":
        return number === undefined || number(value) ? value : FAIL;
      case "string":
        return text === undefined || text(value) ? value : FAIL;
      case "object": {
        if (value === null) return value;
        const check = Array.isArray(value) ? list : object;
        return check === undefined ? value : check(value);
      }
      default:
        return value;
    }
  };
  return length === undefined ? own : (value) => {
    const checked = own(value);
    return checked === FAIL || !length(checked) ? FAIL : checked;
  };
}

/** Numeric constraints by the name in Pydantic, in the order in which it applies them. */
const CONSTRAINTS = [
  [
    "gt",
    "exclusiveMinimum",
    "greater_than",
    "greater than",
    (value: number | bigint, limit: number | bigint) => value > limit,
  ],
  [
    "ge",
    "minimum",
    "greater_than_equal",
    "greater than or equal to",
    (value: number | bigint, limit: number | bigint) => value >= limit,
  ],
  [
    "lt",
    "exclusiveMaximum",
    "less_than",
    "less than",
    (value: number | bigint, limit: number | bigint) => value < limit,
  ],
  [
    "le",
    "maximum",
    "less_than_equal",
    "less than or equal to",
    (value: number | bigint, limit: number | bigint) => value <= limit,
  ],
  ["multiple_of", "multipleOf", "multiple_of", "a multiple of", isExactMultiple],
] as const;

/**
 * Validates the constraints that Pydantic writes by their own names, because it applies them to the validated value of
 * a union, an enumeration or a validator function.
 */
export function checkRawConstraints(compiler: Compiler, schema: JsonSchema): Check[] {
  const { run } = compiler;
  const checks: Check[] = [];
  const members = schemaList(keyword(schema, "anyOf"));
  const hasDecimal = members.some((_, index) =>
    isDecimalUnion(compiler, members.slice(index, index + 2))
  );
  for (const [name, standardName, type, words, passes] of CONSTRAINTS) {
    const limit = numberKeyword(schema, name);
    if (limit === undefined) continue;
    const decimal = hasDecimal ? checkDecimal(compiler, { [standardName]: limit }) : undefined;
    checks.push((value) => {
      if (typeof value === "string" && decimal !== undefined) return decimal(value);
      const number = typeof value === "boolean" ? Number(value) : value;
      if (typeof number !== "number" && typeof number !== "bigint") {
        return unusable(run, name, value);
      }
      return passes(number, limit)
        ? value
        : run.fail(type, `Input should be ${words} ${formatLimit(limit)}`);
    });
  }
  const [least, most] = [countKeyword(schema, "min_length"), countKeyword(schema, "max_length")];
  const length = checkLength(run, least, most, (value) => {
    unusable(run, least === undefined ? "max_length" : "min_length", value);
    return false;
  });
  if (length !== undefined) checks.push((value) => length(value) ? value : FAIL);
  return checks;
}

function unusable(run: Run, name: string, value: unknown): typeof FAIL {
  const shown = typeof value === "string" ? value : pythonRepr(value);
  return run.fail(
    UNUSABLE_CONSTRAINT,
    `Unable to apply constraint '${name}' to supplied value ${shown}`,
  );
}

/** Checks the length of a text, list or dictionary. */
function checkLength(
  run: Run,
  least: number | undefined,
  most: number | undefined,
  otherwise: (value: unknown) => boolean = () => true,
): ((value: unknown) => boolean) | undefined {
  if (least === undefined && most === undefined) return undefined;
  const fail = (type: string, bound: string, length: number) => {
    run.fail(type, `Value should have ${bound} after validation, not ${length}`);
    return false;
  };
  return (value) => {
    const length = lengthOf(value);
    if (length === undefined) return otherwise(value);
    if (least !== undefined && length < least) {
      return fail("too_short", `at least ${counted(least, "item")}`, length);
    }
    return most === undefined || length <= most ||
      fail("too_long", `at most ${counted(most, "item")}`, length);
  };
}

function lengthOf(value: unknown): number | undefined {
  if (typeof value === "string") return codePoints(value);
  if (typeof value !== "object" || value === null) return undefined;
  return Array.isArray(value) ? value.length : Object.keys(value).length;
}

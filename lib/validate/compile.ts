import type { Json, JsonObject, JsonSchema } from "../contract/mod.ts";
import { checkArray, checkObject } from "./containers.ts";
import { checkLiteral } from "./literals.ts";
import {
  type Check,
  type Compiler,
  FAIL,
  INLINE,
  isObject,
  isSchema,
  keyword,
  Run,
  schemaList,
  type SchemaPosition,
} from "./run.ts";
import { checkBoolean, checkInteger, checkNull, checkNumber, checkString } from "./scalars.ts";
import { checkTagged, checkUnion } from "./unions.ts";
import type { Checked, Violation } from "./violation.ts";

/** Options of {@link compileSchema}. */
export interface CompileOptions {
  /**
   * `strict` validates like a typed client (the JSON Schema), `lax` like Pydantic (`"1"` is valid for an `int`).
   * @default {"strict"}
   */
  readonly mode?: "strict" | "lax";
  /** Called once for each pattern that cannot be compiled; such a pattern accepts every string. */
  readonly warn?: (message: string) => void;
  /** The Python type as text, if known: distinguishes types with the same schema (`float | str`). */
  readonly pythonType?: string;
}

/** A compiled JSON Schema. Both functions can be called repeatedly. */
export interface SchemaValidator {
  /** Returns the first violation, if any. */
  check(value: unknown): Violation | undefined;
  /** Returns the value (coerced in lax mode; never changed in place), or the first violation. */
  parse(value: unknown): Checked;
}

/** Maximum nesting of a value. */
const MAX_DEPTH = 500;

/**
 * Compiles a JSON Schema as Pydantic emits it (2020-12, validation mode). Its violations are Pydantic's first errors,
 * word for word. Cheap to call: the closures of a schema are built when a value first reaches it.
 *
 * Values come from {@link parseJson}: integers beyond 2^53 are `bigint`. Patterns run in linear or limited time, and
 * recursive schemas terminate.
 */
export function compileSchema(schema: JsonSchema, options: CompileOptions = {}): SchemaValidator {
  const run = new Run();
  const warned = new Set<string>();
  const references = new Map<string, Check>();
  const compiler: Compiler = {
    root: schema,
    lax: options.mode === "lax",
    run,
    pythonType: options.pythonType,
    warn(message) {
      if (warned.has(message)) return;
      warned.add(message);
      options.warn?.(message);
    },
    check: (inner, position = INLINE) => lazily(() => build(compiler, inner, position, references)),
    resolve: (reference) => resolveReference(schema, reference),
  };
  const check = compiler.check(schema, { isNamed: true });
  const validate = (value: unknown): unknown => {
    run.reset();
    return check(value);
  };
  const violation = (): Violation => ({
    path: [...run.path].reverse(),
    message: run.message,
    type: run.type,
  });
  return {
    check: (value) => validate(value) === FAIL ? violation() : undefined,
    parse(value) {
      const checked = validate(value);
      return checked === FAIL
        ? { ok: false, violation: violation() }
        : { ok: true, value: checked };
    },
  };
}

function lazily(make: () => Check): Check {
  let check: Check | undefined;
  return (value) => (check ??= make())(value);
}

const accept: Check = (value) => value;

function build(
  compiler: Compiler,
  schema: JsonSchema,
  position: SchemaPosition,
  references: Map<string, Check>,
): Check {
  const { run } = compiler;
  if (schema === true) return accept;
  if (schema === false) {
    return () => run.fail("value_error", "Value error, no value is allowed here");
  }
  const checks: Check[] = [];
  const reference = keyword(schema, "$ref");
  if (typeof reference === "string") {
    let check = references.get(reference);
    if (check === undefined) {
      check = checkReference(compiler, reference);
      references.set(reference, check);
    }
    checks.push(check);
  }
  const main = buildMain(compiler, schema, position);
  if (main !== undefined) checks.push(main);
  for (const member of schemaList(keyword(schema, "allOf"))) checks.push(compiler.check(member));
  checks.push(...buildRest(compiler, schema));
  const [only] = checks;
  if (only === undefined) return accept;
  if (checks.length === 1) return only;
  return (value) => {
    let current = value;
    for (const check of checks) {
      current = check(current);
      if (current === FAIL) return FAIL;
    }
    return current;
  };
}

/** Builds the check of the keyword that determines the type. */
function buildMain(
  compiler: Compiler,
  schema: JsonObject,
  position: SchemaPosition,
): Check | undefined {
  if (Object.hasOwn(schema, "const") || Array.isArray(schema["enum"])) {
    return checkLiteral(compiler, schema, position);
  }
  const oneOf = schemaList(keyword(schema, "oneOf"));
  const union = oneOf.length > 0 ? oneOf : schemaList(keyword(schema, "anyOf"));
  if (union.length > 0) return checkTagged(compiler, schema) ?? checkUnion(compiler, union);
  const type = keyword(schema, "type");
  if (Array.isArray(type)) {
    const types = type.filter((name) => typeof name === "string");
    return checkUnion(compiler, types.map((name) => ({ ...schema, type: name })));
  }
  return buildType(
    compiler,
    schema,
    typeof type === "string" ? type : impliedType(schema),
    position,
  );
}

// A handwritten schema may omit the type; its keywords then apply to that type only. Pydantic always writes it.
function impliedType(schema: JsonObject): string | undefined {
  if (isObject(schema["properties"])) return "object";
  return Array.isArray(schema["prefixItems"]) ? "array" : undefined;
}

function buildType(
  compiler: Compiler,
  schema: JsonObject,
  type: string | undefined,
  position: SchemaPosition,
): Check | undefined {
  switch (type) {
    case "null":
      return checkNull(compiler);
    case "boolean":
      return checkBoolean(compiler);
    case "integer":
      return checkInteger(compiler, schema);
    case "number":
      return checkNumber(compiler, schema);
    case "string":
      return checkString(compiler, schema);
    case "array":
      return checkArray(compiler, schema);
    case "object":
      return checkObject(compiler, schema, position);
    default:
      // "any" is pyRPC's word for "no annotation".
      return undefined;
  }
}

/** Builds the checks of keywords that Pydantic does not emit. */
function buildRest(compiler: Compiler, schema: JsonObject): Check[] {
  const { run } = compiler;
  const checks: Check[] = [];
  const not = keyword(schema, "not");
  if (isSchema(not)) {
    const inner = compiler.check(not);
    checks.push((value) =>
      inner(value) === FAIL
        ? value
        : run.fail("value_error", "Value error, the value is one of those excluded")
    );
  }
  const condition = keyword(schema, "if");
  if (isSchema(condition)) {
    const test = compiler.check(condition);
    const branch = (name: string) => {
      const member = keyword(schema, name);
      return isSchema(member) ? compiler.check(member) : accept;
    };
    const [then, otherwise] = [branch("then"), branch("else")];
    checks.push((value) => test(value) === FAIL ? otherwise(value) : then(value));
  }
  const contains = keyword(schema, "contains");
  if (isSchema(contains)) {
    const item = compiler.check(contains);
    checks.push((value) => {
      if (!Array.isArray(value) || value.some((one) => item(one) !== FAIL)) return value;
      return run.fail("value_error", "Value error, no item is as one must be");
    });
  }
  return checks;
}

function checkReference(compiler: Compiler, reference: string): Check {
  const { run } = compiler;
  const target = compiler.resolve(reference);
  if (target === undefined) {
    compiler.warn(
      `The reference ${JSON.stringify(reference)} cannot be resolved: every value is accepted`,
    );
    return accept;
  }
  const check = compiler.check(target.schema, { isNamed: true, definition: target.name });
  const loop = () => run.fail("recursion_loop", "Recursion error - cyclic reference detected");
  // A reference that returns to itself without descending into the value would not terminate.
  let active: unknown = loop;
  return (value) => {
    if (active === value || !run.countReference() || run.depth > MAX_DEPTH) return loop();
    const before = active;
    active = value;
    run.depth++;
    const checked = check(value);
    run.depth--;
    active = before;
    return checked;
  };
}

function resolveReference(
  root: JsonSchema,
  reference: string,
): { schema: JsonSchema; name: string } | undefined {
  if (!reference.startsWith("#")) return undefined;
  let current: Json | undefined = root as Json;
  let name = "";
  for (const part of reference.slice(1).split("/").slice(1)) {
    name = decodePart(part);
    if (Array.isArray(current)) current = current[Number(name)];
    else if (isObject(current) && Object.hasOwn(current, name)) {
      current = (current as JsonObject)[name];
    } else return undefined;
  }
  return isSchema(current) ? { schema: current, name } : undefined;
}

function decodePart(part: string): string {
  const plain = part.replaceAll("~1", "/").replaceAll("~0", "~");
  try {
    return decodeURIComponent(plain);
  } catch {
    return plain;
  }
}

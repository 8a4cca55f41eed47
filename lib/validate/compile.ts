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
  type Place,
  Run,
  schemaList,
} from "./run.ts";
import { checkBoolean, checkInteger, checkNull, checkNumber, checkString } from "./scalars.ts";
import { checkTagged, checkUnion } from "./unions.ts";
import type { Checked, Violation } from "./violation.ts";

/** Options of {@link compileSchema}. */
export interface CompileOptions {
  /**
   * `strict` (what a typed client may send: the JSON Schema holds) or `lax` (what Pydantic takes: `"1"` for an `int`).
   * @default {"strict"}
   */
  readonly mode?: "strict" | "lax";
  /** Told once for each pattern that cannot be checked; such a pattern accepts every text. */
  readonly warn?: (message: string) => void;
  /** The Python type as text, where it is known: it tells apart what looks the same in a schema (`float | str`). */
  readonly pythonType?: string;
}

/** A compiled JSON Schema. Both functions may be called as often as one likes. */
export interface SchemaValidator {
  /** The first violation, or nothing. */
  check(value: unknown): Violation | undefined;
  /** The value (coerced in lax mode; never changed in place), or the first violation. */
  parse(value: unknown): Checked;
}

/** How deep a value may be nested. */
const MAX_DEPTH = 500;

/**
 * Makes a validator of a JSON Schema as Pydantic emits it (2020-12, validation mode), whose violations are Pydantic's
 * first errors, word for word. Cheap: the closures of a schema are built when a value first reaches it.
 *
 * Values are what {@link parseJson} gives: integers beyond 2^53 as `bigint`. Patterns run in linear or counted time, and
 * recursive schemas end.
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
    check: (inner, place = INLINE) => lazily(() => build(compiler, inner, place, references)),
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
  place: Place,
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
  const main = buildMain(compiler, schema, place);
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

/** The one keyword that says what kind of value it is. */
function buildMain(compiler: Compiler, schema: JsonObject, place: Place): Check | undefined {
  if (Object.hasOwn(schema, "const") || Array.isArray(schema["enum"])) {
    return checkLiteral(compiler, schema, place);
  }
  const oneOf = schemaList(keyword(schema, "oneOf"));
  const union = oneOf.length > 0 ? oneOf : schemaList(keyword(schema, "anyOf"));
  if (union.length > 0) return checkTagged(compiler, schema) ?? checkUnion(compiler, union);
  const type = keyword(schema, "type");
  if (Array.isArray(type)) {
    const types = type.filter((name) => typeof name === "string");
    return checkUnion(compiler, types.map((name) => ({ ...schema, type: name })));
  }
  return buildType(compiler, schema, typeof type === "string" ? type : impliedType(schema), place);
}

// A schema by hand may leave the type out; its keywords then hold for that type only, which Pydantic never writes.
function impliedType(schema: JsonObject): string | undefined {
  if (isObject(schema["properties"])) return "object";
  return Array.isArray(schema["prefixItems"]) ? "array" : undefined;
}

function buildType(
  compiler: Compiler,
  schema: JsonObject,
  type: string | undefined,
  place: Place,
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
      return checkObject(compiler, schema, place);
    default:
      // "any" is pyRPC's word for no annotation.
      return undefined;
  }
}

/** What Pydantic does not emit but other writers of schemas do. */
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
      `The reference ${JSON.stringify(reference)} leads nowhere: every value is accepted`,
    );
    return accept;
  }
  const check = compiler.check(target.schema, { isNamed: true, definition: target.name });
  const loop = () => run.fail("recursion_loop", "Recursion error - cyclic reference detected");
  // A reference that comes back to itself without going down into the value would never end.
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

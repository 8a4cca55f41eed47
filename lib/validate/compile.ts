import { type JsonObject, type JsonSchema, keyword, schemaList } from "../contract/mod.ts";
import { checkAssertions, checkRawConstraints } from "./assertions.ts";
import { checkConditions } from "./conditions.ts";
import { checkArray, checkObject } from "./containers.ts";
import { checkLiteral, literalValues } from "./literals.ts";
import { resolveReference } from "./references.ts";
import { type Check, type Compiler, FAIL, INLINE, Run, type SchemaPosition } from "./run.ts";
import { checkBoolean, checkInteger, checkNull, checkNumber, checkString } from "./scalars.ts";
import { checkUnevaluated } from "./unevaluated.ts";
import { checkAlternatives, checkExactlyOne, checkTagged, checkUnion } from "./unions.ts";
import type { Checked, Violation } from "./violation.ts";

/** Options of {@link compileSchema}. */
export interface CompileOptions {
  /**
   * `strict` validates like a typed client (the JSON Schema), `lax` like Pydantic (`"1"` is valid for an `int`).
   * @default {"strict"}
   */
  readonly mode?: "strict" | "lax";
  /** Called once for each pattern or reference that cannot be validated; it accepts every value. */
  readonly warn?: (message: string) => void;
  /** The Python type as text, if known: distinguishes types with the same schema (`float | str`). */
  readonly pythonType?: string;
  /** The document that references are resolved in. @default {the schema} */
  readonly root?: JsonSchema;
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
  const compiler = createCompiler(options.root ?? schema, run, options);
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

function createCompiler(root: JsonSchema, run: Run, options: CompileOptions): Compiler {
  const warned = new Set<string>();
  const references = new Map<JsonSchema, Check>();
  let strict: Compiler | undefined;
  let lax: Compiler | undefined;
  const compiler: Compiler = {
    root,
    lax: options.mode === "lax",
    run,
    pythonType: options.pythonType,
    warn(message) {
      if (warned.has(message)) return;
      warned.add(message);
      options.warn?.(message);
    },
    check: (inner, position = INLINE) => lazily(() => build(compiler, inner, position, references)),
    test(inner) {
      strict ??= compiler.lax
        ? createCompiler(root, run, { ...options, mode: "strict" })
        : compiler;
      const check = strict.check(inner);
      return (value) => run.test(check, value);
    },
    checkName(inner) {
      lax ??= compiler.lax ? compiler : createCompiler(root, run, { ...options, mode: "lax" });
      return lax.check(inner);
    },
    resolve: (reference, from) => resolveReference(root, reference, from),
  };
  return compiler;
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
  references: Map<JsonSchema, Check>,
): Check {
  const { run } = compiler;
  if (schema === true) return accept;
  if (schema === false) {
    return () => run.fail("value_error", "Value error, no value is allowed here");
  }
  const checks: Check[] = [];
  const reference = keyword(schema, "$ref");
  if (typeof reference === "string") {
    checks.push(checkReference(compiler, reference, schema, references));
  }
  checks.push(
    ...buildMain(compiler, schema, position),
    ...schemaList(keyword(schema, "allOf")).map((member) => compiler.check(member)),
    ...checkRawConstraints(compiler, schema),
    ...checkConditions(compiler, schema),
    ...checkUnevaluated(compiler, schema),
  );
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

/** Builds the checks of the keywords that determine the type, and of those beside them. */
function buildMain(compiler: Compiler, schema: JsonObject, position: SchemaPosition): Check[] {
  const values = literalValues(schema);
  if (values !== undefined) {
    const { type, ...others } = schema;
    const rest = [
      ...(type === undefined ? [] : [buildType(compiler, { type }, position)]),
      checkAssertions(compiler, others, { position, isWrapped: true }),
      ...buildUnions(compiler, schema),
    ].filter((check) => check !== undefined);
    const literal = checkLiteral(compiler, schema, values, position);
    // Pydantic writes the type beside the values: it never adds anything.
    const counts = rest.filter((check) =>
      !values.every((value) => compiler.run.test(check, value))
    );
    return [literal, ...counts];
  }
  const unions = buildUnions(compiler, schema);
  const isWrapped = unions.length > 0 || typeof keyword(schema, "$ref") === "string";
  const own = buildType(compiler, schema, position);
  if (own !== undefined) return [own, ...unions];
  const rest = checkAssertions(compiler, schema, { position, isWrapped });
  return rest === undefined ? unions : [...unions, rest];
}

function buildUnions(compiler: Compiler, schema: JsonObject): Check[] {
  const oneOf = schemaList(keyword(schema, "oneOf"));
  const anyOf = schemaList(keyword(schema, "anyOf"));
  if (oneOf.length === 0 && anyOf.length === 0) return [];
  const tagged = checkTagged(compiler, schema);
  if (tagged !== undefined) return [tagged];
  return [
    ...(oneOf.length > 0 ? [checkExactlyOne(compiler, oneOf)] : []),
    ...(anyOf.length > 0 ? [checkUnion(compiler, anyOf)] : []),
  ];
}

/** Builds the check of `type` with the keywords of that type; undefined without one. */
function buildType(
  compiler: Compiler,
  schema: JsonObject,
  position: SchemaPosition,
): Check | undefined {
  const type = keyword(schema, "type");
  if (!Array.isArray(type)) return buildOneType(compiler, schema, type, position);
  const types = type.filter((name) => typeof name === "string");
  return checkAlternatives(
    compiler,
    types.map((name) => ({
      schema: { ...schema, type: name },
      check: buildOneType(compiler, schema, name, position) ?? accept,
    })),
  );
}

function buildOneType(
  compiler: Compiler,
  schema: JsonObject,
  type: unknown,
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

function checkReference(
  compiler: Compiler,
  reference: string,
  from: JsonObject,
  references: Map<JsonSchema, Check>,
): Check {
  const { run } = compiler;
  const target = compiler.resolve(reference, from);
  if (target === undefined) {
    compiler.warn(
      `The reference ${JSON.stringify(reference)} cannot be resolved: every value is accepted`,
    );
    return accept;
  }
  const cached = references.get(target.schema);
  if (cached !== undefined) return cached;
  const check = compiler.check(target.schema, { isNamed: true, definition: target.name });
  const loop = () => run.fail("recursion_loop", "Recursion error - cyclic reference detected");
  // A reference that returns to itself without descending into the value would not terminate.
  let active: unknown = loop;
  const followed: Check = (value) => {
    if (active === value || !run.countReference() || run.depth > MAX_DEPTH) return loop();
    const before = active;
    active = value;
    run.depth++;
    const checked = check(value);
    run.depth--;
    active = before;
    return checked;
  };
  // Booleans are not unique to a definition.
  if (typeof target.schema === "object") references.set(target.schema, followed);
  return followed;
}

import { type Json, type JsonSchema, keyword, schemaList } from "../contract/mod.ts";
import { isObject } from "../is_object.ts";
import { labelOf } from "./labels.ts";
import { pythonRepr } from "./python_repr.ts";
import { type Check, type Compiler, Exactness, FAIL, type Run } from "./run.ts";
import { checkDecimal } from "./scalars.ts";
import { isDecimalUnion, tagValues } from "./union_shapes.ts";

/** Validates `anyOf`, and `oneOf` without a discriminator: Pydantic's "smart" unions, optional types and decimals. */
export function checkUnion(compiler: Compiler, members: readonly JsonSchema[]): Check {
  const others = members.filter((member) => !isNull(member));
  const inner = checkMembers(compiler, others);
  if (others.length === members.length) return inner;
  if (others.length === 0) return compiler.check({ type: "null" });
  return (value) => value === null ? null : inner(value);
}

/** A member of a union with its check. */
export interface Alternative {
  readonly schema: JsonSchema;
  readonly check: Check;
}

/** Validates a list of types, of which any may match. */
export function checkAlternatives(compiler: Compiler, members: readonly Alternative[]): Check {
  const others = members.filter(({ schema }) => !isNull(schema));
  const [first] = others;
  if (first === undefined) return compiler.check({ type: "null" });
  const inner = others.length === 1 ? first.check : checkSmart(compiler, others, first.schema);
  return others.length === members.length ? inner : (value) => value === null ? null : inner(value);
}

/**
 * Validates `oneOf` without a discriminator: exactly one member must match. Several models may, because Pydantic
 * describes a union with a discriminator function in this way.
 */
export function checkExactlyOne(compiler: Compiler, members: readonly JsonSchema[]): Check {
  const { run } = compiler;
  const [first] = members;
  if (first === undefined) return compiler.check(false);
  const any = checkSmart(
    compiler,
    members.map((schema) => ({ schema, check: compiler.check(schema) })),
    first,
  );
  const tests = members.map((schema) => compiler.test(schema));
  const areModels = members.map((schema) => isModel(compiler, schema));
  return (value) => {
    const checked = any(value);
    if (checked === FAIL) return FAIL;
    const matching = tests.flatMap((test, index) => test(value) ? [index] : []);
    return matching.length < 2 || matching.every((index) => areModels[index]) ? checked : run.fail(
      "value_error",
      `Value error, the value matches ${matching.length} alternatives, but only 1 is allowed`,
    );
  };
}

function isModel(compiler: Compiler, schema: JsonSchema): boolean {
  const reference = keyword(schema, "$ref");
  if (typeof reference !== "string") return false;
  const target = compiler.resolve(reference, schema)?.schema ?? false;
  return keyword(target, "title") !== undefined && isObject(keyword(target, "properties"));
}

function isNull(schema: JsonSchema): boolean {
  return keyword(schema, "type") === "null";
}

function checkMembers(compiler: Compiler, members: readonly JsonSchema[]): Check {
  const [first] = members;
  if (first === undefined) return compiler.check(false);
  if (members.length === 1) return compiler.check(first);
  if (isDecimalUnion(compiler, members)) return checkDecimal(compiler, first);
  // A `Fraction` has the schema of a union, but is a single type.
  const fraction = members.find((member) => keyword(member, "format") === "fraction");
  if (fraction !== undefined && members.length === 2 && keyword(first, "type") === "number") {
    return checkFraction(compiler, fraction);
  }
  if (isByteSize(members)) return checkByteSize(compiler);
  return checkSmart(
    compiler,
    members.map((schema) => ({ schema, check: compiler.check(schema) })),
    first,
  );
}

function checkFraction(compiler: Compiler, fraction: JsonSchema): Check {
  const text = compiler.check(fraction);
  return (value) => typeof value === "number" || typeof value === "bigint" ? value : text(value);
}

const BYTE_SIZE = "^\\s*(\\d*\\.?\\d+)\\s*(\\w+)?";

function isByteSize(members: readonly JsonSchema[]): boolean {
  const [size] = members;
  return size !== undefined && members.length === 2 && keyword(size, "pattern") === BYTE_SIZE;
}

/** Validates Pydantic's `ByteSize`: `"10MB"` or a number of bytes. */
function checkByteSize({ run, lax }: Compiler): Check {
  const wrong = () => run.fail("byte_size", "could not parse value and unit from byte string");
  return (value) => {
    if (typeof value === "number" || typeof value === "bigint") {
      return value >= 0 && Number(value) % 1 === 0 ? value : wrong();
    }
    // Pydantic converts it to an integer.
    if (lax && typeof value === "boolean") return Number(value);
    if (typeof value !== "string") return wrong();
    const match = /^\s*(\d*\.?\d+)\s*([\p{L}\p{N}_]+)?/u.exec(value);
    if (match === null) return wrong();
    const unit = match[2];
    return unit === undefined || /^([kmgtpe]i?)?(b|bit)$|^[kmgtpe]i?$/i.test(unit)
      ? value
      : run.fail("byte_size_unit", `could not interpret byte unit: ${unit}`);
  };
}

// Tries all members. The first exact match wins, then the one with the most fields, then the most exact one.
function checkSmart(
  compiler: Compiler,
  members: readonly Alternative[],
  first: JsonSchema,
): Check {
  const { run, lax } = compiler;
  const checks = members.map(({ check }) => check);
  // Only errors contain the label, so that it is computed at the first error.
  let label: string | undefined;
  const failWithFirst = (failure: Failure | undefined): typeof FAIL => {
    if (failure === undefined) return FAIL;
    run.fail(failure.type, failure.message);
    run.path.push(...failure.path);
    return run.at(label ??= labelOf(compiler, first));
  };
  return lax ? checkBest(run, checks, failWithFirst) : checkFirst(run, checks, failWithFirst);
}

/** The error of a member of a union. */
interface Failure {
  readonly type: string;
  readonly message: string;
  readonly path: readonly (string | number)[];
}

function failureOf({ type, message, path }: Run): Failure {
  return { type, message, path: [...path] };
}

function checkFirst(
  run: Run,
  checks: readonly Check[],
  failWithFirst: (failure: Failure | undefined) => typeof FAIL,
): Check {
  return (value) => {
    let failure: Failure | undefined;
    for (const check of checks) {
      const checked = check(value);
      if (checked !== FAIL) return checked;
      failure ??= failureOf(run);
    }
    return failWithFirst(failure);
  };
}

function checkBest(
  run: Run,
  checks: readonly Check[],
  failWithFirst: (failure: Failure | undefined) => typeof FAIL,
): Check {
  return (value) => {
    const [exactness, fieldsSet] = [run.exactness, run.fieldsSet];
    let best: Match | undefined;
    let failure: Failure | undefined;
    for (const check of checks) {
      run.exactness = Exactness.Exact;
      run.fieldsSet = undefined;
      const checked = check(value);
      if (checked === FAIL) {
        failure ??= failureOf(run);
        continue;
      }
      const found = { value: checked, exactness: run.exactness, fields: run.fieldsSet };
      if (best === undefined || isBetter(found, best)) best = found;
      if (found.exactness === Exactness.Exact && found.fields === undefined) break;
    }
    run.exactness = exactness;
    run.fieldsSet = fieldsSet;
    if (best === undefined) return failWithFirst(failure);
    run.floor(best.exactness);
    if (best.fields !== undefined) run.fieldsSet = (fieldsSet ?? 0) + best.fields;
    return best.value;
  };
}

/** A value that a member of a union accepted. */
interface Match {
  readonly value: unknown;
  readonly exactness: Exactness;
  readonly fields: number | undefined;
}

function isBetter(a: Match, b: Match): boolean {
  if (a.fields !== undefined && b.fields !== undefined && a.fields !== b.fields) {
    return a.fields > b.fields;
  }
  return a.exactness > b.exactness;
}

interface Tag {
  readonly value: Json;
  readonly label: string;
  readonly check: Check;
}

/** Validates `oneOf` with a discriminator; undefined if the discriminator cannot be resolved. */
export function checkTagged(compiler: Compiler, schema: JsonSchema): Check | undefined {
  const { run, lax } = compiler;
  const discriminator = keyword(schema, "discriminator");
  if (!isObject(discriminator)) return undefined;
  const property = discriminator["propertyName"];
  if (typeof property !== "string") return undefined;
  const tags = tagsOf(compiler, schema, property, discriminator["mapping"]);
  if (tags === undefined) return undefined;
  const expected = tags.map((tag) => pythonRepr(tag.value)).join(", ");
  return (value) => {
    if (!isObject(value)) {
      return run.fail(
        "model_attributes_type",
        "Input should be a valid dictionary or object to extract fields from",
      );
    }
    if (!Object.hasOwn(value, property)) {
      return run.fail(
        "union_tag_not_found",
        `Unable to extract tag using discriminator '${property}'`,
      );
    }
    const found = value[property];
    // In Python True == 1.
    const key = lax && typeof found === "boolean" ? Number(found) : found;
    const tag = tags.find((one) => one.value === key);
    if (tag === undefined) {
      const shown = typeof found === "string" ? found : pythonRepr(found);
      return run.fail(
        "union_tag_invalid",
        `Input tag '${shown}' found using '${property}' does not match any of the expected tags: ${expected}`,
      );
    }
    const checked = tag.check(value);
    return checked === FAIL ? run.at(tag.label) : checked;
  };
}

function tagsOf(
  compiler: Compiler,
  schema: JsonSchema,
  property: string,
  mapping: unknown,
): Tag[] | undefined {
  const tags: Tag[] = [];
  const add = (value: Json, member: JsonSchema) =>
    tags.push({
      value,
      label: typeof value === "string" ? value : pythonRepr(value),
      check: compiler.check(member),
    });
  if (isObject(mapping)) {
    for (const [key, reference] of Object.entries(mapping)) {
      if (typeof reference !== "string") return undefined;
      const target = compiler.resolve(reference);
      if (target === undefined) return undefined;
      // Keys of the mapping are strings; the model shows the type of the tag.
      const value = tagValues(compiler, target.schema, property)?.find((one) =>
        String(one) === key
      );
      add(value ?? key, { $ref: reference });
    }
    // JavaScript moves numeric keys to the front: restore the order of the members.
    const order = schemaList(keyword(schema, "oneOf"))
      .flatMap((member) => tagValues(compiler, member, property) ?? []);
    const rank = ({ value }: Tag) => order.includes(value) ? order.indexOf(value) : order.length;
    return tags.sort((a, b) => rank(a) - rank(b));
  }
  for (const member of schemaList(keyword(schema, "oneOf"))) {
    const values = tagValues(compiler, member, property);
    if (values === undefined) return undefined;
    for (const value of values) add(value, member);
  }
  return tags;
}

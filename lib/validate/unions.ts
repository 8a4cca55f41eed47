import type { Json, JsonSchema } from "../contract/mod.ts";
import { labelOf } from "./labels.ts";
import { pythonRepr } from "./python_repr.ts";
import {
  type Check,
  type Compiler,
  Exactness,
  FAIL,
  isBareType,
  isObject,
  keyword,
  schemaList,
} from "./run.ts";
import { checkDecimal } from "./scalars.ts";

/** `anyOf`, and `oneOf` without a discriminator: Pydantic's unions in "smart" mode, optional types and decimals. */
export function checkUnion(compiler: Compiler, members: readonly JsonSchema[]): Check {
  const others = members.filter((member) => !isNull(member));
  const inner = checkMembers(compiler, others);
  if (others.length === members.length) return inner;
  if (others.length === 0) return compiler.check({ type: "null" });
  return (value) => value === null ? null : inner(value);
}

function isNull(schema: JsonSchema): boolean {
  return keyword(schema, "type") === "null";
}

function checkMembers(compiler: Compiler, members: readonly JsonSchema[]): Check {
  if (members.length === 1) return compiler.check(members[0]!);
  if (isDecimal(compiler, members)) return checkDecimal(compiler, members[0]!);
  // A `Fraction` is described as a union but is none.
  const fraction = members.find((member) => keyword(member, "format") === "fraction");
  if (fraction !== undefined && members.length === 2 && keyword(members[0]!, "type") === "number") {
    return checkFraction(compiler, fraction);
  }
  if (isByteSize(members)) return checkByteSize(compiler);
  return checkSmart(compiler, members);
}

function checkFraction(compiler: Compiler, fraction: JsonSchema): Check {
  const text = compiler.check(fraction);
  return (value) => typeof value === "number" || typeof value === "bigint" ? value : text(value);
}

const BYTE_SIZE = "^\\s*(\\d*\\.?\\d+)\\s*(\\w+)?";

function isByteSize(members: readonly JsonSchema[]): boolean {
  return members.length === 2 && keyword(members[0]!, "pattern") === BYTE_SIZE;
}

/** Pydantic's `ByteSize`: `"10MB"` or a number of bytes. */
function checkByteSize({ run }: Compiler): Check {
  const wrong = () => run.fail("byte_size", "could not parse value and unit from byte string");
  return (value) => {
    if (typeof value === "number" || typeof value === "bigint") {
      return value >= 0 && Number(value) % 1 === 0 ? value : wrong();
    }
    if (typeof value !== "string") return wrong();
    const match = /^\s*(\d*\.?\d+)\s*([\p{L}\p{N}_]+)?/u.exec(value);
    if (match === null) return wrong();
    const unit = match[2];
    return unit === undefined || /^([kmgtpe]i?)?(b|bit)$|^[kmgtpe]i?$/i.test(unit)
      ? value
      : run.fail("byte_size_unit", `could not interpret byte unit: ${unit}`);
  };
}

/**
 * Whether a union is how Pydantic describes a `Decimal`: a number or a text. `float | str` looks the same; only the
 * Python type of a parameter tells them apart, where it is known and says so.
 */
export function isDecimal(
  { pythonType }: Pick<Compiler, "pythonType">,
  members: readonly JsonSchema[],
): boolean {
  const [number, text] = members;
  if (members.length !== 2 || number === undefined || text === undefined) return false;
  if (keyword(number, "type") !== "number" || keyword(text, "type") !== "string") return false;
  const pattern = keyword(text, "pattern");
  if (typeof pattern === "string") return pattern.startsWith("^(?!^[-+.]*$)[+-]?0*");
  return isBareType(text, "string") && !(pythonType !== undefined && /\bfloat\b/.test(pythonType) &&
    !pythonType.includes("Decimal"));
}

// All members are tried; the first exact one wins, else the one with the most fields, else the most exact one.
function checkSmart(compiler: Compiler, members: readonly JsonSchema[]): Check {
  const { run, lax } = compiler;
  const checks = members.map((member) => compiler.check(member));
  // Labels are words for errors only: made when there is one.
  let firstLabel: string | undefined;
  const label = () => firstLabel ??= labelOf(compiler, members[0]!);
  if (!lax) {
    return (value) => {
      let first: [string, string, (string | number)[]] | undefined;
      for (const check of checks) {
        const checked = check(value);
        if (checked !== FAIL) return checked;
        first ??= [run.type, run.message, [...run.path]];
      }
      return failAgain(first!);
    };
  }
  function failAgain([type, message, path]: [string, string, (string | number)[]]): typeof FAIL {
    run.fail(type, message);
    run.path.push(...path);
    return run.at(label());
  }
  return (value) => {
    const [exactness, fieldsSet] = [run.exactness, run.fieldsSet];
    let best: { value: unknown; exactness: Exactness; fields: number | undefined } | undefined;
    let first: [string, string, (string | number)[]] | undefined;
    for (const check of checks) {
      run.exactness = Exactness.Exact;
      run.fieldsSet = undefined;
      const checked = check(value);
      if (checked === FAIL) {
        first ??= [run.type, run.message, [...run.path]];
        continue;
      }
      const found = { value: checked, exactness: run.exactness, fields: run.fieldsSet };
      if (best === undefined || isBetter(found, best)) best = found;
      if (found.exactness === Exactness.Exact && found.fields === undefined) break;
    }
    run.exactness = exactness;
    run.fieldsSet = fieldsSet;
    if (best === undefined) return failAgain(first!);
    run.floor(best.exactness);
    if (best.fields !== undefined) run.fieldsSet = (fieldsSet ?? 0) + best.fields;
    return best.value;
  };
}

type Match = { readonly exactness: Exactness; readonly fields: number | undefined };

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

/** `oneOf` with a discriminator; nothing where that cannot be read. */
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
    // In Python True is 1.
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
      // The mapping's keys are texts; the model tells whether the tag is one.
      const value = tagValues(compiler, target.schema, property)?.find((one) =>
        String(one) === key
      );
      add(value ?? key, { $ref: reference });
    }
    // JavaScript moves keys that are numbers to the front: the order is that of the members.
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

/** The values that a model allows for its tag. */
export function tagValues(
  compiler: Pick<Compiler, "resolve">,
  model: JsonSchema,
  property: string,
  depth = 0,
): readonly Json[] | undefined {
  if (depth > 10) return undefined;
  const reference = keyword(model, "$ref");
  if (typeof reference === "string") {
    const target = compiler.resolve(reference);
    return target === undefined
      ? undefined
      : tagValues(compiler, target.schema, property, depth + 1);
  }
  const members = schemaList(keyword(model, "oneOf") ?? keyword(model, "anyOf"));
  if (members.length > 0) {
    return members.flatMap((member) => tagValues(compiler, member, property, depth + 1) ?? []);
  }
  const properties = keyword(model, "properties");
  if (!isObject(properties) || !Object.hasOwn(properties, property)) return undefined;
  let tag = properties[property] as JsonSchema;
  const tagReference = keyword(tag, "$ref");
  if (typeof tagReference === "string") tag = compiler.resolve(tagReference)?.schema ?? {};
  const constant = keyword(tag, "const");
  if (constant !== undefined) return [constant];
  const values = keyword(tag, "enum");
  return Array.isArray(values) ? values as readonly Json[] : undefined;
}

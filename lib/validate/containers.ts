import {
  countKeyword,
  isSchema,
  type JsonSchema,
  keyword,
  memberSchemas,
  nameList,
  schemaList,
} from "../contract/mod.ts";
import { counted } from "../counted.ts";
import { isObject } from "../is_object.ts";
import { compilePattern, type PatternTest } from "./pattern/mod.ts";
import { type Check, type Compiler, FAIL, type Run, type SchemaPosition } from "./run.ts";
import { canonicalJson } from "./canonical_json.ts";

/** Validates lists, sets and tuples, which are arrays in JSON. */
export function checkArray(compiler: Compiler, schema: JsonSchema): Check {
  if (isSchema(keyword(schema, "prefixItems")) || Array.isArray(keyword(schema, "prefixItems"))) {
    return checkTuple(compiler, schema);
  }
  const { run, lax } = compiler;
  const items = keyword(schema, "items");
  const item = isSchema(items) ? compiler.check(items) : undefined;
  const least = countKeyword(schema, "minItems");
  const most = countKeyword(schema, "maxItems");
  const isSet = keyword(schema, "uniqueItems") === true;
  // A tuple of any length has the schema of a list, except for the empty tuple.
  const isTuple = !isSet && items === undefined && most === 0 || isTupleType(compiler, schema);
  const isFrozen = isSet && /^(?:typing\.)?[fF]rozen_?[sS]et\[/.test(compiler.pythonType ?? "") &&
    schema === compiler.root;
  const Kind = isFrozen ? "Frozenset" : isSet ? "Set" : isTuple ? "Tuple" : "List";
  const type = isFrozen ? "frozen_set_type" : `${Kind.toLowerCase()}_type`;
  return (value) => {
    if (!Array.isArray(value)) {
      return run.fail(type, `Input should be a valid ${Kind.toLowerCase()}`);
    }
    if (!isSet && most !== undefined && value.length > most) {
      return tooLong(run, Kind, most, String(value.length));
    }
    let checked = item === undefined ? value : checkItems(run, value, item);
    if (checked === FAIL && item !== undefined) {
      // Pydantic reports a set as too long once it has read that many distinct items, even if others are invalid.
      const [type, message, path] = [run.type, run.message, [...run.path]];
      if (isSet && most !== undefined && countFitting(value, item) > most) {
        return tooLong(run, Kind, most, "more");
      }
      run.fail(type, message);
      run.path.push(...path);
      return FAIL;
    }
    let count = (checked as readonly unknown[]).length;
    if (isSet) {
      const unique = uniqueItems(checked as readonly unknown[]);
      if (!lax && unique.length < count && hasRepeats(value)) {
        return run.failWith(NOT_UNIQUE);
      }
      if (lax && unique.length < count) {
        checked = unique;
        count = unique.length;
      }
      if (most !== undefined && count > most) return tooLong(run, Kind, most, "more");
    }
    if (least !== undefined && count < least) {
      return run.fail(
        "too_short",
        `${Kind} should have at least ${counted(least, "item")} after validation, not ${count}`,
      );
    }
    return checked;
  };
}

const NOT_UNIQUE = {
  type: "set_items_not_unique",
  message: "Items of the set should be unique",
};

function isTupleType({ root, pythonType }: Compiler, schema: JsonSchema): boolean {
  if (pythonType === undefined || !/^(?:typing\.)?(?:Optional\[)?[tT]uple\[/.test(pythonType)) {
    return false;
  }
  return schema === root || schemaList(keyword(root, "anyOf"))[0] === schema;
}

function tooLong(run: Run, kind: string, most: number, found: string): typeof FAIL {
  return run.fail(
    "too_long",
    `${kind} should have at most ${counted(most, "item")} after validation, not ${found}`,
  );
}

function checkItems(run: Run, values: readonly unknown[], item: Check): unknown {
  let copy: unknown[] | undefined;
  for (let index = 0; index < values.length; index++) {
    const checked = item(values[index]);
    if (checked === FAIL) return run.at(index);
    if (checked !== values[index]) copy ??= [...values];
    if (copy !== undefined) copy[index] = checked;
  }
  return copy ?? values;
}

function countFitting(values: readonly unknown[], item: Check): number {
  return uniqueItems(values.map(item).filter((checked) => checked !== FAIL)).length;
}

function hasRepeats(values: readonly unknown[]): boolean {
  return uniqueItems(values).length < values.length;
}

function uniqueItems(values: readonly unknown[]): unknown[] {
  const seen = new Set<unknown>();
  return values.filter((value) => {
    // No other value is equal to this text.
    const key = typeof value === "object" && value !== null ? `\0${canonicalJson(value)}` : value;
    if (seen.has(key)) return false;
    seen.add(key);
    return true;
  });
}

function checkTuple(compiler: Compiler, schema: JsonSchema): Check {
  const { run } = compiler;
  const checks = schemaList(keyword(schema, "prefixItems")).map((item) => compiler.check(item));
  const items = keyword(schema, "items");
  const rest = isSchema(items) && items !== false ? compiler.check(items) : undefined;
  const least = countKeyword(schema, "minItems") ?? 0;
  const most = mostItems(countKeyword(schema, "maxItems"), items, checks.length);
  const isUnique = keyword(schema, "uniqueItems") === true;
  return (value) => {
    if (!Array.isArray(value)) return run.fail("tuple_type", "Input should be a valid tuple");
    if (most !== undefined && value.length > most) {
      return tooLong(run, "Tuple", most, String(value.length));
    }
    let copy: unknown[] | undefined;
    for (let index = 0; index < Math.max(value.length, Math.min(least, checks.length)); index++) {
      if (index >= value.length) {
        run.fail("missing", "Field required");
        return run.at(index);
      }
      const check = checks[index] ?? rest;
      if (check === undefined) continue;
      const checked = check(value[index]);
      if (checked === FAIL) return run.at(index);
      if (checked !== value[index]) copy ??= [...value];
      if (copy !== undefined) copy[index] = checked;
    }
    if (value.length < least) {
      return run.fail(
        "too_short",
        `Tuple should have at least ${
          counted(least, "item")
        } after validation, not ${value.length}`,
      );
    }
    if (isUnique && hasRepeats(value)) return run.failWith(NOT_UNIQUE);
    return copy ?? value;
  };
}

function mostItems(
  most: number | undefined,
  items: unknown,
  prefix: number,
): number | undefined {
  return items === false ? Math.min(prefix, most ?? prefix) : most;
}

interface Member {
  readonly name: string;
  readonly isRequired: boolean;
  readonly check: Check;
}

/** Validates models and dictionaries, which are objects in JSON. */
export function checkObject(
  compiler: Compiler,
  schema: JsonSchema,
  position: SchemaPosition,
  isUntyped = false,
): Check {
  return isUntyped || HANDWRITTEN.some((name) => keyword(schema, name) !== undefined)
    ? checkModel(compiler, schema, position)
    : checkDictionary(compiler, schema);
}

/** Keywords that Pydantic does not emit for dictionaries. */
const HANDWRITTEN = [
  "properties",
  "required",
  "dependentRequired",
  "dependentSchemas",
  "unevaluatedProperties",
];

/** Returns the class name of a schema: its title or the name of its definition, else "Model". */
export function className(schema: JsonSchema, position: SchemaPosition): string {
  const title = keyword(schema, "title");
  return position.isNamed && typeof title === "string" ? title : position.definition ?? (
    typeof title === "string" ? title : "Model"
  );
}

function checkModel(compiler: Compiler, schema: JsonSchema, position: SchemaPosition): Check {
  const { run } = compiler;
  const undeclared = new Set(requiredNames(schema));
  const members: Member[] = propertiesInOrder(schema).map(([name, property]) => ({
    name,
    isRequired: undeclared.delete(name),
    check: compiler.check(property),
  }));
  const message = `Input should be a valid dictionary or instance of ${
    className(schema, position)
  }`;
  const extras = checkExtras(compiler, schema, new Set(members.map(({ name }) => name)));
  const size = checkSize(run, schema);
  return (value) => {
    if (!isObject(value)) return run.fail("model_type", message);
    let copy: Record<string, unknown> | undefined;
    let fields = 0;
    for (const member of members) {
      const { name } = member;
      if (!Object.hasOwn(value, name)) {
        if (!member.isRequired) continue;
        run.fail("missing", "Field required");
        return run.at(name);
      }
      fields++;
      const checked = member.check(value[name]);
      if (checked === FAIL) return run.at(name);
      if (checked !== value[name]) (copy ??= { ...value })[name] = checked;
    }
    // Only a handwritten schema requires members that it does not declare.
    for (const name of undeclared) {
      if (Object.hasOwn(value, name)) continue;
      run.fail("missing", "Field required");
      return run.at(name);
    }
    if (extras !== undefined) {
      const checked = extras(copy ?? value);
      if (checked === FAIL) return FAIL;
      copy = checked as Record<string, unknown>;
    }
    if (size !== undefined && !size(value)) return FAIL;
    run.fieldsSet = (run.fieldsSet ?? 0) + fields;
    return copy ?? value;
  };
}

/**
 * Returns the properties in the order in which Pydantic validates them. Servers that sort keys keep the order of
 * `required`, so that required properties change places.
 */
function propertiesInOrder(schema: JsonSchema): readonly (readonly [string, JsonSchema])[] {
  const properties = memberSchemas(schema, "properties");
  const byName = new Map(properties);
  const required = requiredNames(schema).filter((name) => byName.has(name));
  const isRequired = new Set(required);
  let next = 0;
  return properties.map(([name, property]) => {
    const other = isRequired.has(name) ? required[next++] : undefined;
    return other === undefined ? [name, property] : [other, byName.get(other) ?? property];
  });
}

/** Validates names, members that match a pattern, and members that are not declared. */
function checkExtras(
  compiler: Compiler,
  schema: JsonSchema,
  declared: ReadonlySet<string>,
): ((value: Readonly<Record<string, unknown>>) => unknown) | undefined {
  const { run } = compiler;
  const patterns = patternChecks(compiler, schema);
  const additional = keyword(schema, "additionalProperties");
  const isOpen = additional !== false;
  const extra = isObject(additional) ? compiler.check(additional as JsonSchema) : undefined;
  const names = keyword(schema, "propertyNames");
  const key = isSchema(names) ? compiler.checkName(names) : undefined;
  if (isOpen && extra === undefined && patterns.length === 0 && key === undefined) return undefined;
  return (value) => {
    let copy: Record<string, unknown> | undefined;
    for (const name of Object.keys(value)) {
      if (key !== undefined && key(name) === FAIL) {
        run.at("[key]");
        return run.at(name);
      }
      if (patterns.length === 0 && declared.has(name)) continue;
      const checks = patterns.filter((pattern) => pattern.test(name)).map(({ check }) => check);
      if (checks.length === 0 && !declared.has(name)) {
        if (!isOpen) {
          run.fail("extra_forbidden", "Extra inputs are not permitted");
          return run.at(name);
        }
        if (extra !== undefined) checks.push(extra);
      }
      for (const check of checks) {
        const checked = check(value[name]);
        if (checked === FAIL) return run.at(name);
        if (checked !== value[name]) (copy ??= { ...value })[name] = checked;
      }
    }
    return copy ?? value;
  };
}

function requiredNames(schema: JsonSchema): readonly string[] {
  return nameList(keyword(schema, "required"));
}

interface PatternCheck {
  readonly source: string;
  readonly test: PatternTest;
  readonly check: Check;
}

function patternChecks(compiler: Compiler, schema: JsonSchema): PatternCheck[] {
  return memberSchemas(schema, "patternProperties").map(([source, property]) => {
    const test = compilePattern(source, compiler.warn);
    if (test === undefined) {
      compiler.warn(`The pattern ${JSON.stringify(source)} cannot be read: every key is accepted`);
    }
    return { source, test: test ?? (() => true), check: compiler.check(property) };
  });
}

function checkDictionary(compiler: Compiler, schema: JsonSchema): Check {
  const { run } = compiler;
  const keys = keyword(schema, "propertyNames");
  const keySchema = isObject(keys) && !Object.hasOwn(keys, "type") && !Object.hasOwn(keys, "$ref")
    ? { type: "string", ...keys } as JsonSchema
    : keys;
  const key = isSchema(keySchema) ? compiler.checkName(keySchema) : undefined;
  const patterns = patternChecks(compiler, schema);
  const additional = keyword(schema, "additionalProperties");
  const item = isObject(additional) ? compiler.check(additional as JsonSchema) : undefined;
  const isClosed = additional === false;
  const required = requiredNames(schema);
  const size = checkSize(run, schema);
  return (value) => {
    if (!isObject(value)) return run.fail("dict_type", "Input should be a valid dictionary");
    let copy: Record<string, unknown> | undefined;
    for (const name of required) {
      if (Object.hasOwn(value, name)) continue;
      run.fail("missing", "Field required");
      return run.at(name);
    }
    if (key !== undefined || item !== undefined || patterns.length > 0 || isClosed) {
      for (const name of Object.keys(value)) {
        if (key !== undefined && key(name) === FAIL) {
          run.at("[key]");
          return run.at(name);
        }
        const checks = patterns.filter((pattern) => pattern.test(name)).map((pattern) =>
          pattern.check
        );
        const [first] = patterns;
        if (first !== undefined && checks.length === 0 && item === undefined) {
          // Pydantic's dictionary with a pattern for its keys: every key must match.
          run.fail(
            "string_pattern_mismatch",
            `String should match pattern '${first.source}'`,
          );
          run.at("[key]");
          return run.at(name);
        }
        if (checks.length === 0 && isClosed) {
          run.fail("extra_forbidden", "Extra inputs are not permitted");
          return run.at(name);
        }
        if (checks.length === 0 && item !== undefined) checks.push(item);
        for (const check of checks) {
          const checked = check(value[name]);
          if (checked === FAIL) return run.at(name);
          if (checked !== value[name]) (copy ??= { ...value })[name] = checked;
        }
      }
    }
    if (size !== undefined && !size(value)) return FAIL;
    return copy ?? value;
  };
}

function checkSize(run: Run, schema: JsonSchema): ((value: object) => boolean) | undefined {
  const least = countKeyword(schema, "minProperties");
  const most = countKeyword(schema, "maxProperties");
  if (least === undefined && most === undefined) return undefined;
  return (value) => {
    const count = Object.keys(value).length;
    if (least !== undefined && count < least) {
      run.fail(
        "too_short",
        `Dictionary should have at least ${counted(least, "item")} after validation, not ${count}`,
      );
      return false;
    }
    if (most !== undefined && count > most) {
      tooLong(run, "Dictionary", most, "more");
      return false;
    }
    return true;
  };
}

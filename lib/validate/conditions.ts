import {
  countKeyword,
  isSchema,
  type Json,
  type JsonObject,
  type JsonSchema,
  keyword,
  memberSchemas,
  nameList,
} from "../contract/mod.ts";
import { counted } from "../counted.ts";
import { isObject } from "../is_object.ts";
import type { Check, Compiler } from "./run.ts";

/** Builds the checks of keywords that compare a value with other schemas. Pydantic emits none of them. */
export function checkConditions(compiler: Compiler, schema: JsonObject): Check[] {
  return [
    checkNot(compiler, schema),
    checkIf(compiler, schema),
    checkContains(compiler, schema),
    checkDependentRequired(compiler, schema),
    ...dependentSchemas(schema).map(([name, member]): Check => {
      const check = compiler.check(member);
      return (value) => hasMember(value, name) ? check(value) : value;
    }),
  ].filter((check) => check !== undefined);
}

/** Returns the schemas of `dependentSchemas`, and of `dependencies` of earlier drafts. */
export function dependentSchemas(
  schema: JsonObject,
): readonly (readonly [string, JsonSchema])[] {
  return [
    ...memberSchemas(schema, "dependentSchemas"),
    ...memberSchemas(schema, "dependencies"),
  ];
}

/** Returns true for an object with the member. */
export function hasMember(value: unknown, name: string): boolean {
  return isObject(value) && Object.hasOwn(value, name);
}

function checkNot(compiler: Compiler, schema: JsonObject): Check | undefined {
  const not = keyword(schema, "not");
  if (!isSchema(not)) return undefined;
  const test = compiler.test(not);
  return (value) =>
    test(value)
      ? compiler.run.fail("value_error", "Value error, the value is one of those excluded")
      : value;
}

function checkIf(compiler: Compiler, schema: JsonObject): Check | undefined {
  const condition = keyword(schema, "if");
  if (!isSchema(condition)) return undefined;
  const branch = (name: string): Check | undefined => {
    const member = keyword(schema, name);
    return isSchema(member) ? compiler.check(member) : undefined;
  };
  const [then, otherwise] = [branch("then"), branch("else")];
  if (then === undefined && otherwise === undefined) return undefined;
  const test = compiler.test(condition);
  return (value) => {
    const check = test(value) ? then : otherwise;
    return check === undefined ? value : check(value);
  };
}

function checkContains(compiler: Compiler, schema: JsonObject): Check | undefined {
  const contains = keyword(schema, "contains");
  if (!isSchema(contains)) return undefined;
  const test = compiler.test(contains);
  const least = countKeyword(schema, "minContains") ?? 1;
  const most = countKeyword(schema, "maxContains") ?? Infinity;
  const fail = (bound: string, count: number) =>
    compiler.run.fail("value_error", `Value error, List should contain ${bound}, not ${count}`);
  return (value) => {
    if (!Array.isArray(value)) return value;
    let count = 0;
    for (const item of value) if (test(item)) count++;
    if (count < least) return fail(`at least ${counted(least, "matching item")}`, count);
    if (count > most) return fail(`at most ${counted(most, "matching item")}`, count);
    return value;
  };
}

function checkDependentRequired({ run }: Compiler, schema: JsonObject): Check | undefined {
  const rules = ["dependentRequired", "dependencies"].flatMap((name) => {
    const value = keyword(schema, name);
    if (!isObject(value)) return [];
    return Object.entries(value as JsonObject).map((
      [member, names],
    ): [string, readonly string[]] => [
      member,
      nameList(names as Json),
    ]);
  });
  if (rules.length === 0) return undefined;
  return (value) => {
    if (!isObject(value)) return value;
    for (const [member, names] of rules) {
      if (!Object.hasOwn(value, member)) continue;
      const missing = names.find((name) => !Object.hasOwn(value, name));
      if (missing === undefined) continue;
      run.fail("missing", "Field required");
      return run.at(missing);
    }
    return value;
  };
}

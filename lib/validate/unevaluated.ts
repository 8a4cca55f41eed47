import {
  isSchema,
  type JsonObject,
  type JsonSchema,
  keyword,
  memberSchemas,
  schemaList,
} from "../contract/mod.ts";
import { isObject } from "../is_object.ts";
import { dependentSchemas, hasMember } from "./conditions.ts";
import { compilePattern } from "./pattern/mod.ts";
import { type Check, type Compiler, FAIL } from "./run.ts";

/** Adds the keys or indices of a valid value that a schema evaluates. */
type Evaluate = (value: unknown, evaluated: Set<string | number>) => void;

/** Builds the checks of `unevaluatedProperties` and `unevaluatedItems`. */
export function checkUnevaluated(compiler: Compiler, schema: JsonObject): Check[] {
  return (["unevaluatedProperties", "unevaluatedItems"] as const).flatMap((name) => {
    const rest = keyword(schema, name);
    if (!isSchema(rest)) return [];
    const check = rest === false ? undefined : compiler.check(rest);
    const evaluate = new Evaluations(compiler, name, schema).of(schema);
    return [remainderCheck(compiler, name, evaluate, check)];
  });
}

function remainderCheck(
  { run }: Compiler,
  name: "unevaluatedProperties" | "unevaluatedItems",
  evaluate: Evaluate,
  check: Check | undefined,
): Check {
  return (value) => {
    if (name === "unevaluatedItems" ? !Array.isArray(value) : !isObject(value)) return value;
    const evaluated = new Set<string | number>();
    evaluate(value, evaluated);
    for (const [key, member] of membersOf(value)) {
      if (evaluated.has(key)) continue;
      if (check === undefined) {
        run.fail("extra_forbidden", "Extra inputs are not permitted");
        return run.at(key);
      }
      if (check(member) === FAIL) return run.at(key);
    }
    return value;
  };
}

function membersOf(value: unknown): readonly (readonly [string | number, unknown])[] {
  if (Array.isArray(value)) return value.map((item, index) => [index, item] as const);
  return isObject(value) ? Object.entries(value) : [];
}

class Evaluations {
  readonly #compiler: Compiler;
  readonly #name: "unevaluatedProperties" | "unevaluatedItems";
  readonly #owner: JsonObject;
  readonly #built = new Map<JsonSchema, Evaluate>();

  /** @param owner The schema with the keyword, which is not applied yet. */
  constructor(
    compiler: Compiler,
    name: "unevaluatedProperties" | "unevaluatedItems",
    owner: JsonObject,
  ) {
    this.#compiler = compiler;
    this.#name = name;
    this.#owner = owner;
  }

  /** Built when a value first reaches the schema, because references may be recursive. */
  of(schema: JsonSchema): Evaluate {
    if (typeof schema !== "object") return () => {};
    return (value, evaluated) => {
      let built = this.#built.get(schema);
      if (built === undefined) {
        built = this.#build(schema);
        this.#built.set(schema, built);
      }
      built(value, evaluated);
    };
  }

  #build(schema: JsonObject): Evaluate {
    const parts = [
      this.#name === "unevaluatedItems" ? this.#items(schema) : this.#properties(schema),
      ...this.#applicators(schema),
    ];
    return (value, evaluated) => {
      for (const part of parts) part(value, evaluated);
    };
  }

  #hasRest(schema: JsonObject, keywordOfRest: string): boolean {
    return isSchema(keyword(schema, keywordOfRest)) ||
      schema !== this.#owner && isSchema(keyword(schema, this.#name));
  }

  #properties(schema: JsonObject): Evaluate {
    if (this.#hasRest(schema, "additionalProperties")) {
      return (value, evaluated) => {
        if (isObject(value)) { for (const key of Object.keys(value)) evaluated.add(key); }
      };
    }
    const names = new Set(memberSchemas(schema, "properties").map(([name]) => name));
    const patterns = memberSchemas(schema, "patternProperties")
      .map(([source]) => compilePattern(source) ?? (() => true));
    return (value, evaluated) => {
      if (!isObject(value)) return;
      for (const key of Object.keys(value)) {
        if (names.has(key) || patterns.some((test) => test(key))) evaluated.add(key);
      }
    };
  }

  #items(schema: JsonObject): Evaluate {
    const count = this.#hasRest(schema, "items")
      ? Infinity
      : schemaList(keyword(schema, "prefixItems")).length;
    const contains = keyword(schema, "contains");
    const test = isSchema(contains) ? this.#compiler.test(contains) : () => false;
    return (value, evaluated) => {
      if (!Array.isArray(value)) return;
      value.forEach((item, index) => {
        if (index < count || test(item)) evaluated.add(index);
      });
    };
  }

  #applicators(schema: JsonObject): Evaluate[] {
    const reference = keyword(schema, "$ref");
    const target = typeof reference === "string"
      ? this.#compiler.resolve(reference, schema)?.schema
      : undefined;
    const always = [
      ...(target === undefined ? [] : [target]),
      ...schemaList(keyword(schema, "allOf")),
    ];
    const alternatives = [
      ...schemaList(keyword(schema, "anyOf")),
      ...schemaList(keyword(schema, "oneOf")),
    ];
    return [
      ...always.map((member) => this.of(member)),
      ...alternatives.map((member) => this.#when(this.#compiler.test(member), member)),
      ...dependentSchemas(schema).map(([name, member]) =>
        this.#when((value) => hasMember(value, name), member)
      ),
      ...this.#branches(schema),
    ];
  }

  #branches(schema: JsonObject): Evaluate[] {
    const condition = keyword(schema, "if");
    if (!isSchema(condition)) return [];
    const test = this.#compiler.test(condition);
    const branch = (name: string) => {
      const member = keyword(schema, name);
      return isSchema(member) ? member : true;
    };
    return [
      this.#when(test, condition),
      this.#when(test, branch("then")),
      this.#when((value) => !test(value), branch("else")),
    ];
  }

  #when(test: (value: unknown) => boolean, schema: JsonSchema): Evaluate {
    const evaluate = this.of(schema);
    return (value, evaluated) => {
      if (test(value)) evaluate(value, evaluated);
    };
  }
}

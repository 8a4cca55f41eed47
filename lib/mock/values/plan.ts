import type { Json, JsonObject, JsonSchema } from "../../contract/mod.ts";
import { canonicalJson, compileSchema } from "../../validate/mod.ts";
import { dictionaryEntries } from "./dictionary.ts";
import { fittedText } from "./fitted_text.ts";
import { textForFormat } from "./formats.ts";
import { type Hint, hintOf, itemHint, mentions } from "./hints.ts";
import { DEEPEST, isDeep, type Make } from "./making.ts";
import { numberLimits } from "./number_limits.ts";
import { numberMaker } from "./numbers.ts";
import { PAGE_LISTS } from "./page_lists.ts";
import { patternText } from "./pattern_text.ts";
import { integerBetween, pick } from "./random.ts";
import { rangesOf, sortRanges } from "./ranges.ts";
import { Scene } from "./scene.ts";
import { SchemaCosts } from "./schema_costs.ts";
import {
  isJsonObject,
  isSchema,
  keyword,
  memberSchemas,
  numberKeyword,
  resolveReference,
  schemaList,
  setMember,
  withDefinitions,
} from "./schema_nodes.ts";
import { anyText, textMaker } from "./texts.ts";

/** Maximum nesting of a reference in itself. */
const MAX_RECURSION = 2;
const ATTEMPTS = 200;
/** Attempts at different items in lists that need not be unique. */
const UNLIKE = 10;
const NULL_SHARE = 0.12;
/** Names of rare events, which are mostly null: `deleted_at`, `cancelled_at`. */
const RARE = ["deleted", "archived", "cancelled", "canceled", "banned", "revoked", "error"];
const RARE_NULL_SHARE = 0.85;
const DEFAULT_SHARE = 0.25;

/** Makes the plan of a document: closures, each built on first use. */
export function planOf(root: JsonSchema, name = ""): Make {
  return new Planner(root).plan(root, hintOf(name, "", undefined), true);
}

class Planner {
  readonly #root: JsonSchema;
  readonly #references = new Map<string, Make>();
  readonly #costs: SchemaCosts;

  constructor(root: JsonSchema) {
    this.#root = root;
    this.#costs = new SchemaCosts(root);
  }

  plan(schema: JsonSchema, hint: Hint, isTop = false): Make {
    let make: Make | undefined;
    return (making) => (make ??= this.#build(schema, hint, isTop))(making);
  }

  #build(schema: JsonSchema, hint: Hint, isTop: boolean): Make {
    if (typeof schema !== "object") return anything(hint);
    const example = this.#examples(schema);
    const own = this.#buildOwn(schema, this.#describe(schema, hint), isTop);
    if (example.length === 0) return own;
    return ({ random }) => pick(random, example);
  }

  #describe(schema: JsonObject, hint: Hint): Hint {
    const description = keyword(schema, "description");
    return typeof description === "string"
      ? { ...hint, description: description.toLowerCase() }
      : hint;
  }

  /** Valid examples in the schema, which are the most realistic values. */
  #examples(schema: JsonObject): readonly Json[] {
    const examples = keyword(schema, "examples");
    if (!Array.isArray(examples) || examples.length === 0) return [];
    const validator = this.#validator(schema);
    return (examples as readonly Json[]).filter((example) =>
      validator.check(example) === undefined
    );
  }

  /** A validator of an inner schema, with the document's definitions. */
  #validator(schema: JsonSchema) {
    return compileSchema(withDefinitions(schema, keyword(this.#root, "$defs")));
  }

  #buildOwn(schema: JsonObject, hint: Hint, isTop: boolean): Make {
    const reference = keyword(schema, "$ref");
    if (typeof reference === "string") return this.#reference(reference, hint, isTop);
    const constant = keyword(schema, "const");
    if (constant !== undefined) return () => constant;
    const values = keyword(schema, "enum");
    if (Array.isArray(values) && values.length > 0) {
      return ({ random }) => pick(random, values as readonly Json[]);
    }
    const parts = schemaList(keyword(schema, "allOf"));
    if (parts.length > 0) return this.#merged(schema, parts, hint, isTop);
    const options = schemaList(keyword(schema, "oneOf") ?? keyword(schema, "anyOf"));
    if (options.length > 0) return this.#union(options, hint, isTop);
    const type = keyword(schema, "type");
    if (Array.isArray(type)) {
      const types = (type as readonly Json[]).filter((name) => typeof name === "string");
      return this.#union(types.map((name) => ({ ...schema, type: name })), hint, isTop);
    }
    switch (type ?? (isJsonObject(keyword(schema, "properties")) ? "object" : undefined)) {
      case "null":
        return () => null;
      case "boolean":
        return flag(hint);
      case "integer":
      case "number":
        return this.#number(schema, hint);
      case "string":
        return this.#text(schema, hint);
      case "array":
        return this.#list(schema, hint, isTop);
      case "object":
        return this.#object(schema, hint, isTop);
      default:
        return anything(hint);
    }
  }

  #reference(reference: string, hint: Hint, isTop: boolean): Make {
    const target = resolveReference(this.#root, reference);
    if (target === undefined) return anything(hint);
    // A definition that is not a model gets its hint from the reference.
    const isModel = isJsonObject(keyword(target.schema, "properties"));
    const key = isModel ? reference : `${reference} ${hint.name} ${isTop}`;
    let make = this.#references.get(key);
    if (make === undefined) {
      const own = this.plan(
        target.schema,
        isModel ? hintOf("", target.name, undefined) : hint,
        isTop,
      );
      let inside = 0;
      make = (making) => {
        if (making.depth > DEEPEST) return null;
        inside++;
        const before = making.budget;
        // Nested in itself too often: the rest becomes as small as possible.
        if (inside > MAX_RECURSION) making.budget = Math.min(making.budget, 0);
        making.depth++;
        const value = own(making);
        making.depth--;
        if (inside > MAX_RECURSION) making.budget = before;
        inside--;
        return value;
      };
      this.#references.set(key, make);
    }
    return make;
  }

  #merged(schema: JsonObject, parts: readonly JsonSchema[], hint: Hint, isTop: boolean): Make {
    const { allOf: _, ...rest } = schema as Record<string, Json>;
    let merged: Record<string, Json> = rest;
    for (const part of parts) {
      const reference = keyword(part, "$ref");
      const target = typeof reference === "string"
        ? resolveReference(this.#root, reference)?.schema
        : part;
      if (!isJsonObject(target)) continue;
      const { properties, required, ...others } = target as Record<string, Json>;
      merged = { ...merged, ...others };
      if (isJsonObject(properties)) {
        merged["properties"] = {
          ...(isJsonObject(merged["properties"]) ? merged["properties"] : {}),
          ...properties,
        };
      }
      if (Array.isArray(required)) {
        const before = Array.isArray(merged["required"])
          ? merged["required"] as readonly Json[]
          : [];
        merged["required"] = [...before, ...required as readonly Json[]];
      }
    }
    return this.plan(merged, hint, isTop);
  }

  #union(options: readonly JsonSchema[], hint: Hint, isTop: boolean): Make {
    const others = options.filter((option) => keyword(option, "type") !== "null");
    const hasNull = others.length < options.length;
    const isDecimal =
      others.map((option) => keyword(option, "type")).join(" or ") === "number or string";
    // The most common adapter prints a Decimal as a number.
    const chosen = isDecimal ? others.slice(0, 1) : others;
    const makes = chosen.map((option) => this.plan(option, hint, isTop));
    const costs = chosen.map((option) => this.#costs.of(option));
    const cheapest = makes[costs.indexOf(Math.min(...costs))];
    if (cheapest === undefined) return () => null;
    const nullShare = mentions(hint, ...RARE) ? RARE_NULL_SHARE : NULL_SHARE;
    return (making) => {
      if (isDeep(making)) return hasNull ? null : cheapest(making);
      // The result itself is not null by chance, since a null shows nothing.
      if (hasNull && !isTop && making.random() < nullShare) return null;
      const make = pick(making.random, makes);
      return costs.includes(Infinity) && making.depth > 2 ? cheapest(making) : make(making);
    };
  }

  #number(schema: JsonObject, hint: Hint): Make {
    const make = numberMaker(numberLimits(schema), hint);
    return ({ random }) => make(random) ?? 0;
  }

  #text(schema: JsonObject, hint: Hint): Make {
    if (keyword(schema, "contentMediaType") === "application/json") {
      const content = keyword(schema, "contentSchema");
      const inner = this.plan(isSchema(content) ? content : {}, hint);
      return (making) => JSON.stringify(inner(making));
    }
    const lengths = {
      min: numberKeyword(schema, "minLength") ?? 0,
      max: numberKeyword(schema, "maxLength") ?? Infinity,
    };
    const format = keyword(schema, "format");
    const pattern = keyword(schema, "pattern");
    const validator = this.#validator(schema);
    const fits = (text: string) => validator.check(text) === undefined;
    const fromPattern = typeof pattern === "string" ? patternText(pattern, lengths) : undefined;
    const byName = textMaker(hint);
    const isFree = format === undefined && pattern === undefined && lengths.min === 0 &&
      lengths.max === Infinity;
    return ({ random, scene }) => {
      const formatted = typeof format === "string"
        ? textForFormat(format, hint, random, scene)
        : undefined;
      const named = formatted ?? byName?.(random, scene) ?? anyText(random);
      if (isFree || fits(named)) return named;
      if (fromPattern !== undefined) {
        let text = "";
        for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
          text = fromPattern(random);
          if (fits(text)) return text;
        }
        return text;
      }
      return fittedText(named, {
        lengths,
        random,
        fits,
        format: typeof format === "string" ? format : undefined,
      });
    };
  }

  #list(schema: JsonObject, hint: Hint, isTop: boolean): Make {
    const prefix = schemaList(keyword(schema, "prefixItems")).map((item) =>
      this.plan(item, itemHint(hint))
    );
    const items = keyword(schema, "items");
    const item = items === false || (items === undefined && prefix.length > 0)
      ? undefined
      : this.plan(isSchema(items) ? items : {}, itemHint(hint));
    const isUnique = keyword(schema, "uniqueItems") === true;
    // A pair of one type is sorted.
    const isRange = mentions(hint, "range", "interval", "bounds", "span") && prefix.length === 2;
    const least = numberKeyword(schema, "minItems") ?? 0;
    const most = numberKeyword(schema, "maxItems") ??
      (item === undefined ? prefix.length : Infinity);
    return (making) => {
      const { random } = making;
      const wanted = isTop && making.listLength !== undefined
        ? making.listLength
        : integerBetween(random, 1, 3);
      const count = isDeep(making) ? least : Math.min(most, Math.max(least, wanted, prefix.length));
      making.depth++;
      const list: Json[] = [];
      const seen = new Set<string>();
      for (let attempt = 0; list.length < count && attempt < count + ATTEMPTS; attempt++) {
        const make = prefix[list.length] ?? item;
        if (make === undefined || making.depth > DEEPEST) break;
        making.budget--;
        const scene = making.scene;
        making.scene = new Scene(random);
        const value = make(making);
        making.scene = scene;
        if (isUnique) {
          const key = canonicalJson(value);
          if (seen.has(key)) continue;
          seen.add(key);
        } else if (typeof value === "string") {
          // A repeated tag looks like a mistake, but there may be only one possible word.
          if (seen.has(value) && attempt < count + UNLIKE) continue;
          seen.add(value);
        }
        list.push(value);
      }
      making.depth--;
      if (isRange && list.every((value) => typeof value === "number")) list.sort((a, b) => a - b);
      return list;
    };
  }

  #object(schema: JsonObject, hint: Hint, isTop: boolean): Make {
    const title = keyword(schema, "title");
    const owner = typeof title === "string" && isJsonObject(keyword(schema, "properties"))
      ? title
      : hint.owner.join(" ") || hint.name;
    const required = keyword(schema, "required");
    const names = new Set(Array.isArray(required) ? required as readonly Json[] : []);
    const members = memberSchemas(schema, "properties").map(([name, member]) => ({
      name,
      isRequired: names.delete(name),
      make: this.plan(
        member,
        hintOf(name, owner, keyword(member, "description")),
        isTop && PAGE_LISTS.has(name),
      ),
      fallback: this.#defaultOf(member),
      cost: this.#costs.of(member),
    }));
    const additional = keyword(schema, "additionalProperties");
    const isOpen = additional !== false;
    const extra = isSchema(additional) && additional !== true ? additional : undefined;
    for (const name of names) {
      if (typeof name !== "string") continue;
      const make = this.plan(extra ?? {}, hintOf(name, owner, undefined));
      members.push({ name, isRequired: true, make, fallback: undefined, cost: 0 });
    }
    const least = numberKeyword(schema, "minProperties") ?? 0;
    const most = numberKeyword(schema, "maxProperties") ?? Infinity;
    const isDictionary = members.length === 0 && isOpen;
    const entries = dictionaryEntries(schema, hint, (inner, own) => this.plan(inner, own));
    const ranges = rangesOf(memberSchemas(schema, "properties"));
    return (making) => {
      const object: Record<string, Json> = {};
      const { random, scene: around } = making;
      making.depth++;
      if (making.depth > 1) making.scene = new Scene(random);
      for (const { name, isRequired, make, fallback, cost } of members) {
        making.budget--;
        if (!isRequired) {
          if (fallback !== undefined && (isDeep(making) || random() < DEFAULT_SHARE)) {
            setMember(object, name, fallback());
            continue;
          }
          if (isDeep(making) && cost > 0) continue;
        }
        setMember(object, name, make(making));
      }
      sortRanges(object, ranges);
      let count = Object.keys(object).length;
      const wanted = isDictionary && !isDeep(making) ? integerBetween(random, 2, 3) : 0;
      const target = Math.min(most, Math.max(least, count + wanted));
      for (
        let attempt = 0;
        count < target && attempt < ATTEMPTS && making.depth <= DEEPEST;
        attempt++
      ) {
        making.budget--;
        const [key, value] = entries(making);
        if (Object.hasOwn(object, key)) continue;
        setMember(object, key, value);
        count++;
      }
      making.scene = around;
      making.depth--;
      return object;
    };
  }

  /** The default of a member if it fits, which Pydantic does not check. */
  #defaultOf(member: JsonSchema): (() => Json) | undefined {
    const value = keyword(member, "default");
    if (value === undefined || this.#validator(member).check(value) !== undefined) return undefined;
    return () => value;
  }
}

function anything(hint: Hint): Make {
  const byName = textMaker(hint);
  return ({ random, scene }) => byName?.(random, scene) ?? anyText(random);
}

function flag(hint: Hint): Make {
  const share = mentions(hint, "is", "active", "enabled", "available", "ok", "valid") ? 0.8 : 0.5;
  return ({ random }) => random() < share;
}

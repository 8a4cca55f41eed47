import {
  countKeyword,
  isJsonObject,
  isSchema,
  type Json,
  type JsonObject,
  type JsonSchema,
  keyword,
  schemaList,
} from "../../contract/mod.ts";
import { stringifyJson } from "../../json/mod.ts";
import { compileSchema, resolveReference, type SchemaValidator } from "../../validate/mod.ts";
import { alternativesOf, isComposite, needsTrials } from "./alternatives.ts";
import { bigIntegerWithin } from "./big_integers.ts";
import { candidatesOf } from "./candidates.ts";
import { isDecimal } from "./dictionary.ts";
import { fittedText } from "./fitted_text.ts";
import { patternsOf, typesOf, valuesOf, withStandardNames } from "./flat_schema.ts";
import { textForFormat } from "./formats.ts";
import { type Hint, hintOf, mentions } from "./hints.ts";
import { listMake } from "./list_plan.ts";
import { DEEPEST, isDeep, type Make, type Planner } from "./making.ts";
import { bigLimits, numberLimits } from "./number_limits.ts";
import { numberMaker } from "./numbers.ts";
import { objectMake } from "./object_plan.ts";
import { patternsText } from "./pattern_text.ts";
import { pick } from "./random.ts";
import { SchemaCosts } from "./schema_costs.ts";
import { anyText, textMaker } from "./texts.ts";

/** Maximum nesting of a reference in itself. */
const MAX_RECURSION = 2;
const ATTEMPTS = 200;
/** Attempts at one value of a schema that needs trials. */
const TRIALS = 30;
const NULL_SHARE = 0.12;
/** Names of rare events, which are mostly null: `deleted_at`, `cancelled_at`. */
const RARE = ["deleted", "archived", "cancelled", "canceled", "banned", "revoked", "error"];
const RARE_NULL_SHARE = 0.85;

/** Makes the plan of a document: closures, each built on first use. */
export function planOf(root: JsonSchema, name = ""): Make {
  return new SchemaPlanner(root).plan(root, hintOf(name, "", undefined), true);
}

class SchemaPlanner implements Planner {
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
    const own = this.#tried(schema, this.#buildOwn(schema, this.#describe(schema, hint), isTop));
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
    const validator = this.validator(schema);
    return (examples as readonly Json[]).filter((example) =>
      validator.check(example) === undefined
    );
  }

  validator(schema: JsonSchema): SchemaValidator {
    return compileSchema(schema, { root: this.#root });
  }

  costOf(schema: JsonSchema): number {
    return this.#costs.of(schema);
  }

  /** Repeats the generation until the value fits, if a plan alone does not ensure that. */
  #tried(schema: JsonObject, make: Make): Make {
    if (!isComposite(schema) && !needsTrials(schema)) return make;
    const validator = this.validator(schema);
    let candidates: readonly Json[] | undefined;
    return (making) => {
      let value = make(making);
      for (let attempt = 0; validator.check(value) !== undefined; attempt++) {
        if (attempt >= TRIALS || making.trials.left-- <= 0) {
          candidates ??= candidatesOf(this.#root, schema)
            .filter((candidate) => validator.check(candidate) === undefined);
          return candidates.length === 0 ? value : pick(making.random, candidates);
        }
        value = make(making);
      }
      return value;
    };
  }

  #buildOwn(schema: JsonObject, hint: Hint, isTop: boolean): Make {
    if (isComposite(schema)) return this.#composite(schema, hint, isTop);
    const reference = keyword(schema, "$ref");
    if (typeof reference === "string") return this.#reference(schema, reference, hint, isTop);
    const options = schemaList(keyword(schema, "oneOf") ?? keyword(schema, "anyOf"));
    if (options.length > 0) return this.#union(options, hint, isTop);
    return this.#flat(schema, hint, isTop);
  }

  /** The plan of a schema with conditions: of one of its alternatives. */
  #composite(schema: JsonObject, hint: Hint, isTop: boolean): Make {
    const alternatives = alternativesOf(this.#root, schema);
    const makes = alternatives.map((one): Make =>
      typeof one === "object"
        ? this.#tried(one, this.#flat(one, this.#describe(one, hint), isTop))
        : anything(hint)
    );
    const costs = alternatives.map((one) => this.#costs.of(one));
    const cheapest = makes[costs.indexOf(Math.min(...costs))];
    if (cheapest === undefined) return anything(hint);
    return (making) => isDeep(making) ? cheapest(making) : pick(making.random, makes)(making);
  }

  /** The plan of a schema without references and alternatives. */
  #flat(written: JsonObject, hint: Hint, isTop: boolean): Make {
    const schema = withStandardNames(written);
    const values = valuesOf(schema);
    if (values !== undefined) return this.#value(schema, values);
    const types = typesOf(schema);
    const [type] = types;
    if (type === undefined) return anything(hint);
    if (types.length > 1) {
      return this.#union(types.map((name) => ({ ...schema, type: name })), hint, isTop);
    }
    switch (type) {
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
        return listMake({ schema, hint, isTop }, this);
      case "object":
        return objectMake({ schema, hint, isTop }, this);
      default:
        return anything(hint);
    }
  }

  #value(schema: JsonObject, values: readonly Json[]): Make {
    const validator = this.validator(schema);
    const valid = values.filter((value) => validator.check(value) === undefined);
    const [first = null] = valid;
    if (valid.length === 0 || keyword(schema, "const") !== undefined) return () => first;
    return ({ random }) => pick(random, valid);
  }

  #reference(schema: JsonObject, reference: string, hint: Hint, isTop: boolean): Make {
    const target = resolveReference(this.#root, reference, schema);
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

  #union(options: readonly JsonSchema[], hint: Hint, isTop: boolean): Make {
    const others = options.filter((option) => keyword(option, "type") !== "null");
    const hasNull = others.length < options.length;
    // The most common adapter prints a Decimal as a number.
    const chosen = isDecimal(others.map((option) => keyword(option, "type")))
      ? others.slice(0, 1)
      : others;
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
    const big = bigLimits(schema);
    if (big !== undefined) return ({ random }) => bigIntegerWithin(big, random) ?? 0;
    const make = numberMaker(numberLimits(schema), hint);
    return ({ random }) => make(random) ?? 0;
  }

  #text(schema: JsonObject, hint: Hint): Make {
    if (keyword(schema, "contentMediaType") === "application/json") {
      const content = keyword(schema, "contentSchema");
      const inner = this.plan(isSchema(content) ? content : {}, hint);
      return (making) => stringifyJson(inner(making));
    }
    const lengths = {
      min: countKeyword(schema, "minLength") ?? 0,
      max: countKeyword(schema, "maxLength") ?? Infinity,
    };
    const format = keyword(schema, "format");
    const patterns = patternsOf(schema);
    const validator = this.validator({
      ...schema,
      allOf: patterns.map((pattern) => ({ pattern })),
    });
    const fits = (text: string) => validator.check(text) === undefined;
    const fromPattern = patternsText(patterns, lengths);
    const byName = textMaker(hint);
    const isFree = format === undefined && patterns.length === 0 && lengths.min === 0 &&
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

  /** The default of a member if it fits, which Pydantic does not check. */
  defaultOf(member: JsonSchema): (() => Json) | undefined {
    const value = keyword(member, "default");
    if (value === undefined || this.validator(member).check(value) !== undefined) return undefined;
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

import {
  isJsonObject,
  isSchema,
  type Json,
  type JsonObject,
  type JsonSchema,
  keyword,
  memberSchemas,
  schemaList,
} from "../../contract/mod.ts";
import { compileSchema, resolveReference } from "../../validate/mod.ts";
import type { Sampler } from "../values/mod.ts";
import { setMember, withDefinitions } from "../values/schema_nodes.ts";
import { bestOption } from "./best_option.ts";

/** Arguments of {@link completeExample}. */
export interface CompleteOptions {
  /** The schema of the result. */
  readonly schema: JsonSchema;
  readonly example: Json;
  /** The answer without the example, from which missing members are taken. */
  readonly sample: Json | undefined;
  /** Generates missing members that the sample does not have. */
  readonly sampler: Sampler;
  /** Distinguishes generated members of different examples. */
  readonly key: string;
}

/**
 * Fills the members of models that an example leaves out. Lists and dictionaries stay as long as they are; only their
 * items are filled.
 */
export function completeExample(options: CompleteOptions): Json {
  const { schema, example, sample } = options;
  return new Completer(options).fill(schema, { given: example, sample, path: "", depth: 0 });
}

/** A part of the example, and the part of the sample at the same path. */
interface Part<Given extends Json = Json> {
  readonly given: Given;
  readonly sample: Json | undefined;
  readonly path: string;
  readonly depth: number;
}

const MAX_DEPTH = 60;

class Completer {
  readonly #root: JsonSchema;
  readonly #definitions: Json | undefined;
  readonly #sampler: Sampler;
  readonly #key: string;

  constructor({ schema, sampler, key }: CompleteOptions) {
    this.#root = schema;
    this.#definitions = keyword(schema, "$defs");
    this.#sampler = sampler;
    this.#key = key;
  }

  fill(schema: JsonSchema, part: Part): Json {
    const { given, depth } = part;
    if (depth > MAX_DEPTH || typeof given !== "object" || given === null) return given;
    const deeper = { ...part, depth: depth + 1 };
    const reference = keyword(schema, "$ref");
    if (typeof reference === "string") {
      const target = resolveReference(this.#root, reference);
      return target === undefined ? given : this.fill(target.schema, deeper);
    }
    const options = schemaList(keyword(schema, "oneOf") ?? keyword(schema, "anyOf"));
    if (options.length > 0) {
      const option = bestOption(this.#root, options, given);
      return option === undefined ? given : this.fill(option, deeper);
    }
    return Array.isArray(given)
      ? this.#fillList(schema, { ...part, given: given as readonly Json[] })
      : this.#fillObject(schema, { ...part, given: given as JsonObject });
  }

  #fillList(schema: JsonSchema, { given, sample, path, depth }: Part<readonly Json[]>): Json {
    const items = keyword(schema, "items");
    const prefix = schemaList(keyword(schema, "prefixItems"));
    const samples: readonly Json[] = Array.isArray(sample) ? sample : [];
    return given.map((item, index) => {
      const one = prefix[index] ?? items;
      if (!isSchema(one)) return item;
      return this.fill(one, {
        given: item,
        sample: samples[index],
        path: `${path}.${index}`,
        depth: depth + 1,
      });
    });
  }

  #fillObject(schema: JsonSchema, { given, sample, path, depth }: Part<JsonObject>): Json {
    const filled: Record<string, Json> = {};
    const members = new Map(memberSchemas(schema, "properties"));
    const partOf = (name: string, value: Json, sample: Json | undefined): Part => {
      return { given: value, sample, path: `${path}.${name}`, depth: depth + 1 };
    };
    for (const [name, member] of members) {
      const value = ownMember(given, name);
      const sampleOf = isJsonObject(sample) ? ownMember(sample, name) : undefined;
      setMember(
        filled,
        name,
        value === undefined
          ? this.#missing(member, sampleOf, `${path}.${name}`)
          : this.fill(member, partOf(name, value, sampleOf)),
      );
    }
    const additional = keyword(schema, "additionalProperties");
    for (const [name, value] of Object.entries(given)) {
      if (members.has(name)) continue;
      setMember(
        filled,
        name,
        isSchema(additional) ? this.fill(additional, partOf(name, value, undefined)) : value,
      );
    }
    return filled;
  }

  #missing(member: JsonSchema, sample: Json | undefined, path: string): Json {
    const schema = withDefinitions(member, this.#definitions);
    return sample !== undefined && compileSchema(schema).check(sample) === undefined
      ? sample
      : this.#sampler.value(schema, `${this.#key}${path}`) ?? null;
  }
}

function ownMember(object: JsonObject, name: string): Json | undefined {
  return Object.hasOwn(object, name) ? object[name] : undefined;
}

import {
  countKeyword,
  isSchema,
  type Json,
  type JsonObject,
  type JsonSchema,
  keyword,
  memberSchemas,
  schemaList,
} from "../../contract/mod.ts";
import { resolveReference } from "../../validate/mod.ts";

/** The minimum depth of values of each schema in a document. */
export class SchemaCosts {
  readonly #root: JsonSchema;
  readonly #costs = new Map<JsonSchema, number>();

  constructor(root: JsonSchema) {
    this.#root = root;
  }

  /** The minimum depth of a value of the schema; infinite if it cannot end. */
  of(schema: JsonSchema): number {
    return this.#cost(schema, new Set());
  }

  #cost(schema: JsonSchema, inside: ReadonlySet<JsonSchema>): number {
    if (typeof schema !== "object") return 0;
    const cached = this.#costs.get(schema);
    if (cached !== undefined) return cached;
    if (inside.has(schema)) return Infinity;
    const cost = this.#costOf(schema, new Set([...inside, schema]));
    // A cost that a cycle cut off may be lower from another start.
    if (cost !== Infinity || inside.size === 0) this.#costs.set(schema, cost);
    return cost;
  }

  #costOf(schema: JsonObject, within: ReadonlySet<JsonSchema>): number {
    const reference = keyword(schema, "$ref");
    if (typeof reference === "string") {
      const target = resolveReference(this.#root, reference, schema);
      return target === undefined ? 0 : this.#cost(target.schema, within);
    }
    const options = schemaList(keyword(schema, "oneOf") ?? keyword(schema, "anyOf"));
    if (options.length > 0) return Math.min(...options.map((option) => this.#cost(option, within)));
    const inner: JsonSchema[] = [
      ...schemaList(keyword(schema, "allOf")),
      ...schemaList(keyword(schema, "prefixItems")),
    ];
    const required = keyword(schema, "required");
    const names = Array.isArray(required) ? required as readonly Json[] : [];
    for (const [name, member] of memberSchemas(schema, "properties")) {
      if (names.includes(name)) inner.push(member);
    }
    const items = keyword(schema, "items");
    if (isSchema(items) && (countKeyword(schema, "minItems") ?? 0) > 0) inner.push(items);
    return inner.length === 0
      ? 0
      : 1 + Math.max(...inner.map((member) => this.#cost(member, within)));
  }
}

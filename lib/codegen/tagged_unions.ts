import {
  type Direction,
  forEachSubschema,
  isJsonObject,
  type JsonObject,
  type JsonSchema,
  MAX_SCHEMA_DEPTH,
  type Model,
  type ModelGraph,
  ownMember,
  type SchemaDocument,
  tagOf,
} from "../contract/mod.ts";
import { freeName } from "./names.ts";

/** A discriminated union with a name: the backend's own, or a new one if several procedures and models contain it. */
export interface TaggedUnion {
  readonly schema: JsonObject;
  readonly document: SchemaDocument;
  readonly names: Readonly<Record<Direction, string>>;
  /** True if the names are those of a model. */
  readonly isModel: boolean;
}

/** The discriminated unions with a name. */
export interface TaggedUnions {
  /** Returns the union that a schema is; `undefined` if the schema is not one with a name. */
  find(schema: JsonObject, document: SchemaDocument): TaggedUnion | undefined;
}

/** A union with the procedures and models that contain it. */
interface Found {
  readonly schema: JsonObject;
  readonly document: SchemaDocument;
  readonly members: readonly Model[];
  readonly sites: Set<string | Model>;
  readonly directions: Set<Direction>;
}

function membersOf(
  schema: JsonObject,
  document: SchemaDocument,
  graph: ModelGraph,
): readonly Model[] | undefined {
  if (tagOf(schema) === undefined) return undefined;
  const members = ownMember(schema, "oneOf") ?? ownMember(schema, "anyOf");
  if (!Array.isArray(members) || members.length < 2) return undefined;
  const models: Model[] = [];
  for (const member of members) {
    const ref = isJsonObject(member) ? ownMember(member, "$ref") : undefined;
    const model = typeof ref === "string" ? graph.target(document, ref) : undefined;
    if (model === undefined) return undefined;
    models.push(model);
  }
  return models;
}

/**
 * Finds the discriminated unions that several procedures or models contain, and names them after their members:
 * `CardOrTransfer`. A union that the backend itself names is a model.
 */
export function findTaggedUnions(
  graph: ModelGraph,
  { uses, names, taken }: {
    readonly uses: Readonly<Record<Direction | "differing", ReadonlySet<Model>>>;
    readonly names: Readonly<Record<Direction, ReadonlyMap<Model, string>>>;
    /** Names in use; those of the unions are added. */
    readonly taken: Set<string>;
  },
): TaggedUnions {
  const numbers = new Map(graph.models.map((model, index) => [model, index]));
  const keyOf = (schema: JsonObject, members: readonly Model[]) =>
    JSON.stringify([tagOf(schema), ...members.map((model) => numbers.get(model) ?? -1)]);
  const found = new Map<string, Found>();
  const named = new Map<string, Model>();
  const visit = (
    schema: JsonSchema,
    document: SchemaDocument,
    site: string | Model,
    directions: readonly Direction[],
    depth = 0,
  ) => {
    if (typeof schema === "boolean" || depth > MAX_SCHEMA_DEPTH) return;
    const members = membersOf(schema, document, graph);
    if (members !== undefined) {
      const key = keyOf(schema, members);
      if (depth === 0 && typeof site !== "string") named.set(key, site);
      else {
        const union = found.get(key) ??
          { schema, document, members, sites: new Set(), directions: new Set() };
        found.set(key, union);
        union.sites.add(site);
        for (const direction of directions) union.directions.add(direction);
      }
    }
    forEachSubschema(
      schema,
      (subschema) => visit(subschema, document, site, directions, depth + 1),
    );
  };
  for (const document of graph.documents) {
    if (!graph.mayHaveTags(document) || graph.root(document) !== undefined) continue;
    const direction = document.parameter === undefined ? "output" : "input";
    visit(document.root, document, document.procedure, [direction]);
  }
  for (const model of graph.models) {
    if (!model.mayHaveTags) continue;
    const directions = (["input", "output"] as const).filter((each) => uses[each].has(model));
    visit(model.schema, model.document, model, directions);
  }

  const unions = new Map<string, TaggedUnion>();
  for (const [key, { schema, document, members, sites, directions }] of found) {
    const model = named.get(key);
    if (model !== undefined && [...directions].every((each) => uses[each].has(model))) {
      const [input, output] = [names.input.get(model) ?? "", names.output.get(model) ?? ""];
      unions.set(key, { schema, document, names: { input, output }, isModel: true });
    } else if (sites.size > 1 || model !== undefined) {
      const output = freeName(
        unionName(members.map((each) => names.output.get(each) ?? "")),
        taken,
      );
      const isSplit = directions.size > 1 && members.some((each) => uses.differing.has(each));
      const input = isSplit ? freeName(`${output}Input`, taken) : output;
      unions.set(key, { schema, document, names: { input, output }, isModel: false });
    }
  }
  return {
    find(schema, document) {
      const members = unions.size === 0 ? undefined : membersOf(schema, document, graph);
      return members === undefined ? undefined : unions.get(keyOf(schema, members));
    },
  };
}

const MAX_MEMBERS = 4;

function unionName(names: readonly string[]): string {
  if (names.length <= MAX_MEMBERS) return names.join("Or");
  const shown = names.slice(0, MAX_MEMBERS - 1);
  return `${shown.join("Or")}Or${names.length - shown.length}More`;
}

import { canonicalSchema } from "./canonical.ts";
import { stronglyConnectedComponents } from "./components.ts";
import type { Contract, Json, JsonObject, JsonSchema } from "./contract.ts";
import {
  forEachSubschema,
  isJsonObject,
  isSchema,
  MAX_SCHEMA_DEPTH,
  ownMember,
} from "./keywords.ts";

/** One schema of a contract with its own `$defs`: a parameter's or a result's. */
export interface SchemaDocument {
  readonly procedure: string;
  /** The parameter's name; absent for a result. */
  readonly parameter?: string;
  readonly root: JsonSchema;
}

/** A named type of the backend: a model, enum, union or alias; the same one wherever it occurs in the contract. */
export interface Model {
  /** Its title or, without one (a type alias), its key in `$defs`. */
  readonly label: string;
  /** The Python module's parts where a `$defs` key told them (`shop__catalog__Item`), else empty. */
  readonly module: readonly string[];
  /** The schema at its first occurrence, procedures in the order of their names. */
  readonly schema: JsonSchema;
  /** The document that `schema` stands in: its `$ref`s are to be resolved there. */
  readonly document: SchemaDocument;
  /** JSON pointer of `schema` in its document. */
  readonly pointer: string;
  /** The class's own docstring: from `$defs` where it is there, since at a root it may be the parameter's. */
  readonly description: string;
  readonly deprecated: boolean;
  /** False where nothing in its document can mean another type as a result than as an argument. */
  readonly mayBeDirected: boolean;
  /** Models that cannot be told apart by their name are ordered by this text; it does not depend on the document's order. */
  readonly order: () => string;
}

/** The models of a contract, and which one a `$ref` or a root means. */
export interface ModelGraph {
  readonly documents: readonly SchemaDocument[];
  /** In the order of their first occurrence. */
  readonly models: readonly Model[];
  /** The document of a parameter (by index) or of the result. */
  document(procedure: string, place: number | "result"): SchemaDocument;
  /** The model that a `$ref` in a document points to; `undefined` where it points nowhere. */
  target(document: SchemaDocument, ref: string): Model | undefined;
  /** The model that is inlined at the root of a document. */
  root(document: SchemaDocument): Model | undefined;
  /** The models that a document's root is or refers to. */
  modelsOf(document: SchemaDocument): readonly Model[];
  /** The models that a model refers to. */
  targetsOf(model: Model): readonly Model[];
  /** Whether `to` is part of a cycle through `from`. */
  isCycle(from: Model, to: Model): boolean;
}

interface Definition {
  readonly document: SchemaDocument;
  /** Key of the definition, unique in its document. */
  readonly ref: string;
  readonly schema: JsonSchema;
}

type MutableModel = { -readonly [Key in keyof Model]: Model[Key] } & { fromRoot: boolean };

/**
 * Finds the models of a contract. Pydantic gives every parameter and result its own `$defs`, inlines a model that is not
 * recursive at the root, and names classes of one name by their modules only where both occur in one document; here equal
 * models are one, by structure and name, and unequal ones are two.
 */
export function findModels(contract: Contract): ModelGraph {
  const documents = new Map<string, SchemaDocument[]>();
  const names = [...contract.procedures.keys()].sort();
  for (const name of names) {
    const { parameters, result } = contract.procedures.get(name)!;
    documents.set(name, [
      ...parameters.map((parameter): SchemaDocument => ({
        procedure: name,
        parameter: parameter.name,
        root: parameter.schema,
      })),
      { procedure: name, root: result },
    ]);
  }
  const all = [...documents.values()].flat();

  const classes = new ModelClasses();
  const distinct = all.filter((document) => classes.addDefinitions(document));
  const titles = countTitles(distinct);
  for (const model of classes.models) titles.set(model.label, Infinity);
  for (const document of distinct) classes.addRoot(document, titles);

  const models = classes.models;
  // Asked for where a model refers to one: most contracts have nothing recursive.
  let componentOf: ReadonlyMap<Model, number> | undefined;

  return {
    documents: all,
    models,
    document(procedure, place) {
      const own = documents.get(procedure)!;
      return place === "result" ? own.at(-1)! : own[place]!;
    },
    target: (document, ref) => classes.target(document, ref),
    root: (document) => classes.root(document),
    modelsOf: (document) => classes.modelsOf(document),
    targetsOf: (model) => classes.targetsOf(model),
    isCycle(from, to) {
      componentOf ??= componentsOf(models, (model) => classes.targetsOf(model));
      return componentOf.get(from) === componentOf.get(to);
    },
  };
}

function componentsOf(
  models: readonly Model[],
  targetsOf: (model: Model) => readonly Model[],
): ReadonlyMap<Model, number> {
  const componentOf = new Map<Model, number>();
  stronglyConnectedComponents(models, targetsOf)
    .forEach((component, index) => component.forEach((model) => componentOf.set(model, index)));
  return componentOf;
}

// How many documents have which title at their root.
function countTitles(documents: readonly SchemaDocument[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const { root } of documents) {
    const title = isJsonObject(root) ? ownMember(root, "title") : undefined;
    if (typeof title === "string") counts.set(title, (counts.get(title) ?? 0) + 1);
  }
  return counts;
}

/** Interns definitions and roots: equal ones get the same model. */
class ModelClasses {
  readonly models: MutableModel[] = [];
  readonly #byId = new Map<string, MutableModel>();
  readonly #idOf = new Map<Model, string>();
  readonly #withoutTitle = new Map<string, MutableModel>();
  readonly #targets = new Map<SchemaDocument, Map<string, MutableModel>>();
  readonly #roots = new Map<SchemaDocument, MutableModel>();
  readonly #ids = new Map<string, string>();

  // Documents of the same text, such as a model that is both argument and result: the first stands for all.
  readonly #firsts = new Map<string, SchemaDocument>();
  readonly #copies = new Map<SchemaDocument, SchemaDocument>();
  readonly #undirected = new Set<SchemaDocument>();

  target(document: SchemaDocument, ref: string): Model | undefined {
    return this.#targets.get(this.#copies.get(document) ?? document)?.get(ref);
  }

  root(document: SchemaDocument): Model | undefined {
    return this.#roots.get(this.#copies.get(document) ?? document);
  }

  modelsOf(document: SchemaDocument): readonly Model[] {
    const root = this.root(document);
    return root === undefined ? this.#targetsIn(document, document.root) : [root];
  }

  targetsOf(model: Model): readonly Model[] {
    return this.#targetsIn(model.document, model.schema);
  }

  #targetsIn(document: SchemaDocument, schema: JsonSchema): readonly Model[] {
    const references = referencesIn(schema);
    if (references.length === 0) return NO_MODELS;
    return references
      .map((ref) => this.target(document, ref))
      .filter((target) => target !== undefined);
  }

  /** Interns the `$defs` of a document. @returns whether no document of the same text was there before */
  addDefinitions(document: SchemaDocument): boolean {
    const { root } = document;
    if (typeof root === "boolean" || (isScalar(root) && !isReferring(root))) return true;
    const text = textOfDocument(root);
    const before = text === undefined ? undefined : this.#firsts.get(text);
    if (before !== undefined) {
      this.#copies.set(document, before);
      return false;
    }
    if (text !== undefined) this.#firsts.set(text, document);
    // What the text does not hold need not be looked for in the tree.
    if (text?.includes('"$ref"') === false) REFERENCES.set(root, NO_REFERENCES);
    if (text !== undefined && !DIRECTED.test(text)) this.#undirected.add(document);
    const first = referencesIn(root);
    if (first.length > 0) this.#addDefinitionsOf(document, root, first);
    return true;
  }

  #addDefinitionsOf(document: SchemaDocument, root: JsonObject, first: readonly string[]): void {
    const definitions = new Map<string, Definition>();
    const queue = [...first];
    for (let ref = queue.pop(); ref !== undefined; ref = queue.pop()) {
      if (definitions.has(ref)) continue;
      const schema = resolvePointer(root, ref);
      if (schema === undefined) continue;
      definitions.set(ref, { document, ref, schema });
      queue.push(...referencesIn(schema));
    }

    const ids = new Map<string, string>();
    const targets = new Map<string, MutableModel>();
    this.#targets.set(document, targets);
    const edges = (ref: string) =>
      referencesIn(definitions.get(ref)!.schema).filter((to) => definitions.has(to));
    for (const component of stronglyConnectedComponents([...definitions.keys()].sort(), edges)) {
      this.#identify(component, definitions, ids, edges);
      for (const ref of component) targets.set(ref, this.#intern(definitions.get(ref)!, ids));
    }
  }

  /** @param titles how many models a title may mean */
  addRoot(document: SchemaDocument, titles: ReadonlyMap<string, number>): void {
    const { root } = document;
    if (!isJsonObject(root) || Object.hasOwn(root, "$ref") || Object.hasOwn(root, "$dynamicRef")) {
      return;
    }
    const title = ownMember(root, "title");
    const targets = this.#targets.get(document);
    const body = () => canonicalSchema(root, (ref) => this.#idOfTarget(targets?.get(ref)));
    if (typeof title !== "string" || title === "") {
      // A NamedTuple has no title: at the root only its structure tells which one it is.
      if (this.#withoutTitle.size === 0 || isScalar(root)) return;
      const model = this.#withoutTitle.get(body());
      if (model !== undefined) this.#roots.set(document, model);
      return;
    }
    // A title alone is no model: `Annotated[int, Field(title=…)]` has one as well. A `RootModel[int]` is known by the
    // `$defs` that it has elsewhere.
    // Nothing else of that title: its content need not be compared.
    const id = titles.get(title) === 1 ? `@${title}` : this.#id(identityOf(title, body()));
    let model = this.#byId.get(id);
    if (model === undefined) {
      if (isScalar(root)) return;
      model = this.#add(id, document, "", root, title, []);
      model.fromRoot = true;
    } else if (model.fromRoot) {
      keepLeastDescription(model, root);
    }
    this.#roots.set(document, model);
  }

  // Gives each definition of a component an identity: by content, references by the identity of their target. In a cycle
  // the targets' identities are refined round by round until no further definitions can be told apart (bisimulation).
  #identify(
    component: readonly string[],
    definitions: ReadonlyMap<string, Definition>,
    ids: Map<string, string>,
    edges: (ref: string) => readonly string[],
  ): void {
    const own = (ref: string) => {
      const { schema } = definitions.get(ref)!;
      return this.#id(
        identityOf(labelOf(ref, schema), canonicalSchema(schema, (to) => ids.get(to) ?? "?")),
      );
    };
    const [only] = component;
    if (component.length === 1 && !edges(only!).includes(only!)) {
      ids.set(only!, own(only!));
      return;
    }
    for (const ref of component) ids.set(ref, this.#id(labelOf(ref, definitions.get(ref)!.schema)));
    let distinct = 0;
    for (let round = 0; round <= component.length; round++) {
      const next = component.map((ref) => [ref, own(ref)] as const);
      for (const [ref, id] of next) ids.set(ref, id);
      const now = new Set(next.map(([, id]) => id)).size;
      if (now === distinct) break;
      distinct = now;
    }
  }

  #intern({ document, ref, schema }: Definition, ids: ReadonlyMap<string, string>): MutableModel {
    const id = ids.get(ref)!;
    const module = moduleOf(ref, schema);
    const known = this.#byId.get(id);
    if (known !== undefined) {
      if (known.module.length === 0) known.module = module;
      keepLeastDescription(known, schema);
      return known;
    }
    const model = this.#add(id, document, ref.slice(1), schema, labelOf(ref, schema), module);
    if (isJsonObject(schema) && !Object.hasOwn(schema, "title") && !isScalar(schema)) {
      this.#withoutTitle.set(canonicalSchema(schema, (to) => ids.get(to) ?? "?"), model);
    }
    return model;
  }

  #add(
    id: string,
    document: SchemaDocument,
    pointer: string,
    schema: JsonSchema,
    label: string,
    module: readonly string[],
  ): MutableModel {
    const model: MutableModel = {
      label,
      module,
      schema,
      document,
      pointer,
      description: textOf(schema, "description"),
      deprecated: isJsonObject(schema) && ownMember(schema, "deprecated") === true,
      order: () => canonicalSchema(schema, (ref) => this.target(document, ref)?.label ?? "?"),
      mayBeDirected: !this.#undirected.has(document),
      fromRoot: false,
    };
    this.models.push(model);
    this.#byId.set(id, model);
    this.#idOf.set(model, id);
    return model;
  }

  #idOfTarget(model: Model | undefined): string {
    return model === undefined ? "?" : this.#idOf.get(model)!;
  }

  // Short names for long texts, so that what refers to them stays short.
  #id(content: string): string {
    let id = this.#ids.get(content);
    if (id === undefined) this.#ids.set(content, id = `#${this.#ids.size}`);
    return id;
  }
}

function textOfDocument(root: JsonObject): string | undefined {
  try {
    return JSON.stringify(root);
  } catch {
    // Nested too deep for the engine's stack: taken as unlike any other.
    return undefined;
  }
}

function identityOf(label: string, body: string): string {
  return `${label}\u0000${body}`;
}

// The least of all, so that the choice does not depend on the order of the document.
function keepLeastDescription(model: MutableModel, schema: JsonSchema): void {
  const description = textOf(schema, "description");
  if (description !== "" && (model.description === "" || description < model.description)) {
    model.description = description;
  }
}

function textOf(schema: JsonSchema, key: string): string {
  const value = isJsonObject(schema) ? ownMember(schema, key) : undefined;
  return typeof value === "string" ? value : "";
}

/** Whether a schema is nothing but one of JSON's own types, perhaps bounded: no structure to give a name to. */
function isScalar(schema: JsonObject): boolean {
  const type = ownMember(schema, "type");
  if (type === "object" || type === "array") return false;
  for (const keyword in schema) if (STRUCTURE.has(keyword)) return false;
  return true;
}

// `Json[Item]` is a text that says what it holds.
function isReferring(schema: JsonObject): boolean {
  return Object.hasOwn(schema, "$ref") || Object.hasOwn(schema, "contentSchema");
}

const STRUCTURE: ReadonlySet<string> = new Set([
  "properties",
  "prefixItems",
  "items",
  "enum",
  "anyOf",
  "oneOf",
  "allOf",
  "additionalProperties",
]);

// Keywords that mean one thing in an argument and another in a result.
const DIRECTED = /"(?:default|contentMediaType)"/;

const NO_MODELS: readonly Model[] = [];
const NO_REFERENCES: readonly string[] = [];
const REFERENCES = new WeakMap<JsonObject, readonly string[]>();

/** The `$ref`s of a schema, each once, not those of its `$defs`. */
function referencesIn(schema: JsonSchema): readonly string[] {
  if (typeof schema === "boolean") return [];
  const known = REFERENCES.get(schema);
  if (known !== undefined) return known;
  if (isScalar(schema) && !isReferring(schema)) return NO_REFERENCES;
  const found = new Set<string>();
  const visit = (schema: JsonSchema, depth: number): void => {
    if (typeof schema === "boolean" || depth > MAX_SCHEMA_DEPTH) return;
    const ref = ownMember(schema, "$ref");
    if (typeof ref === "string") found.add(ref);
    forEachSubschema(schema, (subschema) => visit(subschema, depth + 1));
  };
  visit(schema, 0);
  const references = [...found];
  REFERENCES.set(schema, references);
  return references;
}

/** The schema at a local reference (`#/$defs/Item`, `#`); `undefined` for anything else. */
export function resolvePointer(root: JsonSchema, ref: string): JsonSchema | undefined {
  if (ref !== "#" && !ref.startsWith("#/")) return undefined;
  let value: Json | undefined = root;
  for (const part of ref.split("/").slice(1)) {
    const key = decodePart(part);
    if (key === undefined) return undefined;
    if (Array.isArray(value)) value = /^\d+$/.test(key) ? value[Number(key)] : undefined;
    else if (isJsonObject(value)) value = ownMember(value, key);
    else return undefined;
  }
  return isSchema(value) ? value : undefined;
}

function decodePart(part: string): string | undefined {
  try {
    return decodeURIComponent(part).replaceAll("~1", "/").replaceAll("~0", "~");
  } catch {
    return undefined;
  }
}

function keyOf(ref: string): string {
  return decodePart(ref.split("/").at(-1)!) ?? ref;
}

function labelOf(ref: string, schema: JsonSchema): string {
  const title = isJsonObject(schema) ? ownMember(schema, "title") : undefined;
  if (typeof title === "string" && title !== "") return title;
  return keyOf(ref).split("__").at(-1)!;
}

// Pydantic writes `module.Class` as `module__Class`, with what is no identifier in the class's name as "_".
function moduleOf(ref: string, schema: JsonSchema): string[] {
  const key = keyOf(ref);
  const suffix = `__${labelOf(ref, schema).replace(/[^A-Za-z0-9.\-_]/g, "_")}`;
  if (!key.endsWith(suffix)) return [];
  return key.slice(0, -suffix.length).split("__").filter((part) => part !== "");
}

import { canonicalSchema } from "./canonical.ts";
import { stronglyConnectedComponents } from "./components.ts";
import type { Contract, JsonObject, JsonSchema } from "./contract.ts";
import { forEachSubschema, isJsonObject, MAX_SCHEMA_DEPTH, ownMember } from "./keywords.ts";
import { decodePart, resolvePointer } from "./pointer.ts";
import { sameSchema } from "./same_schema.ts";

/** The schema of a parameter or result, with its own `$defs`. */
export interface SchemaDocument {
  readonly procedure: string;
  /** Name of the parameter; absent for a result. */
  readonly parameter?: string;
  readonly root: JsonSchema;
}

/** A named type of the backend: a model, enum, union or alias. One model may occur many times in a contract. */
export interface Model {
  /** The title, or the key in `$defs` for a type without a title (a type alias). */
  readonly label: string;
  /** Parts of the Python module, if a `$defs` key contains them (`shop__catalog__Item`), else empty. */
  readonly module: readonly string[];
  /** The schema at its first occurrence, procedures in the order of their names. */
  readonly schema: JsonSchema;
  /** The document of `schema`, in which its `$ref`s are resolved. */
  readonly document: SchemaDocument;
  /** JSON pointer of `schema` in its document. */
  readonly pointer: string;
  /** The docstring of the class. Taken from `$defs` if possible, since the root may have that of the parameter. */
  readonly description: string;
  readonly deprecated: boolean;
  /** False if the type is certainly the same for arguments and results. */
  readonly mayBeDirected: boolean;
  /** False if it certainly contains no discriminated union. */
  readonly mayHaveTags: boolean;
  /** Returns a text that orders models of the same name, independent of the order of the document. */
  readonly order: () => string;
}

/** The models of a contract, with the targets of each `$ref` and root. */
export interface ModelGraph {
  readonly documents: readonly SchemaDocument[];
  /** The models in the order of their first occurrence. */
  readonly models: readonly Model[];
  /** Returns the document of a parameter (by index) or of the result. */
  document(procedure: string, place: number | "result"): SchemaDocument;
  /** Returns the model that a `$ref` in a document points to; `undefined` for an invalid reference. */
  target(document: SchemaDocument, ref: string): Model | undefined;
  /** Returns the model that is inlined at the root of a document. */
  root(document: SchemaDocument): Model | undefined;
  /** Returns false if the root of a document certainly contains no discriminated union. */
  mayHaveTags(document: SchemaDocument): boolean;
  /** Returns the models that the root of a document is or refers to. */
  modelsOf(document: SchemaDocument): readonly Model[];
  /** Returns the models that a model refers to. */
  targetsOf(model: Model): readonly Model[];
  /** Returns true if `to` is part of a cycle through `from`. */
  isCycle(from: Model, to: Model): boolean;
}

/** A schema that may be a model: a root, or the target of a `$ref`. */
interface Definition {
  readonly document: SchemaDocument;
  /** Key of the definition, unique in its document; `#` for the root. */
  readonly ref: string;
  readonly schema: JsonSchema;
  /** The schema as JSON, without its `$defs`; `undefined` if it is nested too deep for the engine's stack. */
  text: string | undefined;
  readonly label: string;
  readonly mayHaveTags: boolean;
  /** The `$ref`s in `schema`, each once. */
  readonly references: readonly string[];
  /** All definitions of the document, the targets of `references`. */
  readonly definitions: ReadonlyMap<string, Definition>;
  model: MutableModel | undefined;
}

type MutableModel = { -readonly [Key in keyof Model]: Model[Key] } & {
  readonly definition: Definition;
  readonly fromRoot: boolean;
};

/**
 * Finds the models of a contract. Pydantic gives every parameter and result its own `$defs`, inlines models without
 * recursion at the root, and qualifies names only if one document has several classes of that name. Definitions with the
 * same name and structure are one model here.
 */
export function findModels(contract: Contract): ModelGraph {
  const documents = new Map<string, SchemaDocument[]>();
  const procedures = [...contract.procedures].sort(([a], [b]) => a < b ? -1 : 1);
  for (const [name, { parameters, result }] of procedures) {
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
  for (const document of all) classes.addDefinitions(document);
  for (const document of all) classes.addRoot(document);
  classes.dropTexts();

  const models = classes.models;
  // Computed on first use: most contracts have no recursive model.
  let componentOf: ReadonlyMap<Model, number> | undefined;

  return {
    documents: all,
    models,
    document(procedure, place) {
      const own = documents.get(procedure);
      const found = place === "result" ? own?.at(-1) : own?.[place];
      if (found === undefined) throw new Error(`"${procedure}" has no schema ${place}`);
      return found;
    },
    target: (document, ref) => classes.target(document, ref),
    root: (document) => classes.root(document),
    mayHaveTags: (document) => classes.mayHaveTags(document),
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

/** Assigns the same model to equal definitions and roots. */
class ModelClasses {
  readonly models: MutableModel[] = [];
  readonly #byLabel = new Map<string, MutableModel[]>();
  readonly #withoutTitle: MutableModel[] = [];
  readonly #roots = new Map<SchemaDocument, Definition>();

  target(document: SchemaDocument, ref: string): Model | undefined {
    return this.#rootOf(document).definitions.get(ref)?.model;
  }

  root(document: SchemaDocument): Model | undefined {
    return this.#rootOf(document).model;
  }

  mayHaveTags(document: SchemaDocument): boolean {
    return this.#rootOf(document).mayHaveTags;
  }

  modelsOf(document: SchemaDocument): readonly Model[] {
    const root = this.#rootOf(document);
    return root.model === undefined ? targetsIn(root) : [root.model];
  }

  #rootOf(document: SchemaDocument): Definition {
    const root = this.#roots.get(document);
    if (root === undefined) throw new Error("A document of another contract");
    return root;
  }

  targetsOf(model: Model): readonly Model[] {
    return targetsIn((model as MutableModel).definition);
  }

  addDefinitions(document: SchemaDocument): void {
    const { root } = document;
    const text = jsonText(root);
    const references = referencesIn(root, text);
    const definitions = references.length === 0
      ? NO_DEFINITIONS
      : findDefinitions(document, references);
    const title = textOf(root, "title");
    this.#roots.set(document, {
      document,
      ref: "#",
      schema: root,
      text,
      label: title,
      mayHaveTags: hasTags(text),
      references,
      definitions,
      model: undefined,
    });
    if (definitions.size === 0) return;
    for (const definition of targetsFirst(definitions)) this.#addDefinition(definition);
  }

  #addDefinition(definition: Definition): void {
    const { ref, schema } = definition;
    const module = moduleOf(ref, schema);
    const known = definition.model ?? this.#find(definition);
    if (known === undefined) {
      const model = this.#add(definition, ref.slice(1), module, false);
      if (isJsonObject(schema) && !Object.hasOwn(schema, "title") && !isScalar(schema)) {
        this.#withoutTitle.push(model);
      }
      return;
    }
    definition.model = known;
    definition.text = undefined;
    if (known.module.length === 0) known.module = module;
    keepLeastDescription(known, schema);
  }

  addRoot(document: SchemaDocument): void {
    const { root } = document;
    if (!isJsonObject(root) || Object.hasOwn(root, "$ref") || Object.hasOwn(root, "$dynamicRef")) {
      return;
    }
    const definition = this.#rootOf(document);
    if (definition.label === "") {
      // A NamedTuple has no title: at the root, only its structure identifies it.
      if (isScalar(root)) return;
      definition.model = this.#withoutTitle.findLast((model) =>
        areSame(definition, model.definition)
      );
      return;
    }
    const known = this.#find(definition);
    if (known !== undefined) {
      definition.model = known;
      if (known.fromRoot) keepLeastDescription(known, root);
      return;
    }
    // `Annotated[int, Field(title=…)]` has a title but is not a model. A `RootModel[int]` is found by its `$defs` in other
    // documents.
    if (!isScalar(root)) this.#add(definition, "", [], true);
  }

  /** Frees the texts, which are as large as the contract. Call it after the last definition was added. */
  dropTexts(): void {
    for (const root of this.#roots.values()) {
      root.text = undefined;
      if (root.definitions.size === 0) continue;
      for (const definition of root.definitions.values()) definition.text = undefined;
    }
  }

  #find(definition: Definition): MutableModel | undefined {
    return this.#byLabel.get(definition.label)?.find((model) =>
      areSame(definition, model.definition)
    );
  }

  #add(
    definition: Definition,
    pointer: string,
    module: readonly string[],
    fromRoot: boolean,
  ): MutableModel {
    const { document, schema, text, label, definitions } = definition;
    const model: MutableModel = {
      label,
      module,
      schema,
      document,
      pointer,
      description: textOf(schema, "description"),
      deprecated: isJsonObject(schema) && ownMember(schema, "deprecated") === true,
      order: () => canonicalSchema(schema, (ref) => definitions.get(ref)?.label ?? "?"),
      mayBeDirected: text === undefined || DIRECTED.test(text),
      mayHaveTags: definition.mayHaveTags,
      definition,
      fromRoot,
    };
    definition.model = model;
    this.models.push(model);
    const others = this.#byLabel.get(label);
    if (others === undefined) this.#byLabel.set(label, [model]);
    else others.push(model);
    return model;
  }
}

function haveSameTargets(a: Definition, b: Definition): boolean {
  return a.references.every((ref) => {
    const target = a.definitions.get(ref);
    const other = b.definitions.get(ref);
    return target === undefined || other === undefined
      ? target === other
      : target.model !== undefined && target.model === other.model;
  });
}

function findDefinitions(
  document: SchemaDocument,
  first: readonly string[],
): ReadonlyMap<string, Definition> {
  const definitions = new Map<string, Definition>();
  const queue = [...first];
  for (let ref = queue.pop(); ref !== undefined; ref = queue.pop()) {
    if (definitions.has(ref)) continue;
    const schema = resolvePointer(document.root, ref);
    if (schema === undefined) continue;
    const text = jsonText(schema);
    const references = referencesIn(schema, text);
    const label = labelOf(ref, schema);
    definitions.set(ref, {
      document,
      ref,
      schema,
      text,
      label,
      mayHaveTags: hasTags(text),
      references,
      definitions,
      model: undefined,
    });
    queue.push(...references);
  }
  return definitions;
}

/** Sorts definitions by their reference, each after its targets, except in cycles. */
function targetsFirst(definitions: ReadonlyMap<string, Definition>): Iterable<Definition> {
  if (definitions.size === 1) return definitions.values();
  const ordered = new Set<Definition>();
  const entered = new Set<Definition>();
  // Explicit, because a chain of 10,000 models would overflow the call stack.
  const stack = [...definitions].sort(([a], [b]) => a < b ? 1 : -1).map(([, each]) => each);
  for (let next = stack.at(-1); next !== undefined; next = stack.at(-1)) {
    if (entered.has(next)) {
      stack.pop();
      ordered.add(next);
      continue;
    }
    entered.add(next);
    for (const ref of next.references.toReversed()) {
      const target = definitions.get(ref);
      if (target !== undefined && !entered.has(target)) stack.push(target);
    }
  }
  return ordered;
}

function targetsIn({ references, definitions }: Definition): readonly Model[] {
  if (references.length === 0) return NO_MODELS;
  return references
    .map((ref) => definitions.get(ref)?.model)
    .filter((target) => target !== undefined);
}

/**
 * Returns true if two definitions have the same content and refer to the same models. Definitions of a cycle do not have a
 * model yet: they are the same unless a difference is found (bisimulation). The pairs compared on the way then also have
 * the same model.
 */
function areSame(a: Definition, b: Definition): boolean {
  if (a.text !== undefined && a.text === b.text && haveSameTargets(a, b)) return true;
  const pairs = [[a, b] as const];
  const assumed = new Map([[a, [b]]]);
  const sameTarget = (a: Definition | undefined, b: Definition | undefined) => {
    if (a === undefined || b === undefined) return a === b;
    if (a.model !== undefined && b.model !== undefined) return a.model === b.model;
    if (a.label !== b.label) return false;
    const others = assumed.get(a);
    if (others?.includes(b)) return true;
    if (others === undefined) assumed.set(a, [b]);
    else others.push(b);
    pairs.push([a, b]);
    return true;
  };
  // The loop appends to the list.
  for (const [{ schema, definitions }, other] of pairs) {
    const sameReference = (ref: string, otherRef: string) =>
      sameTarget(definitions.get(ref), other.definitions.get(otherRef));
    if (!sameSchema(schema, other.schema, sameReference)) return false;
  }
  for (const [definition, other] of pairs) definition.model ??= other.model;
  return true;
}

// The choice must not depend on the order of the document.
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

/** Returns true for a JSON type without structure, which does not become a named type. */
function isScalar(schema: JsonObject): boolean {
  const type = ownMember(schema, "type");
  if (type === "object" || type === "array") return false;
  for (const keyword in schema) if (STRUCTURE.has(keyword)) return false;
  return true;
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

// Keywords with different types in arguments and results.
const DIRECTED = /"(?:default|contentMediaType)"|"properties":\{\}/;

function hasTags(text: string | undefined): boolean {
  return text === undefined || text.includes('"discriminator"');
}

const NO_MODELS: readonly Model[] = [];
const NO_REFERENCES: readonly string[] = [];
const NO_DEFINITIONS: ReadonlyMap<string, Definition> = new Map();

function jsonText(schema: JsonSchema): string | undefined {
  try {
    const text = isJsonObject(schema) && Object.hasOwn(schema, "$defs")
      ? { ...schema, $defs: undefined }
      : schema;
    return JSON.stringify(text);
  } catch {
    // Nested too deep for the engine's stack.
    return undefined;
  }
}

/** Returns the `$ref`s of a schema, each once, without those of its `$defs`. Searching the text first is faster. */
function referencesIn(schema: JsonSchema, text: string | undefined): readonly string[] {
  if (text?.includes('"$ref"') === false) return NO_REFERENCES;
  const found: string[] = [];
  collectReferences(schema, 0, found);
  return found.length > 1 ? [...new Set(found)] : found;
}

function collectReferences(schema: JsonSchema, depth: number, found: string[]): void {
  if (typeof schema === "boolean" || depth > MAX_SCHEMA_DEPTH) return;
  const ref = ownMember(schema, "$ref");
  if (typeof ref === "string") found.push(ref);
  forEachSubschema(schema, (subschema) => collectReferences(subschema, depth + 1, found));
}

function keyOf(ref: string): string {
  return decodePart(ref.slice(ref.lastIndexOf("/") + 1)) ?? ref;
}

function labelOf(ref: string, schema: JsonSchema): string {
  const title = isJsonObject(schema) ? ownMember(schema, "title") : undefined;
  if (typeof title === "string" && title !== "") return title;
  const key = keyOf(ref);
  return key.split("__").at(-1) ?? key;
}

// Pydantic writes `module.Class` as `module__Class`, with "_" for characters that identifiers do not allow.
function moduleOf(ref: string, schema: JsonSchema): string[] {
  if (!ref.includes("__")) return [];
  const key = keyOf(ref);
  const suffix = `__${labelOf(ref, schema).replace(/[^A-Za-z0-9.\-_]/g, "_")}`;
  if (!key.endsWith(suffix)) return [];
  return key.slice(0, -suffix.length).split("__").filter((part) => part !== "");
}

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
import { sameSchema } from "./same_schema.ts";

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
  /** False if nothing in the schema can make it another type as a result than as an argument. */
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

/** A schema that may be a model: a root, or one that a `$ref` points to. */
interface Definition {
  readonly document: SchemaDocument;
  /** Key of the definition, unique in its document; `#` for the root. */
  readonly ref: string;
  readonly schema: JsonSchema;
  /** The schema as JSON, without its `$defs`; `undefined` where the engine's stack is too small for it. */
  text: string | undefined;
  readonly label: string;
  /** The `$ref`s in `schema`, each once. */
  readonly references: readonly string[];
  /** All definitions of the document: what `references` point to. */
  readonly definitions: ReadonlyMap<string, Definition>;
  model: MutableModel | undefined;
}

type MutableModel = { -readonly [Key in keyof Model]: Model[Key] } & {
  readonly definition: Definition;
  readonly fromRoot: boolean;
};

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
  for (const document of all) classes.addDefinitions(document);
  for (const document of all) classes.addRoot(document);
  classes.dropTexts();

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

/** Gives equal definitions and roots the same model. */
class ModelClasses {
  readonly models: MutableModel[] = [];
  readonly #byLabel = new Map<string, MutableModel[]>();
  readonly #withoutTitle: MutableModel[] = [];
  readonly #roots = new Map<SchemaDocument, Definition>();

  target(document: SchemaDocument, ref: string): Model | undefined {
    return this.#roots.get(document)!.definitions.get(ref)?.model;
  }

  root(document: SchemaDocument): Model | undefined {
    return this.#roots.get(document)!.model;
  }

  modelsOf(document: SchemaDocument): readonly Model[] {
    const root = this.#roots.get(document)!;
    return root.model === undefined ? targetsIn(root) : [root.model];
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
    if (known.module.length === 0) known.module = module;
    keepLeastDescription(known, schema);
  }

  addRoot(document: SchemaDocument): void {
    const { root } = document;
    if (!isJsonObject(root) || Object.hasOwn(root, "$ref") || Object.hasOwn(root, "$dynamicRef")) {
      return;
    }
    const definition = this.#roots.get(document)!;
    if (definition.label === "") {
      // A NamedTuple has no title: at the root only its structure tells which one it is.
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
    // A title alone is no model: `Annotated[int, Field(title=…)]` has one as well. A `RootModel[int]` is known by the
    // `$defs` that it has elsewhere.
    if (!isScalar(root)) this.#add(definition, "", [], true);
  }

  /** To be called when all is added: the texts are as large as the contract. */
  dropTexts(): void {
    for (const root of this.#roots.values()) {
      root.text = undefined;
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
      references,
      definitions,
      model: undefined,
    });
    queue.push(...references);
  }
  return definitions;
}

/** Definitions sorted by their reference, each after those that it refers to, unless they are a cycle. */
function targetsFirst(definitions: ReadonlyMap<string, Definition>): Iterable<Definition> {
  const ordered = new Set<Definition>();
  const entered = new Set<Definition>();
  // A stack of its own: a chain of 10,000 models must not overflow the call stack.
  const stack: Definition[] = [...definitions.keys()].sort().reverse().map((ref) =>
    definitions.get(ref)!
  );
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
 * Reports whether two definitions have the same content and refer to the same models. Definitions of a cycle have no model yet: two of
 * them are the same unless a difference is found on the way (bisimulation). What was compared on the way then has the same model, too.
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
  // The list grows while it is read.
  for (const [{ schema, definitions }, other] of pairs) {
    const sameReference = (ref: string, otherRef: string) =>
      sameTarget(definitions.get(ref), other.definitions.get(otherRef));
    if (!sameSchema(schema, other.schema, sameReference)) return false;
  }
  for (const [definition, other] of pairs) definition.model ??= other.model;
  return true;
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

/** The `$ref`s of a schema, each once, not those of its `$defs`. The engine searches its text faster than we its tree. */
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
  if (!/[%~]/.test(part)) return part;
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
  if (!ref.includes("__")) return [];
  const key = keyOf(ref);
  const suffix = `__${labelOf(ref, schema).replace(/[^A-Za-z0-9.\-_]/g, "_")}`;
  if (!key.endsWith(suffix)) return [];
  return key.slice(0, -suffix.length).split("__").filter((part) => part !== "");
}

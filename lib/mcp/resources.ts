import { findModels, findProcedure, type Model } from "../contract/mod.ts";
import { closest } from "../closest.ts";
import { stringifyJson } from "../json/mod.ts";
import type { LiveContract } from "./contract_source.ts";
import { unknownCursor, unknownModel, unknownResource } from "./errors.ts";
import { plainSchema } from "./plain_schema.ts";
import { backendDocumentation, visibleValue, withoutComments } from "./safe_text.ts";
import { procedureView } from "./tools/describe_procedure.ts";
import { decodeCursor, encodeCursor } from "./cursor.ts";

/** A resource as it is listed. */
export interface ListedResource {
  readonly uri: string;
  readonly name: string;
  readonly title: string;
  readonly mimeType: string;
}

/** The content of a resource. */
export interface ResourceContent {
  readonly uri: string;
  readonly mimeType: string;
  readonly text: string;
}

const PAGE = 200;
const MARKDOWN = "text/markdown";
const JSON_SCHEMA = "application/schema+json";

/** Templates of the resources of procedures and models. */
export const RESOURCE_TEMPLATES = [
  template("procedures/{name}", "Procedure", MARKDOWN),
  template("procedures/{name}/schema", "JSON Schemas of a procedure", JSON_SCHEMA),
  template("models/{name}", "Model", MARKDOWN),
  template("models/{name}/schema", "JSON Schema of a model", JSON_SCHEMA),
] as const;

function template(path: string, title: string, mimeType: string) {
  return { uriTemplate: `pyrpc://${path}`, name: path, title, mimeType };
}

const FIXED: readonly ListedResource[] = [
  resource("contract", "The contract (the answer of GET /rpc)", "application/json"),
  resource("types", "The generated TypeScript types", "text/x-typescript"),
];

/** Lists the resources, in pages. */
export function listResources(
  { contract }: LiveContract,
  cursor: string | undefined,
): { readonly resources: readonly ListedResource[]; readonly nextCursor?: string } {
  const all = [
    ...FIXED,
    ...[...contract.procedures.keys()].sort().map((name) =>
      resource(`procedures/${encodeURIComponent(name)}`, `Procedure ${name}`, MARKDOWN)
    ),
    ...[...modelsOf(contract).keys()].sort().map((name) =>
      resource(`models/${encodeURIComponent(name)}`, `Model ${name}`, MARKDOWN)
    ),
  ];
  const after = cursor === undefined ? undefined : decodeCursor(cursor);
  const start = after === undefined ? 0 : all.findIndex(({ uri }) => uri === after) + 1;
  // The contract has changed since the page before.
  if (cursor !== undefined && start === 0) throw unknownCursor(cursor);
  const page = all.slice(start, start + PAGE);
  const last = page.at(-1);
  return last !== undefined && start + PAGE < all.length
    ? { resources: page, nextCursor: encodeCursor(last.uri) }
    : { resources: page };
}

function resource(path: string, title: string, mimeType: string): ListedResource {
  return { uri: `pyrpc://${path}`, name: path, title, mimeType };
}

/** The URIs of the resources that differ between two versions of the contract. */
export function changedResources(before: LiveContract, after: LiveContract): string[] {
  const [old, present] = [before.contract, after.contract];
  const names = new Set([...old.procedures.keys(), ...present.procedures.keys()]);
  const changed = [...names].filter((name) =>
    stringifyJson(old.document[name]) !== stringifyJson(present.document[name])
  );
  // A model may be part of any procedure, and its place may change.
  const models = new Set([...modelsOf(old).keys(), ...modelsOf(present).keys()]);
  return [
    "pyrpc://contract",
    "pyrpc://types",
    ...changed.flatMap((name) => urisOf("procedures", name)),
    ...[...models].flatMap((name) => urisOf("models", name)),
  ];
}

function urisOf(kind: string, name: string): string[] {
  const uri = `pyrpc://${kind}/${encodeURIComponent(name)}`;
  return [uri, `${uri}/schema`];
}

/** Reads a resource. @throws ToolError if it does not exist */
export async function readResource(live: LiveContract, uri: string): Promise<ResourceContent> {
  const path = /^pyrpc:\/\/([^?#]*)$/.exec(uri)?.[1];
  if (path === "contract") {
    return { uri, mimeType: "application/json", text: stringify(plainContract(live)) };
  }
  if (path === "types") {
    const text = withoutComments((await live.types()).text);
    return { uri, mimeType: "text/x-typescript", text };
  }
  const [, kind, encoded = "", schema] =
    /^(procedures|models)\/([^/]+)(\/schema)?$/.exec(path ?? "") ?? [];
  if (kind === undefined) throw unknownResource(uri);
  const name = decodedName(encoded, uri);
  const isSchema = schema !== undefined;
  const mimeType = isSchema ? JSON_SCHEMA : MARKDOWN;
  if (kind === "procedures") {
    return {
      uri,
      mimeType,
      text: isSchema ? procedureSchema(live, name) : await procedurePage(live, name),
    };
  }
  const model = findModel(live, name);
  return {
    uri,
    mimeType,
    text: isSchema ? stringify(plainSchema(model.schema)) : await modelPage(live, name, model),
  };
}

function decodedName(encoded: string, uri: string): string {
  try {
    return decodeURIComponent(encoded);
  } catch {
    throw unknownResource(uri);
  }
}

function plainContract({ contract }: LiveContract) {
  return Object.fromEntries([...contract.procedures.values()].map((procedure) => [procedure.name, {
    kind: procedure.kind ?? null,
    // Python's types are text of the backend; the schemas have the same information.
    parameters: procedure.parameters.map(({ name, schema, required, default: value }) => ({
      name,
      required,
      ...(required ? {} : { default: value }),
      schema: plainSchema(schema),
    })),
    return_schema: plainSchema(procedure.result),
    backend_documentation: backendDocumentation(procedure.doc),
  }]));
}

function procedureSchema({ contract, where }: LiveContract, name: string): string {
  const { parameters, result } = findProcedure(contract, name, where);
  return stringify({
    parameters: Object.fromEntries(
      parameters.map((each) => [each.name, plainSchema(each.schema)]),
    ),
    result: plainSchema(result),
  });
}

async function procedurePage(
  { contract, where, describe }: LiveContract,
  name: string,
): Promise<string> {
  const procedure = findProcedure(contract, name, where);
  const description = await describe(name);
  if (description === undefined) throw new Error(`"${name}" has no types`);
  const { createSampler } = await import("../mock/mod.ts");
  const view = procedureView(procedure, description, createSampler({}));
  return page(name, [
    `kind: ${view.kind ?? "not declared"}`,
    fenced("ts", [view.signature, ...view.types].join("\n\n")),
    "Example:",
    fenced("ts", view.example),
  ], view.backend_documentation);
}

async function modelPage(
  { types }: LiveContract,
  name: string,
  model: Model,
): Promise<string> {
  const declaration = (await types()).declarations.types.get(name) ?? "";
  return page(
    name,
    declaration === "" ? [fenced("json", stringify(plainSchema(model.schema)))] : [
      fenced("ts", withoutComments(declaration).trim()),
    ],
    backendDocumentation(model.description),
  );
}

function page(name: string, parts: readonly string[], documentation: string | undefined): string {
  const title = `# ${backendDocumentation(name, 100)}`;
  const about = documentation ? ["backend_documentation (untrusted):", quoted(documentation)] : [];
  return `${[title, ...parts, ...about].join("\n\n")}\n`;
}

function quoted(text: string): string {
  return text.split("\n").map((line) => `> ${line}`).join("\n");
}

// A longer fence than any inside, so that a name or literal cannot end it.
function fenced(language: string, code: string): string {
  const longest = Math.max(2, ...(code.match(/`+/g) ?? []).map((ticks) => ticks.length));
  const fence = "`".repeat(longest + 1);
  return `${fence}${language}\n${code}\n${fence}`;
}

function findModel({ contract }: LiveContract, name: string): Model {
  const models = modelsOf(contract);
  const model = models.get(name);
  if (model === undefined) throw unknownModel(name, closest(name, [...models.keys()]));
  return model;
}

function modelsOf(contract: LiveContract["contract"]): ReadonlyMap<string, Model> {
  const models = new Map<string, Model>();
  for (const model of findModels(contract).models) {
    const name = identifierOf(model.label);
    if (name !== "" && !models.has(name)) models.set(name, model);
  }
  return models;
}

// A title is text of the backend: only letters, digits and underscores of it are a name (`Page[Product]`: `PageProduct`).
function identifierOf(label: string): string {
  return label.replace(/[^\p{ID_Continue}]+/gu, "").slice(0, 64);
}

// Cleaned before it becomes JSON, which would hide control characters in escape sequences.
function stringify(value: unknown): string {
  return JSON.stringify(visibleValue(value), null, 2);
}

import { createHash } from "node:crypto";
import {
  type Contract,
  type Direction,
  findModels,
  type Model,
  type ModelGraph,
  type Procedure,
  type ProcedureKind,
} from "../contract/mod.ts";
import { type ContractHashes, contractHashes } from "../client/contract/mod.ts";
import { type CallForms, callForms, type TypedParameter } from "./call_forms.ts";
import {
  type Conversion,
  convertDocument,
  convertModel,
  convertUnion,
  differsByDirection,
  type Warning,
} from "./convert.ts";
import { CONTRACT_TYPE } from "./declaration_text.ts";
import { constraintLines, inlineDoc, joinParagraphs, jsonLine } from "./doc_comment.ts";
import { docLine, docLines, propertyKey } from "./escape.ts";
import { type Declarations, header } from "./generated_file.ts";
import { assignNames, compare, freeName } from "./names.ts";
import { printComment, printDeclaration, printEntry, printFlat } from "./print_type.ts";
import { findTaggedUnions } from "./tagged_unions.ts";
import type { TypeNode } from "./type_tree.ts";

/** Options of {@link generateTypes}. */
export interface GenerateTypesOptions {
  /**
   * Use one type per model, even if arguments and results differ; a field with a default is then optional in both.
   * @default {false}
   */
  readonly singleModels?: boolean;
}

/** One generated procedure. */
export interface GeneratedProcedure {
  readonly name: string;
  readonly kind: ProcedureKind | undefined;
  readonly parameters: readonly {
    readonly name: string;
    readonly type: string;
    readonly required: boolean;
  }[];
  readonly result: string;
}

/** A generated file. */
export interface GeneratedTypes {
  /** The whole file. */
  readonly text: string;
  /** Hash of the contract's meaning for a client, as in the header. */
  readonly hash: string;
  readonly procedures: readonly GeneratedProcedure[];
  /** Names of the exported model types. */
  readonly types: readonly string[];
  /** The model of each of {@link types} that is one. */
  readonly models: ReadonlyMap<string, Pick<Model, "label" | "module" | "schema">>;
  /** The text of each procedure's member of `Types` and of each of {@link types}, comments included. */
  readonly declarations: Declarations;
  /** The value `contract` of the file. */
  readonly contractHashes: ContractHashes;
  /** Parts of the schema that the types cannot express; the types are wider there. */
  readonly warnings: readonly Warning[];
}

/**
 * Generates the TypeScript of a contract: a type for each model, `Types` (for `createClient<Types>`),
 * `ProcedureKinds` and `procedureKinds`. The output depends only on the contract, not on the order of its keys.
 *
 * @example Types of one procedure
 * ```ts
 * import { generateTypes } from "./mod.ts";
 * import { parseContract } from "../contract/mod.ts";
 *
 * const schema = { type: "integer" };
 * const document = {
 *   add: { name: "add", parameters: [{ name: "a", schema_: schema, required: true }], return_schema: schema },
 * };
 * generateTypes(parseContract(document, { where: "example" })).text.includes("Promise<number>"); // true
 * ```
 */
export function generateTypes(
  contract: Contract,
  options: GenerateTypesOptions = {},
): GeneratedTypes {
  const graph = findModels(contract);
  const uses = findUses(graph, options.singleModels ?? false);
  const taken = new Set<string>();
  const names = nameModels(graph, uses, taken);
  const unions = findTaggedUnions(graph, { uses, names, taken });
  const models = new Map<string, TypeNode>();
  const texts = new Map<string, string>();
  // Printed at once: the trees of thousands of models take more memory than everything else.
  const declare = (name: string, declared: DeclaredType) => {
    texts.set(name, printModel(name, declared));
    models.set(name, declared.type.kind === "object" ? ANY_OBJECT : declared.type);
  };
  const warnings = new Map<string, Warning>();
  const conversion = (direction: Direction): Conversion => ({
    graph,
    direction: options.singleModels ? "input" : direction,
    single: options.singleModels ?? false,
    nameOf: (model) => nameIn(names[direction], model),
    unionNameOf: (schema, document) => {
      const union = unions.find(schema, document);
      if (union === undefined) return undefined;
      const name = union.names[direction];
      if (!union.isModel && !models.has(name)) {
        declare(name, { type: convertUnion(union, conversions[direction]) });
      }
      return name;
    },
    warn: (warning) =>
      warnings.set(`${warning.procedure}\u0000${warning.path}\u0000${warning.message}`, warning),
  });
  const conversions = { input: conversion("input"), output: conversion("output") };

  for (const direction of ["output", "input"] as const) {
    for (const model of uses[direction]) {
      const name = nameIn(names[direction], model);
      if (!models.has(name)) {
        declare(name, { model, type: convertModel(model, conversions[direction]) });
      }
    }
  }

  const typeOf = (name: string) => models.get(name);
  const members = new Map<string, string>();
  const procedures: GeneratedProcedure[] = [];
  for (const [, procedure] of [...contract.procedures.entries()].sort(byName)) {
    const typed = typeProcedure(procedure, graph, conversions, typeOf);
    members.set(procedure.name, printProcedure(typed));
    procedures.push(generatedProcedure(typed));
  }
  const types = new Map([...texts].sort(byName));
  const declarations = { procedures: members, types };
  const hashes = hashesOf(contract);
  const body = [
    ...declarations.types.values(),
    printTypes([...declarations.procedures.values()]),
    PROCEDURE_ARGUMENTS,
    printContract(hashes),
    printKinds(procedures),
  ].join("\n");
  const hash = createHash("sha256").update(body).digest("hex").slice(0, 32);
  return {
    text: `${header(hash)}\n${body}`,
    hash,
    procedures,
    types: [...types.keys()],
    models: identities(uses, names),
    declarations,
    contractHashes: hashes,
    warnings: [...warnings.values()],
  };
}

function generatedProcedure(
  { procedure: { name, kind }, parameters, resultText }: TypedProcedure,
): GeneratedProcedure {
  return {
    name,
    kind,
    parameters: parameters.map(({ name, text, required }) => ({ name, type: text, required })),
    result: resultText,
  };
}

// Stands for every object type: the forms of a call depend only on the kind.
const ANY_OBJECT: TypeNode = { kind: "object", properties: [] };

// The models of the exported types, without the trees that they were printed from.
function identities(
  uses: Uses,
  names: Record<Direction, ReadonlyMap<Model, string>>,
): GeneratedTypes["models"] {
  const found = new Map<string, Pick<Model, "label" | "module" | "schema">>();
  for (const direction of ["output", "input"] as const) {
    for (const model of uses[direction]) {
      const { label, module, schema } = model;
      const name = nameIn(names[direction], model);
      if (!found.has(name)) found.set(name, { label, module, schema });
    }
  }
  return found;
}

function byName([a]: readonly [string, unknown], [b]: readonly [string, unknown]): number {
  return compare(a, b);
}

function nameIn(names: ReadonlyMap<Model, string>, model: Model): string {
  const name = names.get(model);
  if (name === undefined) throw new Error(`The model ${model.pointer} has no name`);
  return name;
}

/** Formats a procedure for people: `greet(name: string, greeting?: string): Promise<string>`. */
export function signatureOf({ name, parameters, result }: GeneratedProcedure): string {
  const list = parameters.map((parameter) =>
    `${propertyKey(parameter.name)}${parameter.required ? "" : "?"}: ${parameter.type}`
  );
  return `${propertyKey(name)}(${list.join(", ")}): Promise<${result}>`;
}

/** An exported type: of a model, or of a discriminated union that the backend does not name. */
interface DeclaredType {
  readonly model?: Model;
  readonly type: TypeNode;
}

interface Uses {
  readonly input: ReadonlySet<Model>;
  readonly output: ReadonlySet<Model>;
  /** Models whose type depends on the direction. */
  readonly differing: ReadonlySet<Model>;
}

function findUses(graph: ModelGraph, single: boolean): Uses {
  const input = new Set<Model>();
  const output = new Set<Model>();
  for (const document of graph.documents) {
    const found = document.parameter === undefined ? output : input;
    reach(graph.modelsOf(document), graph.targetsOf, found);
  }
  const sources = new Map<Model, Model[]>();
  for (const model of graph.models) {
    for (const target of graph.targetsOf(model)) {
      const list = sources.get(target);
      if (list === undefined) sources.set(target, [model]);
      else list.push(model);
    }
  }
  const differing = new Set<Model>();
  if (!single) {
    const own = graph.models.filter((model) =>
      model.mayBeDirected && differsByDirection(model.schema, model.document.root)
    );
    reach(own, (model) => sources.get(model) ?? [], differing);
  }
  return { input, output, differing };
}

function reach(
  from: readonly Model[],
  next: (model: Model) => readonly Model[],
  found: Set<Model>,
): void {
  for (const start of from) {
    if (found.has(start)) continue;
    const stack = [start];
    for (let model = stack.pop(); model !== undefined; model = stack.pop()) {
      if (found.has(model)) continue;
      found.add(model);
      for (const target of next(model)) stack.push(target);
    }
  }
}

// A model keeps its title. If arguments and results both use it and differ, the argument's type is `<title>Input`.
function nameModels(
  graph: ModelGraph,
  uses: Uses,
  taken: Set<string>,
): Record<Direction, ReadonlyMap<Model, string>> {
  const used = graph.models.filter((model) => uses.input.has(model) || uses.output.has(model));
  const names = assignNames(used, taken);
  const output = new Map(used.map((model, index) => [model, names[index] ?? ""]));
  const input = new Map(output);
  used
    .filter((model) => uses.differing.has(model) && uses.input.has(model) && uses.output.has(model))
    .map((model) => ({ model, base: `${nameIn(output, model)}Input` }))
    .sort((a, b) => compare(a.base, b.base))
    .forEach(({ model, base }) => input.set(model, freeName(base, taken)));
  return { input, output };
}

interface TypedProcedure {
  readonly procedure: Procedure;
  readonly parameters: readonly TypedParameter[];
  /** The type of the result on one line. */
  readonly resultText: string;
  readonly forms: CallForms;
}

function typeProcedure(
  procedure: Procedure,
  graph: ModelGraph,
  conversions: Record<Direction, Conversion>,
  typeOf: (name: string) => TypeNode | undefined,
): TypedProcedure {
  const parameters = procedure.parameters.map((parameter, index): TypedParameter => {
    const type = convertDocument(graph.document(procedure.name, index), conversions.input);
    const { name, required } = parameter;
    return { name, required, default: parameter.default, type, text: printFlat(type) };
  });
  const result = convertDocument(graph.document(procedure.name, "result"), conversions.output);
  return {
    procedure,
    parameters,
    resultText: printFlat(result),
    forms: callForms(parameters, typeOf),
  };
}

function printModel(name: string, { model, type }: DeclaredType): string {
  if (model === undefined) return printDeclaration(name, type, []);
  const doc = joinParagraphs([
    docLines(model.description),
    type.kind === "object" || type.kind === "union" ? [] : constraintLines(model.schema),
    model.deprecated ? ["@deprecated"] : [],
  ]);
  return printDeclaration(name, type, doc);
}

function printTypes(members: readonly string[]): string {
  const head =
    `/** The procedures of the backend, for \`createClient<Types>()\`. */\n// prettier-ignore\nexport type Types = {`;
  return members.length === 0 ? `${head}};\n` : `${head}\n${members.join("")}};\n`;
}

// `Parameters` returns the arguments of the last signature only. No procedure has more than three signatures.
const PROCEDURE_ARGUMENTS =
  `/** Every argument list that a procedure of {@link Types} accepts; \`Parameters\` returns those of the last signature only. */
// prettier-ignore
export type ProcedureArguments<F> = F extends { (...args: infer A): unknown; (...args: infer B): unknown; (...args: infer C): unknown } ? A | B | C : never;
`;

const MAX_LINE = 100;

function printProcedure({ procedure, parameters, resultText, forms }: TypedProcedure): string {
  const promise = `Promise<${resultText}>`;
  const key = propertyKey(procedure.name);
  const kind = procedure.kind === undefined
    ? ""
    : ` & { readonly _pyrpcKind: "${procedure.kind}" }`;
  const lines = procedureDoc(procedure, parameters, forms);
  const doc = printComment(lines, "  ");
  const lists = printParameterLists(forms, promise.length);
  // One form with and without a comment: a new docstring does not change a type.
  const [list] = lists;
  if (list !== undefined && lists.length === 1 && !isDocumented(lines) && !list.includes("\n")) {
    return `${doc}  ${key}: { ${list}: ${promise} }${kind};\n`;
  }
  // Completions show the comment of the member, calls and signature help that of the signature.
  const signatureDoc = printComment(lines, "    ");
  let body = "";
  for (const list of lists) {
    body += `${signatureDoc}    ${list.replaceAll("\n", "\n  ")}: ${promise};\n`;
  }
  return `${doc}  ${key}: {\n${body}  }${kind};\n`;
}

// Returns the parameter list of each signature; breaks it if the whole exceeds one line. Upstream's hooks use the last
// signature.
function printParameterLists(
  { empty, positional, named, listAlone }: CallForms,
  resultLength: number,
): string[] {
  if (named === undefined) return ["()"];
  const lists = empty ? ["()"] : [];
  if (positional.length === 0 || listAlone) {
    const [only] = positional;
    if (listAlone && only !== undefined) lists.push(`(${only.slice(1, -1)})`);
    lists.push(`(params: ${named})`);
    return lists;
  }
  const flat = `(...args: ${positional.join(" | ")} | [params: ${named}])`;
  if (flat.length + ": ".length + resultLength <= MAX_LINE) lists.push(flat);
  else {
    const forms = positional.join("\n      | ");
    lists.push(`(\n    ...args:\n      | ${forms}\n      | [params: ${named}]\n  )`);
  }
  return lists;
}

// Returns true if a comment has more than the kind, which nearly every procedure has.
function isDocumented(lines: readonly string[]): boolean {
  const [first] = lines;
  return first !== undefined && !first.startsWith("@kind ");
}

function procedureDoc(
  procedure: Procedure,
  parameters: readonly TypedParameter[],
  { keywordOnly }: CallForms,
): string[] {
  const tags: string[] = [];
  for (const { name, schema, required, default: value } of procedure.parameters) {
    const about = inlineDoc(schema);
    const otherwise = !required && value !== null ? `Default: ${jsonLine(value)}.` : "";
    if (about === "" && otherwise === "") continue;
    const between = about === "" || otherwise === "" ? "" : " ";
    tags.push(`@param ${docLine(name)} ${about}${between}${otherwise}`);
  }
  if (procedure.kind !== undefined) tags.push(`@kind ${procedure.kind}`);
  const byName = keywordOnly && parameters.length > 0
    ? ["Call it with named parameters: some of them are keyword-only in Python."]
    : [];
  return joinParagraphs([
    docLines(procedure.doc),
    byName,
    tags,
  ]);
}

function hashesOf({ procedures }: Contract): ContractHashes {
  return contractHashes(
    Object.fromEntries(
      [...procedures].map(([name, { parameters, result }]) => [
        name,
        { parameters, return_schema: result },
      ]),
    ),
  );
}

function printContract({ hash, procedures: hashes }: ContractHashes): string {
  const entries = Object.entries(hashes).map(([name, value]) =>
    `  ${printEntry(valueKey(name), `"${value}"`)}`
  );
  const list = entries.length === 0 ? "{}" : `{\n${entries.join("")}  }`;
  return "/** Hashes of the contract at run time, for `contractLink` of `@pyrpc/client/contract`. */\n" +
    `// prettier-ignore\nexport const contract: ${CONTRACT_TYPE} = {\n  hash: "${hash}",\n  procedures: ${list},\n};\n`;
}

// In a value, an unquoted `__proto__` would set the prototype.
function valueKey(name: string): string {
  return name === "__proto__" ? '["__proto__"]' : propertyKey(name);
}

function printKinds(procedures: readonly GeneratedProcedure[]): string {
  let types = "";
  let values = "";
  for (const { name, kind } of procedures) {
    if (kind === undefined) continue;
    const key = propertyKey(name);
    types += `  ${key}: "${kind}";\n`;
    values += printEntry(valueKey(name), `"${kind}"`);
  }
  if (types === "") {
    return "export type ProcedureKinds = {};\n\nexport const procedureKinds: ProcedureKinds = {};\n";
  }
  return "/** The kind of each procedure as the server reports it: a bare `@rpc` is a query, also if it changes data. */\n" +
    `export type ProcedureKinds = {\n${types}};\n\n` +
    `/** {@link ProcedureKinds} at run time. */\nexport const procedureKinds: ProcedureKinds = {\n${values}};\n`;
}

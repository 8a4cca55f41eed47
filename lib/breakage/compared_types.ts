import {
  type GeneratedTypes,
  memberForm,
  membersOfDeclaration,
  normalForm,
} from "../codegen/mod.ts";
import type { ReportedChange } from "../report/mod.ts";

/** The path of a declaration in generated types: `["Product", "in_stock"]`, `["Types", "add"]`. */
export type DeclarationPath = readonly string[];

/** The generated types of two contracts: what differs, and which declarations refer to which. */
export class ComparedTypes {
  readonly #sides: readonly [before: GeneratedTypes, after: GeneratedTypes];
  readonly #names = new Map<string, Set<string>>();
  readonly #referring = new Map<string, DeclarationPath[]>();
  readonly #reached = new Map<string, ReadonlySet<string>>();
  readonly #typeChanges = new Map<ReportedChange, boolean>();

  constructor(before: GeneratedTypes, after: GeneratedTypes) {
    this.#sides = [before, after];
    for (const { models, declarations, procedures } of this.#sides) {
      for (const [type, { label }] of models) add(this.#names, label, type);
      for (const [type, text] of declarations.types) {
        const members = membersOfDeclaration(text);
        if (members.size === 0) this.#refer([type], text);
        for (const [member, text] of members) this.#refer([type, member], text);
      }
      for (const { name, result } of procedures) this.#refer(["Types", name], `: ${result}`);
    }
  }

  /** Returns the type names of a model: it can have one for arguments and one for results. */
  namesOf(model: string): readonly string[] {
    return [...this.#names.get(model) ?? [model]];
  }

  /** Returns the types without members, the members and the results whose declaration names a type of a model. */
  referringTo(model: string): readonly DeclarationPath[] {
    const found = new Map<string, DeclarationPath>();
    const queue = [...this.namesOf(model)];
    for (let name = queue.pop(); name !== undefined; name = queue.pop()) {
      for (const path of this.#referring.get(name) ?? []) {
        const key = JSON.stringify(path);
        if (found.has(key)) continue;
        found.set(key, path);
        // Another name of the same type, or a union with it.
        if (path.length === 1) queue.push(...path);
      }
    }
    return [...found.values()];
  }

  /** Returns true if the declaration refers to a model, directly or through other types. */
  reaches(path: DeclarationPath, model: string): boolean {
    const key = JSON.stringify(path);
    const reached = this.#reached.get(key) ?? this.#reachedFrom(path);
    this.#reached.set(key, reached);
    return this.namesOf(model).some((name) => reached.has(name));
  }

  /**
   * Returns true if a change changes a type. Bounds, formats and documentation do not; a type that is only written
   * differently is the result of another change.
   */
  isTypeChange(change: ReportedChange): boolean {
    const known = this.#typeChanges.get(change) ?? this.#isTypeChange(change);
    this.#typeChanges.set(change, known);
    return known;
  }

  #isTypeChange({ rule, procedure, parameter, model, member }: ReportedChange): boolean {
    if (rule === "DOCUMENTATION_CHANGED" || rule === "TYPES_REWRITTEN") return false;
    if (procedure !== undefined) {
      return this.#differs((side) => signaturePart(side, procedure, parameter));
    }
    if (model === undefined) return false;
    const first = firstMember(member);
    return this.namesOf(model).some((type) =>
      this.#differs((side) => modelPart(side, type, first))
    );
  }

  #differs(part: (side: GeneratedTypes) => string | undefined): boolean {
    const [before, after] = this.#sides.map(part);
    return before === undefined || before !== after;
  }

  #refer(path: DeclarationPath, text: string): void {
    for (const name of namesIn(text)) {
      const all = this.#referring.get(name) ?? [];
      this.#referring.set(name, all);
      all.push(path);
    }
  }

  #reachedFrom([type = "", member]: DeclarationPath): ReadonlySet<string> {
    const reached = new Set<string>();
    for (const { declarations } of this.#sides) {
      const whole = declarations.types.get(type) ?? "";
      const text = member === undefined ? whole : membersOfDeclaration(whole).get(member) ?? "";
      for (const name of namesIn(text)) if (declarations.types.has(name)) reached.add(name);
      // Names are added while the set is visited.
      for (const name of reached) {
        for (const next of namesIn(declarations.types.get(name) ?? "")) {
          if (declarations.types.has(next)) reached.add(next);
        }
      }
    }
    return reached;
  }
}

/** Returns the member of a model that a change is about: `price.amount` and `tags[]` are parts of `price` and `tags`. */
export function firstMember(member = ""): string | undefined {
  const [first = ""] = member.split(/[.[]/);
  return first === "" ? undefined : first;
}

function signaturePart(
  { procedures, declarations }: GeneratedTypes,
  procedure: string,
  parameter: string | undefined,
): string | undefined {
  if (parameter === undefined) {
    const text = declarations.procedures.get(procedure);
    return text === undefined ? undefined : normalForm(text);
  }
  const found = procedures.find(({ name }) => name === procedure)?.parameters
    .find(({ name }) => name === parameter);
  return found === undefined ? undefined : `${found.required} ${found.type}`;
}

function modelPart(
  { declarations }: GeneratedTypes,
  type: string,
  member: string | undefined,
): string | undefined {
  const text = declarations.types.get(type);
  if (text === undefined) return undefined;
  const members = membersOfDeclaration(text);
  if (member === undefined || members.size === 0) return normalForm(text);
  const found = members.get(member);
  return found === undefined ? undefined : memberForm(found);
}

// The names after the first colon or equals sign, outside comments and texts.
function namesIn(declaration: string): ReadonlySet<string> {
  const plain = declaration.replace(
    /\/\*[\s\S]*?\*\/|"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'/g,
    " ",
  );
  const value = plain.slice(plain.search(/[:=]/) + 1);
  return new Set(value.match(/[\p{ID_Start}_$][\p{ID_Continue}$]*/gu));
}

function add(map: Map<string, Set<string>>, key: string, value: string): void {
  const all = map.get(key) ?? new Set();
  map.set(key, all.add(value));
}

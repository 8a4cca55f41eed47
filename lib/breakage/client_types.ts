import * as fs from "node:fs";
import { join } from "node:path";
import {
  compareDeclarations,
  declarationText,
  type GeneratedTypes,
  generateTypes,
  hashOf,
  readGeneratedFile,
} from "../codegen/mod.ts";
import { type Contract, isSelected, type Selection } from "../contract/mod.ts";
import {
  isDeclarationFile,
  planDelivery,
  readText,
  resolveTarget,
  type Target,
} from "../delivery/mod.ts";
import type { OverlayFile } from "./compile_client.ts";

/** A file of a client that has generated types. */
interface TypesFile {
  /** Absolute. */
  readonly path: string;
  readonly selection: Selection | undefined;
  /** Generated with `--single-models`. */
  readonly singleModels: boolean;
}

/** Both contracts as types of one client. */
export class ClientTypes {
  readonly #before: Contract;
  readonly #after: Contract;
  readonly #files: TypesFile[] = [];
  /** Files beside the types that the compiler needs to find them, such as a `package.json` that is not there yet. */
  readonly #beside: OverlayFile[] = [];

  constructor(before: Contract, after: Contract) {
    this.#before = before;
    this.#after = after;
  }

  /** Adds a configured target. The types need not be there: a fresh checkout has no packages of types. */
  addTarget(target: Target): void {
    const generated = this.#generate(this.#before, target.selection, false);
    let planned;
    try {
      planned = planDelivery(resolveTarget(target, generated), generated, { force: true });
    } catch {
      // The client's files show where its types are.
      return;
    }
    const { chosen, plan } = planned;
    if (!this.#isOurs(chosen.types)) return;
    for (const { path, content } of plan.files) {
      const full = join(plan.root, path);
      // A package has the types as a declaration file as well.
      if (hashOf(content) !== undefined) this.#add(full, target.selection);
      else if (!fs.existsSync(full)) this.#beside.push({ path: full, text: content });
    }
  }

  /** Adds a file with generated types, unless it has those of another backend. */
  addFile(path: string): void {
    if (this.#isOurs(path)) this.#add(path, undefined);
  }

  /** Absolute paths of the files with types. */
  get paths(): string[] {
    return this.#files.map(({ path }) => path);
  }

  /** The files as they are with one of the contracts. */
  files(version: "before" | "after"): OverlayFile[] {
    const contract = version === "before" ? this.#before : this.#after;
    return [
      ...this.#files.map(({ path, selection, singleModels }) => {
        const { text } = this.#generate(contract, selection, singleModels);
        return { path, text: isDeclarationFile(path) ? declarationText(text) : text };
      }),
      ...this.#beside,
    ];
  }

  #add(path: string, selection: Selection | undefined): void {
    if (this.paths.includes(path)) return;
    this.#files.push({ path, selection, singleModels: this.#hasSingleModels(path, selection) });
  }

  #generate(
    contract: Contract,
    selection: Selection | undefined,
    singleModels: boolean,
  ): GeneratedTypes {
    if (selection === undefined) return generateTypes(contract, { singleModels });
    // The new contract may have none of the selected procedures.
    const selected = [...contract.procedures].filter(([name]) => isSelected(name, selection));
    return generateTypes(
      { procedures: new Map(selected), document: contract.document },
      { singleModels },
    );
  }

  // A file with few procedures in common with both contracts has the types of another backend.
  #isOurs(path: string): boolean {
    const text = readText(path);
    if (hashOf(text) === undefined) return true;
    const names = [...readGeneratedFile(text).declarations.procedures.keys()];
    const isKnown = (name: string) =>
      this.#before.procedures.has(name) || this.#after.procedures.has(name);
    return names.filter(isKnown).length * 2 >= names.length;
  }

  // The flag is not recorded in the file: the declarations show which of both it was.
  #hasSingleModels(path: string, selection: Selection | undefined): boolean {
    const present = readGeneratedFile(readText(path)).declarations;
    if (present.types.size === 0) return false;
    const differences = (singleModels: boolean) => {
      const { declarations } = this.#generate(this.#before, selection, singleModels);
      const { types } = compareDeclarations(present, declarations);
      return types.added.length + types.changed.length + types.removed.length;
    };
    return differences(true) < differences(false);
  }
}

import { compareDeclarations, type GeneratedChanges, type GeneratedTypes } from "../codegen/mod.ts";
import type { ProjectConfig } from "../project/mod.ts";
import {
  changesFrom,
  type ClientDelivery,
  deliverToEach,
  isMissing,
  NO_CHANGES,
  type Target,
  targetsOfProject,
  type TypesOf,
} from "../delivery/mod.ts";

/** The outcome of one delivery. */
export interface Delivered {
  /** Empty in server distribution. */
  readonly deliveries: readonly ClientDelivery[];
  readonly changes: GeneratedChanges;
}

/** Writes types into the client projects and restores those that disappear. */
export class Deliverer {
  readonly #force: boolean;
  #types: TypesOf | undefined;
  /** The types of all procedures, which changes are reported of. */
  #generated: GeneratedTypes | undefined;
  #deliveries: readonly ClientDelivery[] = [];

  /** @param force replace the types of another backend */
  constructor({ force = false }: { readonly force?: boolean | undefined } = {}) {
    this.#force = force;
  }

  /** The targets of the last delivery. */
  get deliveries(): readonly ClientDelivery[] {
    return this.#deliveries;
  }

  /** Delivers new types. */
  deliver(types: TypesOf, project: ProjectConfig): Delivered {
    const generated = types(undefined);
    const targets = targetsOfProject(project);
    const deliveries = deliverToEach(targets, types, { force: this.#force });
    this.#types = types;
    const changes = this.#changes(types, deliveries, targets);
    this.#generated = generated;
    this.#deliveries = deliveries;
    return { deliveries, changes };
  }

  /** Returns true if delivered types have disappeared, or a client that had disappeared is back. */
  async isIncomplete(): Promise<boolean> {
    const missing = await Promise.all(this.#deliveries.map(async ({ path, root, error }) => {
      if (error === undefined) return path !== undefined && await isMissing(path);
      return error.code === "CLIENT_GONE" && !await isMissing(root);
    }));
    return missing.includes(true);
  }

  /** Delivers the last good types again. */
  restore(project: ProjectConfig): readonly ClientDelivery[] {
    if (this.#types !== undefined) {
      this.#deliveries = deliverToEach(targetsOfProject(project), this.#types, {
        force: this.#force,
      });
    }
    return this.#deliveries;
  }

  // Compared with the last types, or the first time with the file that was there before.
  #changes(
    types: TypesOf,
    deliveries: readonly ClientDelivery[],
    targets: readonly Target[],
  ): GeneratedChanges {
    const generated = types(undefined);
    if (this.#generated?.hash === generated.hash) return NO_CHANGES;
    if (this.#generated !== undefined) {
      return compareDeclarations(this.#generated.declarations, generated.declarations);
    }
    const index = deliveries.findIndex(({ state }) => state === "written");
    const before = deliveries[index]?.before;
    return before === undefined
      ? NO_CHANGES
      : changesFrom(before, types(targets[index]?.selection)).changes;
  }
}

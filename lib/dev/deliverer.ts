import { compareDeclarations, type GeneratedChanges, type GeneratedTypes } from "../codegen/mod.ts";
import type { ProjectConfig } from "../project/mod.ts";
import {
  changesFrom,
  type ClientDelivery,
  deliverToEach,
  isMissing,
  NO_CHANGES,
  targetsOfProject,
} from "../delivery/mod.ts";

/** The outcome of one delivery. */
export interface Delivered {
  /** Empty in server distribution. */
  readonly deliveries: readonly ClientDelivery[];
  readonly changes: GeneratedChanges;
}

/** Writes types into the client projects and restores those that disappear. */
export class Deliverer {
  #generated: GeneratedTypes | undefined;
  #deliveries: readonly ClientDelivery[] = [];

  /** The targets of the last delivery. */
  get deliveries(): readonly ClientDelivery[] {
    return this.#deliveries;
  }

  /** Delivers new types. */
  deliver(generated: GeneratedTypes, project: ProjectConfig): Delivered {
    const deliveries = deliverToEach(targetsOfProject(project), generated);
    const changes = this.#changes(generated, deliveries);
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
    if (this.#generated !== undefined) {
      this.#deliveries = deliverToEach(targetsOfProject(project), this.#generated);
    }
    return this.#deliveries;
  }

  // Compared with the last types, or the first time with the file that was there before.
  #changes(generated: GeneratedTypes, deliveries: readonly ClientDelivery[]): GeneratedChanges {
    if (this.#generated?.hash === generated.hash) return NO_CHANGES;
    if (this.#generated !== undefined) {
      return compareDeclarations(this.#generated.declarations, generated.declarations);
    }
    const before = deliveries.find(({ state }) => state === "written")?.before;
    return before === undefined ? NO_CHANGES : changesFrom(before, generated).changes;
  }
}

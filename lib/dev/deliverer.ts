import {
  compareGenerated,
  type GeneratedChanges,
  type GeneratedTypes,
  readGeneratedFile,
} from "../codegen/mod.ts";
import type { ProjectConfig } from "../project/mod.ts";
import { deliverTypes, isGone, type TypesDelivery } from "./deliver_types.ts";

/** The outcome of one delivery. */
export interface Delivered {
  /** Empty in server distribution. */
  readonly deliveries: readonly TypesDelivery[];
  readonly changes: GeneratedChanges;
}

const NO_CHANGES: GeneratedChanges = {
  procedures: { added: [], changed: [], removed: [] },
  types: { added: [], changed: [], removed: [] },
};

/** Writes types into the client projects and restores those that disappear. */
export class Deliverer {
  #generated: GeneratedTypes | undefined;
  #deliveries: readonly TypesDelivery[] = [];

  /** The last good types. */
  get generated(): GeneratedTypes | undefined {
    return this.#generated;
  }

  /** The targets of the last delivery. */
  get deliveries(): readonly TypesDelivery[] {
    return this.#deliveries;
  }

  /** Delivers new types. */
  deliver(generated: GeneratedTypes, project: ProjectConfig): Delivered {
    const deliveries = project.distribution === "workspace" ? deliverTypes(generated, project) : [];
    const changes = this.#changes(generated, deliveries);
    this.#generated = generated;
    this.#deliveries = deliveries;
    return { deliveries, changes };
  }

  /** Returns true if delivered types have disappeared, or a client that had disappeared is back. */
  async isIncomplete(): Promise<boolean> {
    const isMissing = await Promise.all(this.#deliveries.map(async ({ path, root, error }) => {
      if (error === undefined) return path !== undefined && await isGone(path);
      return error.code === "DEV_CLIENT_GONE" && !await isGone(root);
    }));
    return isMissing.includes(true);
  }

  /** Delivers the last good types again. */
  restore(project: ProjectConfig): readonly TypesDelivery[] {
    if (this.#generated !== undefined) {
      this.#deliveries = deliverTypes(this.#generated, project);
    }
    return this.#deliveries;
  }

  // Compared with the last types, or the first time with the file that was there before.
  #changes(generated: GeneratedTypes, deliveries: readonly TypesDelivery[]): GeneratedChanges {
    const before = this.#generated?.text ??
      deliveries.find(({ state }) => state === "written")?.before;
    if (before === undefined || this.#generated?.hash === generated.hash) return NO_CHANGES;
    return compareGenerated(readGeneratedFile(before), readGeneratedFile(generated.text));
  }
}

import {
  changedModels,
  compareDeclarations,
  type GeneratedChanges,
  type GeneratedTypes,
  type ModelChanges,
} from "../codegen/mod.ts";
import type { ProjectConfig } from "../project/mod.ts";
import {
  type BackendSources,
  changesFrom,
  type ClientDelivery,
  deliverToEach,
  findFormerOutputs,
  isLost,
  isMissing,
  NO_CHANGES,
  selectStaleFiles,
  type Target,
  targetsOfProject,
  type TypesOf,
} from "../delivery/mod.ts";

/** The outcome of one delivery. */
export interface Delivered {
  /** Empty in server distribution. */
  readonly deliveries: readonly ClientDelivery[];
  readonly changes: GeneratedChanges;
  /** The models that both contracts have and that differ. */
  readonly models: readonly ModelChanges[];
  /** Files of earlier deliveries that no client's target names any more; each is listed once. */
  readonly stale: readonly string[];
}

/** Writes types into the client projects and restores those that disappear. */
export class Deliverer {
  readonly #force: boolean;
  #types: TypesOf | undefined;
  /** The types of all procedures, which changes are reported of. */
  #generated: GeneratedTypes | undefined;
  #deliveries: readonly ClientDelivery[] = [];
  /** Files that were written in this session. */
  readonly #written = new Set<string>();
  /** Those that were reported as stale. */
  readonly #reported = new Set<string>();
  /** The targets whose clients were searched for types of earlier targets. */
  #searched: string | undefined;
  #sources: BackendSources | undefined;
  /** The modules whose types were written in this session. */
  readonly #modules = new Set<string>();
  /** The last restoration wrote files; what removed them may still be writing its own. */
  #isSettling = false;

  /** @param force replace the types of another backend */
  constructor({ force = false }: { readonly force?: boolean | undefined } = {}) {
    this.#force = force;
  }

  /** The targets of the last delivery. */
  get deliveries(): readonly ClientDelivery[] {
    return this.#deliveries;
  }

  /**
   * Delivers new types.
   *
   * @param options.unknown procedures without a description: files that have types of one stay as they are
   * @param options.sources write declaration maps into this source
   */
  deliver(
    types: TypesOf,
    project: ProjectConfig,
    { unknown = [], sources }: {
      readonly unknown?: readonly string[];
      readonly sources?: BackendSources | undefined;
    } = {},
  ): Delivered {
    const generated = types(undefined);
    const targets = this.#targets(project);
    const deliveries = deliverToEach(targets, types, { force: this.#force, unknown, sources });
    this.#sources = sources;
    this.#types = types;
    const { changes, models } = this.#changes(types, deliveries, targets);
    this.#generated = generated;
    this.#deliveries = deliveries;
    if (deliveries.some(({ state }) => state === "written" || state === "same")) {
      this.#modules.add(project.module);
    }
    return { deliveries, changes, models, stale: this.#stale(targets) };
  }

  /** Returns true if delivered types are gone or replaced by the placeholder, or a client that had disappeared is back. */
  async isIncomplete(): Promise<boolean> {
    if (this.#isSettling) return true;
    const missing = await Promise.all(this.#deliveries.map(async ({ path, root, error }) => {
      if (error === undefined) return path !== undefined && await isLost(path);
      return error.code === "CLIENT_GONE" && !await isMissing(root);
    }));
    return missing.includes(true);
  }

  /** Delivers the last good types again; those that are still there are not written. */
  restore(project: ProjectConfig): readonly ClientDelivery[] {
    if (this.#types !== undefined) {
      this.#deliveries = deliverToEach(this.#targets(project), this.#types, {
        force: this.#force,
        sources: this.#sources,
      });
    }
    this.#isSettling = this.#deliveries.some(({ state }) => state === "written");
    return this.#deliveries;
  }

  #targets(project: ProjectConfig): Target[] {
    return targetsOfProject(project, [...this.#modules]);
  }

  #stale(targets: readonly Target[]): string[] {
    const current = this.#deliveries.flatMap(({ path }) => path ?? []);
    const names = JSON.stringify(
      targets.map(({ start, out, packageName }) => [start, out, packageName]),
    );
    // The folders of the clients are searched again only if the targets have changed.
    const former = names === this.#searched ? [] : findFormerOutputs(targets, current);
    this.#searched = names;
    const stale = selectStaleFiles(new Set([...this.#written, ...former]), current)
      .filter((path) => !this.#reported.has(path));
    for (const path of stale) this.#reported.add(path);
    for (const path of current) {
      this.#written.add(path);
      this.#reported.delete(path);
    }
    return stale;
  }

  // Compared with the last types, or the first time with the file that was there before.
  #changes(
    types: TypesOf,
    deliveries: readonly ClientDelivery[],
    targets: readonly Target[],
  ): Pick<Delivered, "changes" | "models"> {
    const generated = types(undefined);
    const none = { changes: NO_CHANGES, models: [] };
    if (this.#generated?.hash === generated.hash) return none;
    if (this.#generated !== undefined) {
      const pair = [this.#generated.declarations, generated.declarations] as const;
      return { changes: compareDeclarations(...pair), models: changedModels(...pair) };
    }
    const index = deliveries.findIndex(({ state }) => state === "written");
    const before = deliveries[index]?.before;
    if (before === undefined) return none;
    const delivered = types(targets[index]?.selection);
    const { changes, before: old } = changesFrom(before, delivered);
    return {
      changes,
      models: old === undefined ? [] : changedModels(old, delivered.declarations),
    };
  }
}

import { addBrokenLines, findBreakageClients } from "../breakage/mod.ts";
import type { Contract } from "../contract/mod.ts";
import type { ProjectConfig } from "../project/mod.ts";
import { type DiffReport, type DiffSide, reportDiff } from "../report/mod.ts";
import type { Clock } from "../runtime/mod.ts";
import type { DevEvent } from "./dev_event.ts";

/** The functions that compile clients. Tests replace them. */
export interface CompileParts {
  readonly findClients: typeof findBreakageClients;
  readonly addLines: typeof addBrokenLines;
}

/** Options of {@link BrokenLines}. */
export interface BrokenLinesOptions {
  readonly cwd: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly clock: Clock;
  /** Compile the clients after each change, not on request only. */
  readonly isAutomatic: boolean;
  readonly parts?: Partial<CompileParts> | undefined;
  readonly onEvent: (event: DevEvent) => void;
  readonly onFailure: (error: unknown) => void;
}

/**
 * Lists the lines of the clients that break with the present contract, compared with the first one of the session: a line
 * stays listed until the frontend or the backend is fixed. Compilers run beside the loop, and end when the next change comes.
 */
export class BrokenLines {
  readonly #options: BrokenLinesOptions;
  readonly #parts: CompileParts;
  #entrypoint: string | undefined;
  #first: DiffSide | undefined;
  #present: DiffSide | undefined;
  #project: ProjectConfig | undefined;
  /** The types that were compiled last, or are compiled now. */
  #compiled: string | undefined;
  #run: AbortController | undefined;
  /** Key of the report that was emitted last. */
  #reported = NOTHING;

  constructor(options: BrokenLinesOptions) {
    this.#options = options;
    this.#parts = {
      findClients: findBreakageClients,
      addLines: addBrokenLines,
      ...options.parts,
    };
  }

  /**
   * Compiles the clients in the background, if this contract has other types than the last one.
   *
   * @param hash the hash of its types
   */
  described(contract: Contract, hash: string, project: ProjectConfig): void {
    const side = { contract, where: project.entrypoint };
    if (this.#first === undefined || this.#entrypoint !== project.entrypoint) {
      this.#entrypoint = project.entrypoint;
      this.#first = side;
      this.#compiled = hash;
    }
    this.#present = side;
    this.#project = project;
    if (!this.#options.isAutomatic || hash === this.#compiled) return;
    this.#compiled = hash;
    this.#compile().then((found) => {
      if (found === undefined) return;
      const reported = keyOf(found.report);
      if (reported === this.#reported) return;
      this.#reported = reported;
      this.#options.onEvent({ kind: "broken_lines", ...found });
    }).catch((error) => this.#options.onFailure(error));
  }

  /**
   * Compiles the clients now. The result is undefined if nothing was described yet, or the next change came.
   *
   * @throws ToolError if the project has no clients
   */
  async list(): Promise<DiffReport | undefined> {
    const found = await this.#compile();
    if (found !== undefined) this.#reported = keyOf(found.report);
    return found?.report;
  }

  /** Ends the compilers: their result would be outdated. */
  cancel(): void {
    if (this.#run === undefined) return;
    this.#run.abort();
    this.#run = undefined;
    this.#compiled = undefined;
  }

  async #compile(): Promise<{ report: DiffReport; milliseconds: number } | undefined> {
    this.#run?.abort();
    const [before, after, project] = [this.#first, this.#present, this.#project];
    if (before === undefined || after === undefined || project === undefined) return undefined;
    const run = new AbortController();
    this.#run = run;
    const { cwd, env, clock } = this.#options;
    const { signal } = run;
    const start = clock.monotonic();
    try {
      const folders = { roots: [], configured: true };
      const clients = await this.#parts.findClients(folders, { project, client: undefined }, cwd);
      const request = { before, after, report: await reportDiff(before, after), clients };
      const report = await this.#parts.addLines(request, { cwd, env, signal });
      return signal.aborted ? undefined : { report, milliseconds: clock.monotonic() - start };
    } catch (error) {
      if (signal.aborted) return undefined;
      throw error;
    } finally {
      if (this.#run === run) this.#run = undefined;
    }
  }
}

function keyOf({ changes, otherLines = [], clients = [] }: DiffReport): string {
  const lines = [...changes.flatMap(({ impact }) => impact?.lines ?? []), ...otherLines];
  return JSON.stringify([
    lines.map(({ file, line, uses }) => [file, line, uses]),
    clients.flatMap(({ root, problem }) => problem === undefined ? [] : [[root, problem.message]]),
  ]);
}

const NOTHING = JSON.stringify([[], []]);

import { ALL_PROCEDURES, type Contract, isSelected, type Selection } from "../contract/mod.ts";
import { defined } from "../defined.ts";
import { ExitCode, ToolError } from "../errors.ts";
import type { GeneratedTypes } from "../codegen/mod.ts";
import type { ProcedureDescription } from "../inspect/mod.ts";
import { stringifyJson } from "../json/mod.ts";
import { serverUrlOfEnvironment } from "../project/mod.ts";
import type { Clock, Console } from "../runtime/mod.ts";
import {
  classifySource,
  type LoadContext,
  type LoadedSource,
  type LoadOptions,
  loadSource,
  selectSource,
} from "../source/mod.ts";
import { type Following, followSource } from "../watch/mod.ts";
import { noContract } from "./errors.ts";

/** The contract that the tools answer from. */
export interface LiveContract {
  readonly contract: Contract;
  /** Its origin for people: a path, a URL without secrets, a module. */
  readonly where: string;
  readonly kind: LoadedSource["kind"];
  /** Problems of the source: procedures that are left out, a backend that is away. */
  readonly warnings: readonly string[];
  /** The definition of each procedure in Python, if it is known: `app/main.py:12`. */
  readonly places: ReadonlyMap<string, string>;
  /** The types of the contract, generated at the first use. */
  readonly types: () => Promise<GeneratedTypes>;
  /** Describes a procedure. */
  readonly describe: (name: string) => Promise<ProcedureDescription | undefined>;
}

/** SOURCE with what it is loaded with: paths of a project's entry are relative to its folder. */
interface FoundSource {
  readonly source: string;
  readonly options: LoadOptions;
  readonly context: LoadContext & Clock;
}

/** Loads the contract at the first use, and follows it from then on. */
export class ContractSource {
  readonly #source: string | undefined;
  readonly #options: LoadOptions;
  readonly #context: LoadContext & Clock & Pick<Console, "now">;
  /** The procedures that agents see. */
  readonly selection: Selection;
  #loading: Promise<LiveContract> | undefined;
  #latest: LiveContract | undefined;
  // The latest without the warning of a backend that is away.
  #loaded: LiveContract | undefined;
  #following: Following | undefined;
  #isClosed = false;
  #loadedAt = 0;
  #found: FoundSource | undefined;

  /** Called when the contract has changed. */
  onChange: ((before: LiveContract, after: LiveContract) => void) | undefined;

  constructor(
    source: string | undefined,
    options: LoadOptions,
    context: LoadContext & Clock & Pick<Console, "now">,
    selection: Selection = ALL_PROCEDURES,
  ) {
    this.#source = source;
    this.#options = options;
    this.#context = context;
    this.selection = selection;
  }

  /** The contract as it is now. A server that is away: the cached one, with a warning. @throws ToolError */
  async load(): Promise<LiveContract> {
    if (this.#latest !== undefined) return this.#latest;
    this.#loading ??= this.#start();
    try {
      return await this.#loading;
    } catch (error) {
      // The next call tries again: the backend may be started meanwhile.
      this.#loading = undefined;
      throw error;
    }
  }

  /** The SOURCE, if it is a server's URL. */
  async serverUrl(): Promise<string | undefined> {
    const { source, context } = await this.#find();
    return classifySource(source, context.cwd).kind === "url" ? source : undefined;
  }

  /** The SOURCE, once it was found. */
  get found(): string | undefined {
    return this.#found?.source;
  }

  /** The SOURCE as the other commands accept it. */
  async find(): Promise<FoundSource> {
    return await this.#find();
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    await this.#following?.close();
  }

  async #start(): Promise<LiveContract> {
    const found = await this.#find();
    const { live, etag, takenAt = this.#context.now() } = await loadOrCached(found, this.selection);
    this.#latest = this.#loaded = live;
    this.#loadedAt = takenAt;
    const following = await followSource({
      ...found,
      kind: live.kind,
      where: live.where,
      ...defined({ etag }),
    }, {
      loaded: (loaded) => {
        try {
          this.#apply(loaded);
        } catch (error) {
          this.#failed(error);
        }
      },
      unchanged: () => {
        this.#latest = this.#loaded;
        this.#loadedAt = this.#context.now();
      },
      failed: (error) => this.#failed(error),
      output: () => {},
    });
    if (this.#isClosed) await following?.close();
    this.#following = following;
    return live;
  }

  #apply(loaded: LoadedSource): void {
    this.#loadedAt = this.#context.now();
    const before = this.#latest;
    const live = liveContract(loaded, this.selection);
    this.#latest = this.#loaded = live;
    if (before === undefined) return;
    const [old, present] = [before.contract.document, live.contract.document];
    if (stringifyJson(old) !== stringifyJson(present)) this.onChange?.(before, live);
  }

  #failed(error: unknown): void {
    const latest = this.#latest;
    if (latest === undefined) return;
    const why = error instanceof ToolError ? error.message : String(error);
    const time = new Date(this.#loadedAt).toISOString();
    this.#latest = { ...latest, warnings: [`${why}: this is the contract as it was on ${time}`] };
  }

  async #find(): Promise<FoundSource> {
    return this.#found = await this.#search();
  }

  async #search(): Promise<FoundSource> {
    const context = this.#context;
    if (this.#source !== undefined) {
      return { source: this.#source, options: this.#options, context };
    }
    const { findCheckedProject } = await import("../check/mod.ts");
    const { project, client } = await findCheckedProject(context);
    if (project !== undefined) {
      const { entrypoint, module, folder } = project;
      const python = this.#options.python ?? project.python;
      const { env, stdin, monotonic, after } = context;
      return {
        source: entrypoint.split(":")[0] === module ? entrypoint : module,
        options: { ...this.#options, python },
        context: { cwd: folder, env, stdin, monotonic, after },
      };
    }
    const source = serverUrlOfEnvironment(context.env) ?? client?.servers[0]?.url;
    if (source === undefined) throw noContract();
    return { source, options: this.#options, context };
  }
}

async function loadOrCached(
  { source, options, context }: FoundSource,
  selection: Selection,
): Promise<{ live: LiveContract; etag?: string; takenAt?: number }> {
  const classified = classifySource(source, context.cwd);
  if (classified.kind !== "url") {
    return { live: liveContract(await loadSource(source, options, context), selection) };
  }
  const { readSnapshot, snapshotPath, writeSnapshot } = await import("../mock/files/mod.ts");
  const path = snapshotPath(classified.url, context.env);
  try {
    const loaded = await loadSource(source, options, context);
    // The contract is served even if its folder of the cache cannot be written.
    await writeSnapshot(path, loaded.contract).catch(() => {});
    return { live: liveContract(loaded, selection), ...defined({ etag: loaded.etag }) };
  } catch (error) {
    if (!(error instanceof ToolError) || error.exitCode !== ExitCode.Server) throw error;
    const snapshot = await readSnapshot(path);
    if (snapshot === undefined) throw error;
    const takenAt = new Date(snapshot.takenAt).getTime();
    const taken = new Date(takenAt).toISOString();
    return {
      takenAt,
      live: liveContract({
        kind: "url",
        contract: snapshot.contract,
        where: error.where ?? source,
        warnings: [`${error.message}: this is the contract as it was on ${taken}`],
      }, selection),
    };
  }
}

function liveContract(found: LoadedSource, selection: Selection): LiveContract {
  const loaded = selectSource(found, selection);
  const { contract, where, kind, warnings = [], problems = [], places = [] } = loaded;
  let generated: Promise<GeneratedTypes> | undefined;
  let describer: Promise<(name: string) => ProcedureDescription | undefined> | undefined;
  const types = () =>
    generated ??= import("../codegen/mod.ts").then((codegen) => codegen.generateTypes(contract));
  const makeDescriber = async () => {
    const { procedureDescriber } = await import("../inspect/mod.ts");
    return procedureDescriber(contract, await types());
  };
  return {
    contract,
    where,
    kind,
    places: new Map(
      [...places].filter(([name]) => isSelected(name, selection))
        .map(([name, { file, line }]) => [name, `${file}:${line}`]),
    ),
    warnings: [...warnings, ...problems],
    types,
    async describe(name) {
      return (await (describer ??= makeDescriber()))(name);
    },
  };
}

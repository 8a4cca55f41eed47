import { resolve } from "node:path";
import type { Console } from "../runtime/mod.ts";
import type { LoadContext, LoadOptions } from "../source/mod.ts";
import { addressOf, type Backends, findBackends } from "./backends.ts";
import { BreakingChanges, type ContractVersion } from "./breaking_changes.ts";
import { checkBuild } from "./check_build.ts";
import { checkOptions } from "./check_options.ts";
import { typesNotCurrent, viteError } from "./errors.ts";
import { followContract } from "./follow_contract.ts";
import { MockHandler } from "./mock_handler.ts";
import type {
  PyrpcOptions,
  PyrpcPlugin,
  ViteConfig,
  ViteDevServer,
  ViteUserConfig,
} from "./options.ts";

const PLUGIN_NAME = "@pyrpc/vite";
/** The endpoint, and no module of the frontend such as `/rpc.ts`. */
const PROXY_KEY = "^/rpc/?(?:\\?|$)";
const INTERVAL_MS = 500;
/** A build does not wait for a backend that accepts connections and never answers. */
const BUILD_TIMEOUT_MS = 5000;

/** Creates the plugin. Nothing runs before Vite calls a hook. @throws Error if an option is wrong */
export function createPlugin(options: PyrpcOptions, console: Console): PyrpcPlugin {
  checkOptions(options);
  const session = new PluginSession(options, console);
  return {
    name: PLUGIN_NAME,
    config: (config) => session.open(config),
    configResolved: (config) => session.resolved(config),
    configureServer: (server) => session.start(server),
    configurePreviewServer: ({ middlewares }) => {
      const mock = session.mock();
      if (mock !== undefined) middlewares.use("/rpc", mock.middleware);
    },
    buildStart: () => session.checkBuild(),
    buildEnd() {
      session.stop(this.environment);
    },
  };
}

/** The state of one plugin. Frameworks use one plugin for several servers (browser and server side) and builds. */
class PluginSession {
  readonly #options: PyrpcOptions;
  readonly #console: Console;
  readonly #servers = new Set<ViteDevServer>();
  #root = "";
  #backends: Backends | undefined;
  #config: ViteConfig | undefined;
  #ended: AbortController | undefined;
  #mock: MockHandler | undefined;
  #checked: Promise<void> | undefined;
  /** The contracts whose breaking changes the overlay shows. */
  readonly #shown = new Set<BreakingChanges>();

  constructor(options: PyrpcOptions, console: Console) {
    this.#options = options;
    this.#console = console;
  }

  /** Finds the backends, and adds the proxy. */
  async open(config: ViteUserConfig): Promise<ViteUserConfig | undefined> {
    const { source, proxy = true, mock = false } = this.#options;
    this.#root = resolve(this.#console.cwd, config.root ?? ".");
    try {
      this.#backends ??= await findBackends(source, this.#context());
    } catch (error) {
      throw viteError(error);
    }
    const address = proxy && mock === false ? addressOf(this.#backends) : undefined;
    const isTaken = Object.keys(config.server?.proxy ?? {}).some((key) => /^\^?\/rpc\b/.test(key));
    if (address === undefined || isTaken) return undefined;
    const { origin, pathname } = address;
    const rewrite = (path: string) => path.replace(/^\/rpc\/?/, pathname);
    return { server: { proxy: { [PROXY_KEY]: { target: origin, changeOrigin: true, rewrite } } } };
  }

  resolved(config: ViteConfig): void {
    this.#config = config;
  }

  /** Follows the contracts while a server runs. */
  start(server: ViteDevServer): void {
    const mock = this.mock();
    if (mock !== undefined) server.middlewares.use("/rpc", mock.middleware);
    this.#servers.add(server);
    // Tests run with the types that are there.
    if (this.#ended !== undefined || this.#console.env["VITEST"] !== undefined) return;
    this.#ended = new AbortController();
    const { signal } = this.#ended;
    const { jobs = [], writes = true, notes = [] } = this.#backends ?? {};
    for (const note of notes) this.#print("warn", note);
    for (const job of jobs) {
      const changes = new BreakingChanges();
      let compared = Promise.resolve();
      void followContract(job, {
        load: this.#load(),
        context: { ...this.#context(), signal },
        writes,
        intervalMs: this.#options.interval ?? INTERVAL_MS,
        monotonic: this.#console.monotonic,
        onContract: (loaded) => {
          if (jobs.length === 1) void mock?.serve(loaded, job.source);
          compared = compared.then(() => this.#compare(changes, loaded)).catch((error: unknown) =>
            this.#print("warn", String(error))
          );
        },
        info: (line) => this.#print("info", line),
        warn: (line) => this.#print("warn", line),
      });
    }
  }

  /** Ends the work once the last server has closed. */
  stop(environment: unknown): void {
    for (const server of this.#servers) {
      const own = Object.values(server.environments ?? {});
      if (environment === undefined || own.includes(environment)) this.#servers.delete(server);
    }
    if (this.#servers.size > 0) return;
    this.#ended?.abort();
    this.#ended = undefined;
  }

  /** The mock, if the options ask for one. */
  mock(): MockHandler | undefined {
    const { mock = false } = this.#options;
    const [job, ...others] = this.#backends?.jobs ?? [];
    if (mock === false || job === undefined || others.length > 0) return undefined;
    if (this.#mock === undefined) {
      this.#mock = new MockHandler({
        settings: mock === true ? {} : mock,
        context: this.#context(),
        random: this.#console.random,
        warn: (line) => this.#print("warn", line),
      });
      void this.#mock.serveCached(job.source);
    }
    return this.#mock;
  }

  /** Checks the types once, however many builds the framework starts. @throws Error if they are not current */
  async checkBuild(): Promise<void> {
    const { stale = "fail" } = this.#options;
    if (this.#config?.command !== "build" || stale === "ignore") return;
    this.#checked ??= this.#check(stale);
    await this.#checked;
  }

  async #check(stale: "fail" | "warn"): Promise<void> {
    if (this.#backends === undefined) return;
    try {
      const load = { ...this.#load(), timeoutMs: BUILD_TIMEOUT_MS };
      const texts = await checkBuild(this.#backends, load, this.#context());
      if (texts.length > 0) throw typesNotCurrent(texts.join("\n"));
    } catch (error) {
      const shown = viteError(error);
      if (stale === "fail") throw shown;
      this.#print("warn", shown instanceof Error ? shown.message : String(shown));
    }
  }

  async #compare(changes: BreakingChanges, next: ContractVersion): Promise<void> {
    const sentences = await changes.add(next);
    const { overlay = true } = this.#options;
    if (sentences.length > 0) {
      const text = ["The contract has breaking changes:", ...sentences].join("\n");
      if (!overlay) return this.#print("warn", text);
      const err = { message: text, stack: "", plugin: PLUGIN_NAME };
      for (const { ws } of this.#servers) ws.send({ type: "error", err });
      this.#shown.add(changes);
    } else if (this.#shown.delete(changes) && this.#shown.size === 0) {
      for (const { ws } of this.#servers) ws.send({ type: "update", updates: [] });
    }
  }

  #print(level: "info" | "warn", line: string): void {
    this.#config?.logger[level](`[pyrpc] ${line}`, { timestamp: true });
  }

  #context(): LoadContext {
    const { env, stdin } = this.#console;
    return { cwd: this.#root, env, stdin };
  }

  #load(): LoadOptions {
    return { headers: Object.entries(this.#options.headers ?? {}) };
  }
}

import { defined } from "../lib/defined.ts";
import { rpcUrl } from "../lib/rpc_url.ts";
import * as rpc from "../lib/rpc/mod.ts";
import { createExplorer } from "../lib/explorer/mod.ts";
import { formatJsonText } from "../lib/json/mod.ts";
import * as proxy from "../lib/proxy/mod.ts";
import { readFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { ExitCode, usageError } from "../lib/errors.ts";
import type { Dispatcher, Handler, MessageService, Resolver } from "../lib/rpc/mod.ts";
import type { AllowedOrigins, OriginPolicy } from "../lib/origins.ts";
import type { ListenAddress, Listener } from "../lib/server/mod.ts";
import type { PlannedFile } from "../lib/delivery/mod.ts";
import type { Sampler } from "../lib/mock/mod.ts";
import type { Upstream } from "../lib/proxy/mod.ts";
import { type Console, untilSignal } from "../lib/runtime/mod.ts";
import type { Contract } from "../lib/contract/mod.ts";
import type { LoadedSource } from "../lib/source/mod.ts";
import { plainText, styleFor } from "../lib/terminal/mod.ts";
import { followFiles, type Following, followModule, followUrl } from "../lib/watch/mod.ts";
import type { MockFlags } from "../lib/cli/mod.ts";
import { describeOrigins, mockOrigins, reportRefusedOrigins } from "../lib/cli/mod.ts";
import { loadServedContract, oddities, type ServedContract } from "./_mock_source.ts";
import { type ProxyReport, startReport } from "./_proxy_report.ts";
import { openRecorder, type Recorder } from "./_recorder.ts";
import { type SourceFlags, sourceOptions } from "../lib/cli/mod.ts";
import { consoleReporter, type Reporter } from "../lib/cli/mod.ts";

/** Options of {@link runMock}. */
export interface RunMockOptions {
  /** The command, for the start banner. */
  readonly title?: string;
  /** @default {mockOrigins(flags)} */
  readonly origins?: OriginPolicy;
}

/** Serves the mock, or what stands before a real server, until it is ended. */
export async function runMock(
  console: Console,
  flags: MockFlags,
  source: string | undefined,
  { title = "pyrpc mock", origins = mockOrigins(flags) }: RunMockOptions = {},
): Promise<ExitCode> {
  const [server, mock] = await Promise.all([
    import("../lib/server/mod.ts"),
    import("../lib/mock/mod.ts"),
  ]);
  const { registeredNames, registrationOf, startRegistration } = await import(
    "../lib/rpyc/registry/mod.ts"
  );
  const serve = await import("../lib/serve/mod.ts");
  const registration = registrationOf(flags);
  const serviceNames = registeredNames(flags);
  const settings = await serve.loadServingSettings(flags, console, origins);
  const say = consoleReporter(console);
  if (flags.handlers !== undefined) {
    const { lateErrorLines } = await import("../lib/runtime/mod.ts");
    console.onLateError?.(lateErrorLines(resolve(console.cwd, flags.handlers), say.warn));
  }
  const subjects = (flags.listen ?? []).map(server.parseListenUrl);
  refuseOtherTransports(subjects);
  serve.refuseAuthenticator(settings, subjects);
  const nats = await serve.natsConnection(flags, subjects, console, say);
  const world = await loadWorld(console, flags, source, say);
  const statistics = proxy.startStatistics();
  const lines = serve.requestLines(flags, console);
  const tracing = await serve.openTrace(flags, console);
  const isProxy = world.report !== undefined;
  const explorer = flags.explorer
    ? createExplorer({
      contract: () => world.served.contract,
      rpcPath: flags.path ?? "/rpc",
      isReal: world.upstream !== undefined,
      title: () => plainText(world.served.where),
      now: console.now,
    })
    : undefined;
  const service: MessageService = {
    protocol: rpc.pyrpcProtocol,
    dispatcher: world.build(),
    limits: settings.messageLimits,
    trace: tracing.trace,
    observe: isProxy || explorer !== undefined
      ? (event) => {
        if (isProxy) statistics.add(event);
        lines.observe?.(event);
        explorer?.observe(event);
      }
      : lines.observe,
    now: console.monotonic,
  };
  const jsonrpc: MessageService = { ...service, protocol: rpc.strictJsonrpcProtocol };
  const discovered = (dispatcher: Dispatcher) =>
    mock.withDiscovery(dispatcher, () => world.served.contract, flags.openrpcDepth);
  jsonrpc.dispatcher = discovered(service.dispatcher);
  const following: Following[] = [];
  const document = (query: URLSearchParams) => rpc.contractDocument(world.served.contract, query);
  const others: Listener[] = [];
  try {
    // What takes its time comes before the port is open: who is answered may edit what is followed, and may end it.
    const renew = (why: string) => {
      service.dispatcher = world.build();
      jsonrpc.dispatcher = discovered(service.dispatcher);
      explorer?.contractChanged();
      say.note(`${why}: ${procedureCount(world.served.contract)}`);
    };
    following.push(...await follow(world, flags, console, renew, say));
    for (const subject of subjects) {
      others.push(
        await server.listen(subject, service, {
          limits: settings.limits,
          document,
          ...defined({ nats }),
        }),
      );
    }
    await using listener = closing(
      await server.listenHttp({
        host: flags.host,
        port: flags.port ?? 8000,
        responseStyle: server.responseStyleOf(flags.adapter),
        routes: [
          {
            path: flags.path ?? "/rpc",
            service,
            document,
          },
          { path: "/jsonrpc", service: jsonrpc },
        ],
        pages: explorer?.pages ?? [],
        ...settings,
        onRefusedOrigin: reportRefusedOrigins(say.warn),
      }),
    );
    const over = untilSignal(
      console,
      Promise.race([listener.value, ...others].map(({ ended }) => ended)),
    );
    const urls = [listener.value, ...others].map(({ url }) => url);
    announce(console, flags, title, urls, world, settings.origins);
    for (const notice of world.served.notices) say.warn(notice);
    for (const name of world.unknownNames()) {
      say.warn(`--latency or --error names "${name}", which is no procedure here`);
    }
    if (!server.isLoopback(flags.host)) say.warn(serve.reachableWarning(flags.host, settings));
    const { port } = listener.value;
    const unregister = registration === undefined || port === undefined
      ? undefined
      : startRegistration(
        registration,
        { names: serviceNames, port, host: flags.host },
        (event) => say.note(`Registry: ${event}`),
      );
    const code = await over;
    world.recorder?.save();
    await unregister?.();
    // Open pages follow the calls for as long as they may: the listener would wait for them.
    explorer?.close();
    lines.flush();
    return world.finish(code, () => world.report?.print(statistics, flags));
  } finally {
    await Promise.all(others.map((other) => other.close(2000)));
    // Calls that were answered while the listeners closed, or whatever ended them.
    world.recorder?.save();
    for (const follower of following) await follower.close();
    world.upstream?.close();
    lines.flush();
    await tracing.close();
  }
}

function refuseOtherTransports(descriptions: readonly ListenAddress[]): void {
  const other = descriptions.find(({ transport }) => transport !== "nats");
  if (other === undefined) return;
  throw usageError(
    `The mock answers over HTTP and NATS, not over ${other.transport}`,
    "Write --listen nats://host/subject; --host and --port are for HTTP; pyrpc serve knows the others",
  );
}

/** What was loaded, each of which may change while the server runs. */
interface Loaded {
  readonly served: ServedContract;
  readonly handlers: ReadonlyMap<string, Handler> | undefined;
  /** The text of the file. */
  readonly examples: string | undefined;
}

/** Everything behind the server. */
interface World extends Loaded {
  readonly report: ProxyReport | undefined;
  readonly upstream: Upstream | undefined;
  readonly recorder: Recorder | undefined;
  /** A dispatcher of what is there now. @throws ToolError where the examples do not fit */
  build(): Dispatcher;
  reloadHandlers(): Promise<void>;
  reloadExamples(): Promise<void>;
  /** Takes what has changed, with what changed before and had to wait for it. @throws ToolError where it does not fit */
  take(change: Partial<Loaded>): void;
  /** Procedures that rules name and nobody has. */
  unknownNames(): readonly string[];
  /** Writes what was recorded; the exit code with violations counted. */
  finish(code: ExitCode, print: () => void): ExitCode;
}

async function loadWorld(
  console: Console,
  flags: MockFlags,
  source: string | undefined,
  say: Reporter,
): Promise<World> {
  const mock = await import("../lib/mock/mod.ts");
  const rules = {
    latency: mock.parseLatencyRules(flags.latency ?? []),
    faults: mock.parseFaultRules(flags.error ?? []),
  };
  const chosen = {
    ...(flags.seed === undefined ? {} : { seed: flags.seed }),
    varies: flags.random,
    random: Math.random,
    warn: say.warn,
  };
  const upstream = flags.proxy === undefined
    ? undefined
    : await openRealServer(flags.proxy, flags, console);
  const report = upstream === undefined ? undefined : startReport(console, say.warn);
  const { record } = flags;
  const recorder = record === undefined
    ? undefined
    : await openRecorder({ ...flags, record }, console, say);
  const path = (name: string) => resolve(console.cwd, name);
  const load = async () => {
    const handlers = flags.handlers === undefined
      ? undefined
      : await (await import("../lib/server/mod.ts")).loadHandlers(path(flags.handlers));
    const served = await loadServedContract(source, flags, handlers, console, flags.proxy);
    return { handlers, served };
  };

  let current: Loaded = {
    ...await load(),
    examples: flags.examples === undefined
      ? undefined
      : await mock.readExamplesFile(path(flags.examples)),
  };
  // The files as they are. A contract may not fit the examples before they are edited as well, or the other way round.
  let wanted = current;
  const world: World = {
    get served() {
      return current.served;
    },
    get handlers() {
      return current.handlers;
    },
    get examples() {
      return current.examples;
    },
    report,
    upstream,
    recorder,
    build() {
      const { contract } = world.served;
      const sampler = mock.samplerOf(chosen);
      const real = upstream === undefined ? undefined : proxy.createProxyDispatcher({
        contract,
        upstream,
        warn: say.warn,
        onViolation: (violation) => report?.violation(violation),
        onOpenKind: (procedure, kind) => report?.openKind(procedure, kind),
        ...(recorder === undefined ? {} : { onPassed: recorder.add }),
      });
      return mock.createMockDispatcher({
        contract,
        ...(world.handlers === undefined ? {} : { handlers: world.handlers }),
        resolvers: exampleResolvers(mock, contract, sampler, world.examples, flags.examples),
        sampler,
        ...(real === undefined ? {} : { real }),
        lax: flags.lax,
        ...chosen,
        ...rules,
        onViolation: ({ procedure, resolver, data }) =>
          say.warn(
            `The ${resolver} of ${procedure.name} gave what its schema forbids: ${
              JSON.stringify(data)
            }`,
          ),
      });
    },
    async reloadHandlers() {
      world.take(
        world.served.kind === "handlers" ? await load() : {
          handlers: await (await import("../lib/server/mod.ts")).loadHandlers(
            path(flags.handlers!),
          ),
        },
      );
    },
    async reloadExamples() {
      world.take({ examples: await mock.readExamplesFile(path(flags.examples!)) });
    },
    take(change) {
      const before = current;
      wanted = { ...wanted, ...change };
      try {
        current = wanted;
        world.build();
      } catch (error) {
        try {
          current = { ...before, ...change };
          world.build();
        } catch {
          current = before;
          throw error;
        }
      }
    },
    unknownNames() {
      const named = new Set([...rules.latency.keys(), ...rules.faults.keys()]);
      return [...named].filter((name) =>
        name !== "" && !current.served.contract.procedures.has(name) &&
        current.handlers?.get(name)?.fn === undefined
      );
    },
    finish(code, print) {
      if (report !== undefined) print();
      recorder?.finish();
      const isBroken = flags.failOnViolation && (report?.violations ?? 0) > 0;
      return isBroken ? ExitCode.No : code;
    },
  };
  return world;
}

type Mock = typeof import("../lib/mock/mod.ts");

function exampleResolvers(
  mock: Mock,
  contract: Contract,
  sampler: Sampler,
  text: string | undefined,
  where: string | undefined,
): readonly Resolver[] {
  if (text === undefined || where === undefined) return [];
  return [mock.exampleResolver(mock.parseExamples(text, { contract, sampler, where }))];
}

async function openRealServer(
  text: string,
  flags: SourceFlags,
  console: Console,
): Promise<Upstream> {
  const { connectServer } = await import("../lib/http/mod.ts");
  const { options, context } = sourceOptions(flags, console);
  return proxy.openUpstream(await connectServer(rpcUrl(text), options, context));
}

async function follow(
  world: World,
  flags: MockFlags,
  console: Console,
  renew: (why: string) => void,
  say: Reporter,
): Promise<readonly Following[]> {
  const following: Following[] = [];
  const file = async (name: string, reload: () => Promise<void>, why: string) =>
    following.push(
      await followFiles([resolve(console.cwd, name)], async () => {
        await reload();
        renew(why);
      }, say.failed),
    );
  if (flags.handlers !== undefined) {
    following.push(
      await followModule(resolve(console.cwd, flags.handlers), async () => {
        await world.reloadHandlers();
        renew("New handlers");
      }, say.failed),
    );
  }
  if (flags.examples !== undefined) {
    await file(flags.examples, world.reloadExamples, "New examples");
  }
  if (!flags.watch) return following;
  const follower = await followSource(world, flags, console, renew, say);
  if (follower === undefined) say.warn("--watch follows files, URLs and Python modules only");
  else following.push(follower);
  return following;
}

async function followSource(
  world: World,
  flags: MockFlags,
  console: Console,
  renew: (why: string) => void,
  say: Reporter,
): Promise<Following | undefined> {
  const { source, kind, where } = world.served;
  if (source === undefined) return undefined;
  let last = JSON.stringify(world.served.contract.document);
  let isBroken = false;
  const failed = (error: unknown) => {
    isBroken = true;
    say.failed(error);
  };
  const update = (loaded: LoadedSource) => {
    const text = JSON.stringify(loaded.contract.document);
    if (text !== last) {
      last = text;
      world.take({ served: { ...loaded, source, notices: [] } });
      renew("New contract");
      for (const line of oddities(loaded)) say.warn(line);
    } else if (isBroken) say.note("Mended; the contract is what it was");
    isBroken = false;
  };
  const { options, context } = sourceOptions(flags, console);
  const { loadSource, loadSourceIfChanged } = await import("../lib/source/mod.ts");
  switch (kind) {
    case "file":
      return await followFiles(
        [where],
        async () => update(await loadSource(source, options, context)),
        failed,
      );
    case "url": {
      let { etag } = world.served;
      return followUrl(async () => {
        const loaded = await loadSourceIfChanged(source, etag, options, context);
        if (loaded === undefined) return;
        etag = loaded.etag;
        update(loaded);
      }, failed);
    }
    case "module": {
      const { followPythonModule } = await import("../lib/dev/mod.ts");
      const followed = followPythonModule({
        entry: source,
        cwd: console.cwd,
        env: console.env,
        python: flags.python,
        verbose: flags.verbose === true,
        clock: console,
        onOutput: (line) => console.stderr.write(`${plainText(line)}\n`),
        onLoaded(loaded) {
          try {
            update(loaded);
          } catch (error) {
            failed(error);
          }
        },
        onBroken: failed,
        onFailure: failed,
      });
      return { close: () => followed.end() };
    }
    default:
      return undefined;
  }
}

/** Writes an answer of every procedure into a folder, one file each. */
export async function dumpAnswers(
  console: Console,
  flags: MockFlags,
  source: string | undefined,
  folder: string,
): Promise<ExitCode> {
  const say = consoleReporter(console);
  const world = await loadWorld(console, flags, source, say);
  const [mock, delivery] = await Promise.all([
    import("../lib/mock/mod.ts"),
    import("../lib/delivery/mod.ts"),
  ]);
  const root = resolve(console.cwd, folder);
  const manifest = proxy.parseDumpManifest(
    await readFile(join(root, proxy.DUMP_MANIFEST), "utf8").catch(() => ""),
  ) ?? new Map();
  const plan = (files: readonly PlannedFile[]) =>
    delivery.planFiles(root, [
      ...files.map((file) => ({
        ...file,
        mayReplace: (present: string) => proxy.isDumped(manifest, file.path, present),
      })),
      {
        path: proxy.DUMP_MANIFEST,
        content: proxy.formatDumpManifest(manifest, files),
        mayReplace: (present) => proxy.parseDumpManifest(present) !== undefined,
      },
    ], { createRoot: true, named: { flag: "--dump", path: root } });
  const sampler = mock.samplerOf({
    ...(flags.seed === undefined ? {} : { seed: flags.seed }),
    varies: flags.random,
    random: Math.random,
  });
  try {
    const dispatcher = world.build();
    const { procedures } = world.served.contract;
    // Before the first call, which may go to an upstream server.
    delivery.assertApplicable(
      plan([...procedures.keys()].map((name) => ({ path: fileNameOf(name), content: "" }))),
    );
    const files: PlannedFile[] = [];
    const failures: string[] = [];
    for (const procedure of procedures.values()) {
      const { name } = procedure;
      const outcome = await dispatcher.dispatch(
        { method: name, params: sampler.arguments(procedure) },
        { transport: "dump", remote: "" },
      );
      if (outcome.ok) {
        files.push({
          path: fileNameOf(name),
          content: `${formatJsonText(outcome.value)}\n`,
        });
      } else failures.push(`${name}: ${outcome.fault.message}`);
    }
    delivery.applyPlan(plan(files));
    for (const failure of failures) say.warn(failure);
    say.note(`${files.length} answers written to ${root}`);
    return failures.length === 0 ? ExitCode.Ok : ExitCode.No;
  } finally {
    world.upstream?.close();
  }
}

// A name comes from elsewhere: what no file system takes, or takes for a folder, is written in hexadecimal.
function fileNameOf(name: string): string {
  const safe = name.replace(
    /[^\p{L}\p{N}._-]/gu,
    (char) => `%${char.codePointAt(0)!.toString(16)}`,
  );
  const shown = safe === "" || safe.startsWith(".") ? `%${safe}` : safe.slice(0, 200);
  return `${shown}.json`;
}

function announce(
  console: Console,
  flags: MockFlags,
  title: string,
  [url = "", ...others]: readonly string[],
  { served, handlers }: World,
  origins: AllowedOrigins,
): void {
  const { contract, where } = served;
  const names = [...contract.procedures.keys()];
  const beside = [...handlers ?? []].filter(([name, { fn }]) =>
    fn !== undefined && !contract.procedures.has(name)
  ).map(([name]) => name);
  if (flags.json) {
    for (const each of [url, ...others]) {
      const line = {
        event: "listening",
        url: each,
        source: where,
        procedures: [...names, ...beside],
      };
      console.stdout.write(`${JSON.stringify(line)}\n`);
    }
    return;
  }
  if (flags.quiet) return;
  const style = styleFor(console.stderr, console.env);
  console.stderr.write([
    `${style.bold(title)} ${style.cyan(url)}`,
    ...others.map((other) => `  NATS        ${plainText(other)}`),
    `  contract    ${plainText(where)}, ${procedureCount(contract)}`,
    ...(flags.path === undefined
      ? [`  JSON-RPC    ${plainText(new URL("/jsonrpc", url).href)}`]
      : []),
    ...(flags.explorer ? [`  explorer    ${plainText(new URL("/explorer", url).href)}`] : []),
    `  browsers    ${plainText(describeOrigins(origins))}`,
    ...names.slice(0, MAX_LISTED).map((name) =>
      `    ${plainText(name)}${
        handlers?.get(name)?.fn === undefined ? "" : style.dim("  (handler)")
      }`
    ),
    ...(names.length > MAX_LISTED ? [`    … and ${names.length - MAX_LISTED} more`] : []),
    ...beside.map((name) => `    ${plainText(name)}${style.dim("  (handler only)")}`),
    "",
  ].join("\n"));
}

const MAX_LISTED = 40;

function procedureCount({ procedures }: Contract): string {
  return procedures.size === 1 ? "1 procedure" : `${procedures.size} procedures`;
}

function closing<T extends { close(graceMs?: number): Promise<void> }>(value: T) {
  return { value, [Symbol.asyncDispose]: () => value.close(2000) };
}

import { relative, resolve } from "node:path";
import { ExitCode, interrupted, ToolError, usageError } from "../lib/errors.ts";
import type { ClientConfig, ClientServer } from "../lib/project/mod.ts";
import { type Console, type EndSignal, isInteractive } from "../lib/runtime/mod.ts";
import type { LoadContext, LoadedSource, LoadOptions } from "../lib/source/mod.ts";
import { plainText, styleFor } from "../lib/terminal/mod.ts";
import { checkDiscoverFlags, DISCOVER_FLAGS, discovered, type DiscoverFlags } from "./_discover.ts";
import { defineCommand } from "../lib/cli/mod.ts";
import {
  checkDeliveryFlags,
  deliver,
  type Delivered,
  DELIVERY_FLAGS,
  type DeliveryFlags,
  deliveryJson,
  generate,
  type Place,
  placeOfServer,
  type PreparedDelivery,
  prepareDelivery,
  reportDelivery,
} from "./_deliver.ts";
import type { NextVersion } from "./_package_version.ts";
import { reportSource, SOURCE_FLAGS, type SourceFlags, sourceOptions } from "../lib/cli/mod.ts";
import { watchSource } from "./_sync_watch.ts";

interface SyncFlags extends SourceFlags, DeliveryFlags, DiscoverFlags {
  readonly serverUrl?: string;
  readonly server?: string;
  readonly offline?: string;
  readonly watch: boolean;
  readonly interval?: number;
  readonly optional: boolean;
  readonly saveScript: boolean;
  readonly versionFrom?: "diff";
}

const SWITCH = { kind: "boolean", default: false, withNegated: false } as const;

/** `pyrpc sync`: fetches a server's contract and delivers its types to the client project. */
export const syncCommand = defineCommand<SyncFlags, [source?: string]>({
  summary: "Fetch the types of a running server into this project",
  description:
    `Reads pyrpc-client.json, found upwards; an address given as argument or with --server-url needs no file and writes
none. PYRPC_SERVER_URL overrides the file's address. Types go to the package @pyrpc/types in node_modules unless
the file's "target", --out or --layout says otherwise; files that are up to date are not touched.`,
  examples: [
    { command: "pyrpc sync", does: "what pyrpc-client.json says" },
    { command: "pyrpc sync --check", does: "in CI: exit 1 if the types are stale" },
    { command: "pyrpc sync --server-url https://api.example.com", does: "without any file" },
    { command: "pyrpc sync --watch", does: "follow the server while it is developed" },
    { command: "pyrpc sync --offline schema.json", does: 'from a snapshot that "pyrpc pull" made' },
  ],
  parameters: {
    flags: {
      ...DISCOVER_FLAGS,
      serverUrl: {
        kind: "parsed",
        parse: String,
        brief: "Address of the server, instead of the file's",
        optional: true,
        placeholder: "url",
      },
      server: {
        kind: "parsed",
        parse: String,
        brief: 'Only this one of the file\'s "servers"',
        optional: true,
        placeholder: "name",
      },
      offline: {
        kind: "parsed",
        parse: String,
        brief: "Use this snapshot instead of the server",
        optional: true,
        placeholder: "file",
      },
      watch: { ...SWITCH, brief: "Stay, and deliver again after each change" },
      interval: {
        kind: "parsed",
        parse: parseInterval,
        brief: "With --watch: seconds between two looks (2)",
        optional: true,
        placeholder: "seconds",
      },
      optional: {
        ...SWITCH,
        brief: "When it fails, say so in one line and end with 0 (for postinstall)",
      },
      saveScript: {
        ...SWITCH,
        brief: "Add a postinstall script to package.json that runs this again",
      },
      versionFrom: {
        kind: "enum",
        values: ["diff"],
        brief: "With --package-name: the next version, by the changes since the published one",
        optional: true,
      },
      ...DELIVERY_FLAGS,
      ...SOURCE_FLAGS,
    },
    positional: {
      kind: "tuple",
      parameters: [{
        brief: "Address of the server (or a schema file), instead of pyrpc-client.json",
        placeholder: "SOURCE",
        parse: String,
        optional: true,
      }],
    },
    aliases: { o: "out" },
  },
  run,
});

async function run(console: Console, flags: SyncFlags, source?: string): Promise<ExitCode> {
  const ended = new AbortController();
  let signal: EndSignal | undefined;
  const stopListening = console.onSignal((name) => {
    signal ??= name;
    ended.abort();
  });
  try {
    checkFlags(flags, source);
    const found = await discovered(flags);
    const work = sync(console, flags, found ?? source, ended.signal);
    // What does not listen to the signal (a Python module that hangs) is not waited for. Files are written in one turn of
    // the event loop, so this never comes in between.
    const code = await Promise.race([work, whenAborted(ended.signal)]);
    if (signal !== undefined) throw interrupted(signal);
    return code;
  } catch (error) {
    if (signal !== undefined) throw interrupted(signal);
    if (!flags.optional || !(error instanceof ToolError) || error.code === "USAGE") {
      throw error;
    }
    // The line is all there is: where in a file the mistake is belongs to it.
    const at = error.position === undefined
      ? ""
      : ` at ${error.where}:${error.position.line}:${error.position.column}`;
    const what = `${error.message}${at}`.replace(/\s+/g, " ");
    console.stderr.write(plainText(`pyrpc sync: ${what}; going on without (--optional)`) + "\n");
    return ExitCode.Ok;
  } finally {
    stopListening();
  }
}

/** One thing to sync. */
interface Job {
  readonly source: string;
  readonly isOffline: boolean;
  readonly name: string | undefined;
  readonly place: Place;
}

async function sync(
  console: Console,
  flags: SyncFlags,
  argument: string | undefined,
  signal: AbortSignal,
): Promise<ExitCode> {
  const start = console.monotonic();
  const { options, context } = sourceOptions(flags, console);
  const jobs = await findJobs(console, flags, argument);
  if (jobs === "workspace") {
    console.stderr.write(
      "Nothing to sync — server writes types directly to your project.\n" +
        "Run pyrpc dev on your backend to regenerate types on change.\n",
    );
    if (flags.json) {
      console.stdout.write(
        `${JSON.stringify({ distribution: "workspace", files: [] }, null, 2)}\n`,
      );
    }
    return ExitCode.Ok;
  }
  const run: Run = {
    console,
    flags,
    options,
    context: { cwd: context.cwd, env: context.env, stdin: context.stdin, signal },
  };
  if (flags.watch) {
    await Promise.all(jobs.map((job) => watchJob(run, job)));
    return ExitCode.Ok;
  }
  const results: object[] = [];
  let code: ExitCode = ExitCode.Ok;
  for (const [index, job] of jobs.entries()) {
    try {
      const from = index === 0 ? start : console.monotonic();
      const done = await syncOnce(run, job, from);
      const { name: server } = job;
      if (done.json !== undefined) {
        results.push(server === undefined ? done.json : { server, ...done.json });
      }
      if (code === ExitCode.Ok) code = done.code;
    } catch (error) {
      // One backend that is away does not keep the others from being delivered.
      if (jobs.length === 1 || !(error instanceof ToolError) || signal.aborted) throw error;
      const { renderError } = await import("../lib/terminal/mod.ts");
      const style = styleFor(console.stderr, console.env);
      console.stderr.write(`${plainText(job.name ?? job.source)}: ${renderError(error, style)}\n`);
      const { code: failure, message } = error;
      results.push({ server: job.name, error: { code: failure, message } });
      if (code === ExitCode.Ok && !flags.optional) code = error.exitCode;
    }
  }
  if (flags.json) {
    const result = jobs.length === 1 ? results[0] : results;
    console.stdout.write(`${JSON.stringify(result, null, 2)}\n`);
  }
  return code;
}

interface Run {
  readonly console: Console;
  readonly flags: SyncFlags;
  readonly options: LoadOptions;
  readonly context: LoadContext;
}

async function syncOnce(
  { console, flags, options, context }: Run,
  job: Job,
  start: number,
): Promise<{ code: ExitCode; json?: object }> {
  const { loadSource } = await import("../lib/source/mod.ts");
  const loaded = await fetching(job, () => loadSource(job.source, options, context));
  context.signal?.throwIfAborted();
  const partly = reportSource(console, loaded);
  if (flags.out === "-") {
    console.stdout.write((await generate(console, flags, loaded)).text);
    return { code: partly };
  }
  const versioned = flags.versionFrom === undefined
    ? undefined
    : await decideVersion(console, flags, job, loaded);
  const prepared = await prepareDelivery(
    console,
    versioned === undefined ? flags : { ...flags, packageVersion: versioned.next.version },
    loaded,
    job.place,
    { extras: versioned?.extras },
  );
  context.signal?.throwIfAborted();
  // Said before anything is written.
  if (flags.saveScript) await syncScriptOf(flags, job, "");
  const delivered = await deliver(flags, prepared);
  const script = flags.saveScript ? await saveScript(console, flags, job, prepared) : undefined;
  const milliseconds = console.monotonic() - start;
  await describe(console, flags, job, prepared, delivered);
  if (script !== undefined) console.stderr.write(`${script}\n`);
  const reported = await reportDelivery(console, flags, prepared, delivered, milliseconds);
  const code = reported === ExitCode.Ok ? partly : reported;
  const json = deliveryJson(prepared, delivered, milliseconds);
  if (versioned === undefined) return { code, json };
  const { version, previous, bump, against } = versioned.next;
  return { code, json: { ...json, package: { version, previous, bump, against } } };
}

// The next version of the types package, with the files that the version after it is decided by.
async function decideVersion(
  console: Console,
  flags: SyncFlags,
  job: Job,
  { contract, where }: LoadedSource,
): Promise<{ next: NextVersion; extras: ReadonlyMap<string, string> }> {
  const { nextVersion, PACKAGE_CHANGELOG, PACKAGE_CONTRACT } = await import(
    "./_package_version.ts"
  );
  const name = flags.packageName ?? job.place.target?.packageName as string;
  const next = await nextVersion(console, {
    name,
    contract,
    where,
    folder: job.place.start,
    present: flags.out === undefined ? undefined : resolve(console.cwd, flags.out),
    given: flags.packageVersion,
  });
  const style = styleFor(console.stderr, console.env);
  const from = next.previous === undefined ? "" : ` after ${next.previous}`;
  const why = next.against === undefined
    ? "nothing is published yet"
    : next.bump === "none"
    ? `nothing has changed since ${next.against}`
    : `a ${next.bump} change since ${next.against}`;
  console.stderr.write(
    `${style.bold(plainText(`${name} ${next.version}`))}${plainText(`${from}: ${why}`)}\n`,
  );
  if (flags.dryRun && next.section !== "") console.stderr.write(`${plainText(next.section)}\n`);
  const { formatContract } = await import("../lib/contract/mod.ts");
  const extras = new Map([
    [PACKAGE_CONTRACT, formatContract(contract)],
    [PACKAGE_CHANGELOG, next.changelog],
  ]);
  return { next, extras };
}

async function watchJob(run: Run, job: Job): Promise<void> {
  const { console, flags, options, context } = run;
  const style = styleFor(console.stderr, console.env);
  const prefix = job.name === undefined ? "" : `${job.name}: `;
  let last: PreparedDelivery | undefined;
  let lastDocument: string | undefined;
  let start = console.monotonic();
  await watchSource(job.source, {
    options,
    context,
    intervalMs: flags.interval ?? 2000,
    onLook: () => void (start = console.monotonic()),
    async onContract(loaded) {
      const document = JSON.stringify(loaded.contract.document);
      const already = document === lastDocument ? last?.generated : undefined;
      const isFirst = last === undefined;
      if (document !== lastDocument) reportSource(console, loaded);
      const next = await prepareDelivery(console, flags, loaded, job.place, { already });
      const delivered = await deliver(flags, next);
      [last, lastDocument] = [next, document];
      if (!isFirst && delivered.files.every(({ state }) => state === "same")) return;
      if (isFirst) await describe(console, flags, job, next, delivered);
      console.stderr.write(plainText(prefix));
      await reportDelivery(console, flags, next, delivered, console.monotonic() - start);
    },
    async onSame() {
      // An installation may have pruned the types meanwhile, or linked another package there.
      if (last === undefined || flags.dryRun) return;
      const again = await prepareDelivery(console, flags, last.loaded, job.place, {
        already: last.generated,
      });
      const delivered = await deliver(flags, again);
      if (delivered.files.every(({ state }) => state === "same")) return;
      console.stderr.write(plainText(prefix));
      await reportDelivery(console, flags, again, delivered, console.monotonic() - start);
    },
    onFailure(error) {
      if (last === undefined && error.exitCode !== ExitCode.Server) throw error;
      const kept = last === undefined ? "" : "; the present types stay";
      console.stderr.write(
        `${style.yellow("!")} ${plainText(`${prefix}${error.message}${kept}, looking again`)}\n`,
      );
    },
  });
}

async function describe(
  console: Console,
  flags: SyncFlags,
  job: Job,
  { generated, chosen }: PreparedDelivery,
  { files }: Delivered,
): Promise<void> {
  const style = styleFor(console.stderr, console.env);
  const say = (line: string) => console.stderr.write(`${plainText(line)}\n`);
  const { clientImportLine, hasSyncScript, importLine } = await import("../lib/delivery/mod.ts");
  if (job.name !== undefined) console.stderr.write(`${style.bold(plainText(job.name))}\n`);
  say(`${chosen.layout} layout: ${chosen.reason}`);
  for (const note of chosen.notes) say(`note: ${note}`);
  if (job.isOffline) say(`note: offline, from the snapshot ${flags.offline}`);
  if (flags.check || flags.dryRun) return;
  const count = generated.procedures.length;
  console.stderr.write(
    `${style.green("✓")} Types synced: ${count} procedure${count === 1 ? "" : "s"}\n`,
  );
  say(`  Import: ${importLine(chosen, console.cwd)}`);
  if (flags.client) say(`          ${clientImportLine(chosen, console.cwd)}`);
  if (
    chosen.layout === "package" && chosen.client !== undefined && !chosen.isNamed &&
    files[0]?.state === "create" && !flags.saveScript && !hasSyncScript(chosen.client.root)
  ) {
    say(
      `note: the next installation removes ${chosen.name}, which no manifest names; "pyrpc sync --save-script" adds a postinstall script that brings it back`,
    );
  }
}

async function saveScript(
  console: Console,
  flags: SyncFlags,
  job: Job,
  { chosen }: PreparedDelivery,
): Promise<string> {
  const { applyPlan, checkPlan, findClient, planSyncScript, SYNC_SCRIPT } = await import(
    "../lib/delivery/mod.ts"
  );
  const client = chosen.layout === "package" && chosen.client !== undefined
    ? chosen.client
    : findClient(job.place.start).found;
  if (client === undefined) {
    throw usageError("--save-script needs a client project", "Run it where the package.json is");
  }
  const script = await syncScriptOf(flags, job, SYNC_SCRIPT);
  const plan = planSyncScript(client.root, script);
  const shown = relative(console.cwd, resolve(client.root, "package.json"));
  if (plan === undefined) {
    return plainText(`${shown} runs "pyrpc sync" after each installation already`);
  }
  if (flags.check || flags.dryRun) {
    checkPlan(plan);
    return plainText(`${shown} would get a postinstall script`);
  }
  applyPlan(plan);
  const style = styleFor(console.stderr, console.env);
  const names = [...client.manifest?.dependencies ?? []];
  const note = names.some((name) => /^(@pyrpc\/(toolkit|cli|client)|pyrpc)$/.test(name))
    ? ""
    : '\nnote: "pyrpc" has to be on the PATH of everybody who installs this project';
  return `${style.green("✓")} ${plainText(shown)}: postinstall runs "${plainText(script)}"${note}`;
}

// Without a file the script has to say what this run was told; what a shell would read otherwise is not written there.
async function syncScriptOf(flags: SyncFlags, job: Job, plain: string): Promise<string> {
  const { findClientConfig } = await import("../lib/project/mod.ts");
  const given = flags.serverUrl ?? (job.isOffline ? undefined : job.source);
  if (given === undefined || await findClientConfig(job.place.start) !== undefined) return plain;
  if (!/^https?:\/\/[\w.:/~%+-]+$/.test(given)) {
    throw usageError(
      "--save-script cannot write this address into a script",
      "Set the client up first: pyrpc init --client",
    );
  }
  return `pyrpc sync --server-url ${given} --optional`;
}

async function findJobs(
  console: Console,
  flags: SyncFlags,
  argument: string | undefined,
): Promise<readonly Job[] | "workspace"> {
  const config = await import("../lib/project/mod.ts");
  const here = { start: console.cwd, plainFolder: true };
  const url = argument ?? flags.serverUrl;
  const isNamed = url !== undefined || flags.offline !== undefined;
  const fromEnvironment = isNamed ? undefined : environmentUrl(console);
  const found = isNamed
    // A file that is broken or says something else must not be in the way of what was named.
    ? await config.findClientConfig(console.cwd).catch(() => undefined)
    : await config.findClientConfig(console.cwd, { serverUrl: fromEnvironment }) ??
      await setUp(console, flags);
  const servers = found?.servers ?? [];
  const chosen = flags.server === undefined
    ? servers
    : servers.filter(({ name }) => name === flags.server);
  if (flags.server !== undefined && chosen.length === 0) throw noSuchServer(flags.server, servers);

  if (isNamed) {
    const source = flags.offline === undefined
      ? url as string
      : snapshotPath(console, flags.offline);
    const [only, ...others] = chosen;
    if (flags.offline !== undefined && others.length > 0) {
      throw usageError("A snapshot is of one server", "Say which one: --server NAME");
    }
    const target = others.length === 0 ? only?.target ?? found?.target : undefined;
    const place = target === undefined
      ? here
      : placeOfServer(found?.folder ?? console.cwd, { name: only?.name, target });
    return [{ source, isOffline: flags.offline !== undefined, name: flags.server, place }];
  }
  if (found === undefined) {
    if (fromEnvironment === undefined) throw noClientConfig();
    return [{ source: fromEnvironment, isOffline: false, name: undefined, place: here }];
  }
  if (found.distribution === "workspace") return "workspace";
  const isList = servers.some(({ name }) => name !== undefined);
  if (isList && (flags.out !== undefined || flags.packageName !== undefined) && chosen.length > 1) {
    throw usageError(
      "Several servers cannot have one target",
      "Say which one: --server NAME, or leave the target to pyrpc-client.json",
    );
  }
  if (fromEnvironment !== undefined && chosen.length > 1) {
    console.stderr.write(
      `note: ${SERVER_URL_VARIABLE} is one address, pyrpc-client.json has ${chosen.length}: it counts with --server NAME only\n`,
    );
  }
  return chosen.map((server) => ({
    source: fromEnvironment !== undefined && chosen.length === 1 ? fromEnvironment : server.url,
    isOffline: false,
    name: server.name,
    place: placeOfServer(found.folder, server),
  }));
}

// The questions of the setup on a terminal; elsewhere nothing is asked.
async function setUp(console: Console, flags: SyncFlags): Promise<ClientConfig | undefined> {
  const isGiven = Boolean(console.env[SERVER_URL_VARIABLE]);
  if (isGiven || flags.optional || flags.check || flags.dryRun || !isInteractive(console)) {
    return undefined;
  }
  const [{ setUpClient }, { findClientConfig }] = await Promise.all([
    import("./_client_setup.ts"),
    import("../lib/project/mod.ts"),
  ]);
  console.stderr.write("No pyrpc-client.json found.\n");
  await setUpClient(console, { reconfigure: false, yes: false, goesOn: true });
  return await findClientConfig(console.cwd);
}

function checkFlags(flags: SyncFlags, argument: string | undefined): void {
  checkDeliveryFlags(flags);
  const sources = {
    "the argument": argument,
    "--server-url": flags.serverUrl,
    "--offline": flags.offline,
    "--discover": flags.discover,
  };
  checkDiscoverFlags(flags);
  const given = Object.entries(sources).filter(([, value]) => value !== undefined);
  if (given.length > 1) {
    throw usageError(`${given.map(([name]) => name).join(" and ")} exclude each other`);
  }
  if (flags.serverUrl !== undefined) checkUrl("--server-url", flags.serverUrl);
  if (flags.offline !== undefined && (flags.offline === "" || isServerUrl(flags.offline))) {
    throw usageError(
      `--offline takes a snapshot file, found "${withoutSecrets(flags.offline)}"`,
      'Make one while the server is there: "pyrpc pull URL -o schema.json"',
    );
  }
  if (flags.layout === "file" && flags.out === undefined) {
    throw usageError("--layout file needs the file's name", 'Give "--out src/api.ts"');
  }
  if (flags.watch && (flags.check || flags.out === "-" || flags.json)) {
    throw usageError("--watch goes with neither --check, --json nor --out -");
  }
  if (flags.versionFrom !== undefined) {
    if (flags.packageName === undefined) {
      throw usageError(
        "--version-from needs the package's name",
        "Give --package-name @org/api-types",
      );
    }
    if (flags.watch || flags.out === "-" || (flags.layout ?? "package") !== "package") {
      throw usageError(
        "--version-from writes a package: it goes with neither --watch, --out - nor another layout",
        "Give --layout package --out FOLDER, or no --out",
      );
    }
    if (flags.out !== undefined && flags.layout === undefined) {
      throw usageError(
        "With --out a package needs --layout package",
        "Give --layout package as well",
      );
    }
  }
  if (flags.interval !== undefined && !flags.watch) {
    throw usageError("--interval belongs to --watch");
  }
}

function checkUrl(name: string, text: string): void {
  if (isServerUrl(text)) return;
  throw usageError(
    `${name} must begin with http:// or https://, found "${text}"`,
    "Give a whole address, such as http://localhost:8000",
  );
}

// Whatever keeps a contract from coming from its server is said in the words that people search for.
async function fetching<T>(job: Job, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof ToolError) || error.exitCode !== ExitCode.Server) throw error;
    throw new ToolError({
      code: error.code,
      message: `Could not fetch schema from ${withoutSecrets(job.source)} (${error.message})`,
      exitCode: error.exitCode,
      where: error.where,
      fix: error.fix,
      position: error.position,
      details: error.details,
      cause: error,
    });
  }
}

function withoutSecrets(source: string): string {
  if (!URL.canParse(source)) return source;
  const url = new URL(source);
  url.username = "";
  url.password = "";
  return url.search === "" ? url.href.replace(/\/$/, "") : `${url.origin}${url.pathname}`;
}

const SERVER_URL_VARIABLE = "PYRPC_SERVER_URL";

function isServerUrl(text: string): boolean {
  return URL.canParse(text) && /^https?:$/.test(new URL(text).protocol);
}

// Only an address: taken for a SOURCE, a word there would be a Python module, which is code that runs.
function environmentUrl(console: Console): string | undefined {
  const url = console.env[SERVER_URL_VARIABLE];
  if (url === undefined || url === "") return undefined;
  if (isServerUrl(url)) return url;
  // No usage error: a postinstall script with --optional goes on without.
  throw new ToolError({
    code: "SERVER_URL_INVALID",
    message: `${SERVER_URL_VARIABLE} must begin with http:// or https://`,
    fix: "Set it to the server's address, such as http://localhost:8000, or unset it",
    exitCode: ExitCode.Usage,
  });
}

// A path whatever it looks like: without a server there is no Python module either.
function snapshotPath(console: Console, given: string): string {
  return given === "-" || given.startsWith("file:") ? given : resolve(console.cwd, given);
}

function whenAborted(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) =>
    signal.addEventListener("abort", () => reject(signal.reason), { once: true })
  );
}

function parseInterval(text: string): number {
  const seconds = Number(text);
  if (!/^\d+(\.\d+)?$/.test(text) || seconds < 0.05 || seconds > 86_400) {
    throw new SyntaxError(`Expected seconds, from 0.05, found "${text}"`);
  }
  return seconds * 1000;
}

function noClientConfig(): ToolError {
  return new ToolError({
    code: "CLIENT_CONFIG_MISSING",
    message: "No pyrpc-client.json found",
    fix: [
      "Give the server's address: pyrpc sync --server-url http://localhost:8000",
      "or set the client up:      pyrpc init --client",
    ],
    exitCode: ExitCode.Usage,
  });
}

function noSuchServer(name: string, servers: readonly ClientServer[]): ToolError {
  const names = servers.map((server) => server.name).filter((name) => name !== undefined);
  return usageError(
    `There is no server "${name}" in pyrpc-client.json`,
    names.length === 0 ? 'The file has no "servers"' : `There is: ${names.join(", ")}`,
  );
}

import { formatDocument } from "../../lib/json/mod.ts";
import { defined } from "../../lib/defined.ts";
import { ExitCode, interrupted, ToolError } from "../../lib/errors.ts";
import { hideCredentials } from "../../lib/hide_credentials.ts";
import type { ClientConfig } from "../../lib/project/mod.ts";
import { type Console, type EndSignal, isInteractive } from "../../lib/runtime/mod.ts";
import type { SyncJob, SyncOptions } from "../../lib/sync/mod.ts";
import { plainText, renderError, styleFor } from "../../lib/terminal/mod.ts";
import {
  checkDeliveryFlags,
  checkDiscoverFlags,
  type CommandContext,
  defineCommand,
  deliveryJson,
  generateOptions,
  modeOf,
  optionalArgument,
  reportDelivery,
  reportSource,
  selectionOf,
  setupContext,
  sourceOptions,
} from "../../lib/cli/mod.ts";
import { SYNC_FLAGS, type SyncFlags } from "./flags.ts";

/** `pyrpc sync`: fetches a server's contract and delivers its types to the client project. */
export const syncCommand = defineCommand({
  summary: "Fetch the types of a running server into this project",
  description:
    `Reads pyrpc-client.json, found upwards; an address given as argument or with --server-url needs no file and writes
none. PYRPC_SERVER_URL overrides the file's address. By default the types become the package @pyrpc/types in
node_modules; the file's "target", --out and --layout change this. Files that are up to date are not touched.`,
  examples: [
    { command: "pyrpc sync", does: "fetch from the servers in pyrpc-client.json" },
    { command: "pyrpc sync --check", does: "in CI: exit 1 if the types are stale" },
    { command: "pyrpc sync --server-url https://api.example.com", does: "without configuration" },
    { command: "pyrpc sync --watch", does: "regenerate after each change of the server" },
    { command: "pyrpc sync --offline schema.json", does: 'from a snapshot of "pyrpc pull"' },
  ],
  flags: SYNC_FLAGS,
  args: [
    optionalArgument(
      "SOURCE",
      "Address of the server (or a schema file), instead of pyrpc-client.json",
    ),
  ],
  run,
});

async function run(
  { console }: CommandContext,
  flags: SyncFlags,
  argument?: string,
): Promise<ExitCode> {
  const ended = new AbortController();
  let signal: EndSignal | undefined;
  const stopListening = console.onSignal((name) => {
    signal ??= name;
    ended.abort();
  });
  try {
    checkDeliveryFlags(flags);
    checkDiscoverFlags(flags);
    const { checkSyncFlags } = await import("../../lib/sync/mod.ts");
    checkSyncFlags(flags, argument);
    const source = await discovered(flags) ?? argument ?? flags.serverUrl;
    const work = sync(console, flags, source, ended.signal);
    // A Python module that hangs does not listen to the signal. Files are written in one tick of the event loop, so that
    // the signal never comes in between.
    const code = await Promise.race([work, whenAborted(ended.signal)]);
    if (signal !== undefined) throw interrupted(signal);
    return code;
  } catch (error) {
    if (signal !== undefined) throw interrupted(signal);
    if (!flags.optional || !(error instanceof ToolError) || error.code === "USAGE") throw error;
    console.stderr.write(`${plainText(optionalLine(error))}\n`);
    return ExitCode.Ok;
  } finally {
    stopListening();
  }
}

// The line is all that is printed, so that it includes the position in a file.
function optionalLine({ message, where, position }: ToolError): string {
  const at = position === undefined ? "" : ` at ${where}:${position.line}:${position.column}`;
  return `pyrpc sync: ${`${message}${at}`.replace(/\s+/g, " ")}; skipped (--optional)`;
}

async function sync(
  console: Console,
  flags: SyncFlags,
  source: string | undefined,
  signal: AbortSignal,
): Promise<ExitCode> {
  const start = console.monotonic();
  const { findSyncJobs } = await import("../../lib/sync/mod.ts");
  const options = syncOptions(console, flags, signal);
  const found = await findSyncJobs({
    cwd: console.cwd,
    env: console.env,
    source,
    snapshot: flags.offline,
    server: flags.server,
    hasTarget: flags.out !== undefined || flags.packageName !== undefined,
    setUp: () => setUp(console, flags),
  });
  if (found.kind === "workspace") {
    console.stderr.write(
      "Nothing to sync — server writes types directly to your project.\n" +
        "Run pyrpc dev on your backend to regenerate types on change.\n",
    );
    if (flags.json) printJson(console, { distribution: "workspace", servers: [] });
    const { reportWorkspaceTypes } = await import("./report.ts");
    const isWritten = await reportWorkspaceTypes(console, found.folder);
    return flags.check && !isWritten ? ExitCode.No : ExitCode.Ok;
  }
  for (const note of found.notes) console.stderr.write(`note: ${note}\n`);
  const { jobs } = found;
  if (flags.watch) {
    await Promise.all(jobs.map((job) => watch(console, flags, job, options)));
    return ExitCode.Ok;
  }
  const results: object[] = [];
  let code: ExitCode = ExitCode.Ok;
  for (const [index, job] of jobs.entries()) {
    const begin = index === 0 ? start : console.monotonic();
    try {
      const done = await syncOne(console, flags, job, options, begin);
      if (done.json !== undefined) results.push({ ...serverOf(job), ...done.json });
      if (code === ExitCode.Ok) code = done.code;
    } catch (error) {
      // One backend that is away does not keep the others from being delivered.
      if (jobs.length === 1 || !(error instanceof ToolError) || signal.aborted) throw error;
      const style = styleFor(console.stderr, console.env);
      console.stderr.write(
        `${plainText(job.name ?? hideCredentials(job.source))}: ${renderError(error, style)}\n`,
      );
      results.push({ server: job.name, error: { code: error.code, message: error.message } });
      if (code === ExitCode.Ok && !flags.optional) code = error.exitCode;
    }
  }
  if (flags.json) printJson(console, { distribution: "server", servers: results });
  return code;
}

function syncOptions(console: Console, flags: SyncFlags, signal: AbortSignal): SyncOptions {
  const { options, context } = sourceOptions(flags, console);
  return {
    load: options,
    selection: selectionOf(flags),
    context: { cwd: context.cwd, env: context.env, stdin: context.stdin, signal },
    target: flags,
    generate: generateOptions(console, flags),
    mode: modeOf(flags),
    withClient: flags.client,
    saveScript: flags.saveScript,
    onLoaded: (loaded) => void reportSource(console, loaded),
  };
}

async function syncOne(
  console: Console,
  flags: SyncFlags,
  job: SyncJob,
  options: SyncOptions,
  start: number,
): Promise<{ code: ExitCode; json?: object }> {
  const { loadJob, syncJob } = await import("../../lib/sync/mod.ts");
  if (flags.out === "-") {
    const { generateChecked } = await import("../../lib/delivery/mod.ts");
    const loaded = await loadJob(job, options);
    console.stdout.write(generateChecked(loaded, options.generate).text);
    return { code: codeOf(loaded) };
  }
  const version = flags.versionFrom === undefined
    ? undefined
    : (await import("./version.ts")).versioning(console, flags);
  const { describeTarget, renderScript } = await import("./report.ts");
  const { deliveryReport } = await import("../../lib/delivery/mod.ts");
  const contract = flags.ifChanged ? await loadJob(job, options) : undefined;
  if (contract !== undefined && await version?.isPublished(job.target, contract)) {
    return { code: codeOf(contract), json: { package: version?.view() } };
  }
  const more = defined({ loaded: contract, version: version?.decide });
  const { loaded, delivered, script } = await syncJob(job, { ...options, ...more });
  describeTarget(console, flags, job, delivered);
  if (script !== undefined) console.stderr.write(`${renderScript(console, script)}\n`);
  const report = deliveryReport(loaded.where, delivered, console.monotonic() - start);
  const reported = reportDelivery(console, report, true);
  const json = deliveryJson(report);
  return {
    code: reported === ExitCode.Ok ? codeOf(loaded) : reported,
    json: version === undefined ? json : { ...json, package: version.view() },
  };
}

async function watch(
  console: Console,
  flags: SyncFlags,
  job: SyncJob,
  options: SyncOptions,
): Promise<void> {
  const { watchJob } = await import("../../lib/sync/mod.ts");
  const { reportWatch } = await import("./report.ts");
  await watchJob(job, {
    ...options,
    intervalMs: flags.interval ?? 2000,
    monotonic: console.monotonic,
    onEvent: reportWatch(console, flags, job),
  });
}

// 1 where procedures had to be left out.
function codeOf({ problems = [] }: { readonly problems?: readonly string[] }): ExitCode {
  return problems.length > 0 ? ExitCode.No : ExitCode.Ok;
}

function serverOf({ name }: SyncJob): object {
  return name === undefined ? {} : { server: name };
}

function printJson(console: Console, value: unknown): void {
  console.stdout.write(`${formatDocument(value, "  ")}\n`);
}

// Asks the questions of the setup on a terminal; elsewhere nothing is asked.
async function setUp(console: Console, flags: SyncFlags): Promise<ClientConfig | undefined> {
  if (flags.optional || flags.check || flags.dryRun || !isInteractive(console)) return undefined;
  const [{ setUpClient }, { findClientConfig }] = await Promise.all([
    import("../../lib/setup/mod.ts"),
    import("../../lib/project/mod.ts"),
  ]);
  console.stderr.write("No pyrpc-client.json found.\n");
  await setUpClient({}, setupContext(console));
  return await findClientConfig(console.cwd);
}

function whenAborted(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) =>
    signal.addEventListener("abort", () => reject(signal.reason), { once: true })
  );
}

async function discovered(flags: SyncFlags): Promise<string | undefined> {
  if (flags.discover === undefined) return undefined;
  const { discoverUrl } = await import("../../lib/rpyc/registry/mod.ts");
  return await discoverUrl(flags.discover, flags);
}

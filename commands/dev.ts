import { ExitCode, usageError } from "../lib/errors.ts";
import type { ProjectConfig, ProjectState } from "../lib/project/mod.ts";
import type { ServerRole } from "../lib/dev/mod.ts";
import { type Console, type EndSignal, isInteractive } from "../lib/runtime/mod.ts";
import { plainText, renderError, styleFor } from "../lib/terminal/mod.ts";
import { defineCommand } from "../lib/cli/mod.ts";
import type { DevPrompt } from "./_dev_prompt.ts";
import { REGISTER_FLAGS, type RegisterFlags } from "../lib/cli/mod.ts";
import { registeredNames, registrationOf, startRegistration } from "./_registration.ts";
import { ensureProject, SETUP_FLAGS, type SetupFlags } from "./_setup.ts";

interface DevFlags extends SetupFlags, RegisterFlags {
  readonly host?: string;
  readonly port?: number;
  readonly typesOnly: boolean;
  readonly console: boolean;
  readonly python?: string;
  readonly debounce?: number;
  readonly verbose: boolean;
}

/** `pyrpc dev`: the backend's server, and the types of every client right a moment after each save. */
export const devCommand = defineCommand<DevFlags, [module?: string]>({
  summary: "Run the backend and keep the clients' types right after every save",
  description:
    `Reads pyrpc.json, found upwards, and asks for what is missing. With workspace distribution types are
written into each client; with server distribution no client is touched, and GET /rpc is watched instead.
The backend's own server is started, and restarted after each good change; one that runs already with the same
contract is used until it ends.`,
  examples: [
    {
      command: "pyrpc dev",
      does: "what pyrpc.json says; asks three or four questions the first time",
    },
    { command: "pyrpc dev --types-only", does: "start no server" },
    {
      command: "pyrpc dev app.main --distribution server",
      does: "without any file",
    },
    { command: "pyrpc dev --port 8010 --no-console", does: "plain log lines, until a signal" },
  ],
  parameters: {
    flags: {
      host: {
        kind: "parsed",
        parse: String,
        brief: "Address that the server listens on (127.0.0.1)",
        placeholder: "host",
        optional: true,
      },
      port: {
        kind: "parsed",
        parse: parsePort,
        brief: "Port of the server (8000); 0 takes any free one",
        placeholder: "port",
        optional: true,
      },
      typesOnly: {
        kind: "boolean",
        brief: "Start no server",
        default: false,
        withNegated: false,
      },
      console: {
        kind: "boolean",
        brief: "Commands can be typed while it runs; off without a terminal",
        default: true,
      },
      python: {
        kind: "parsed",
        parse: String,
        brief: "The Python interpreter, or the folder of its environment",
        placeholder: "path",
        optional: true,
      },
      debounce: {
        kind: "parsed",
        parse: parseDebounce,
        brief: "Milliseconds of quiet after a save (300)",
        placeholder: "ms",
        optional: true,
      },
      verbose: {
        kind: "boolean",
        brief: "Show whole tracebacks",
        default: false,
        withNegated: false,
      },
      ...SETUP_FLAGS,
      ...REGISTER_FLAGS,
    },
    positional: {
      kind: "tuple",
      parameters: [{
        brief: "Python module to scan (app.main or app.main:app), instead of pyrpc.json",
        placeholder: "MODULE",
        parse: String,
        optional: true,
      }],
    },
    aliases: { y: "yes", p: "port" },
  },
  run,
});

/** Why a session ends. */
type End = EndSignal | "left" | { readonly error: unknown };

async function run(console: Console, flags: DevFlags, module?: string): Promise<ExitCode> {
  const registration = registrationOf(flags);
  const names = registeredNames(flags);
  if (registration !== undefined && flags.typesOnly) {
    throw usageError("--register needs the server that --types-only leaves away");
  }
  const overrides = {
    host: flags.host,
    port: flags.port,
    python: flags.python,
    debounce: flags.debounce,
  };
  const configured = await ensureProject(console, flags, {
    command: "pyrpc dev",
    module,
    overrides,
  });
  const dev = await import("../lib/dev/mod.ts");
  const { project, server } = await placeServer(console, flags, configured);
  for (const notice of project.notices) console.stderr.write(`note: ${plainText(notice)}\n`);

  let finish: (end: End) => void = () => {};
  const finished = new Promise<End>((resolve) => {
    finish = resolve;
  });
  const stopListening = console.onSignal(finish);
  let prompt: DevPrompt | undefined;
  let unregister: (() => Promise<void>) | undefined;
  const out = consoleAbove(console, () => prompt);
  const { devReporter } = await import("./_dev_report.ts");
  const reporter = devReporter(out, () => session.project);
  const { freeMemory } = console;
  const session = new dev.DevSession({
    project,
    reload: async () =>
      placed(await reload(console, flags, module, configured), configured, project),
    env: console.env,
    cwd: console.cwd,
    server,
    clock: console,
    verbose: flags.verbose,
    onEvent: (event) => reporter.event(event),
    ...(freeMemory === undefined ? {} : { freeMemory }),
    onFailure: (error) => finish({ error }),
  });
  try {
    const started = session.start().then(() => undefined);
    const early = await Promise.race([started, finished]);
    if (early === undefined) {
      const hasConsole = flags.console && isInteractive(console);
      reporter.banner({
        project: session.project,
        origin: dev.originOf(project.host, project.port),
        server: session.server,
        isServing: session.isServing,
        deliveries: session.deliveries,
        hasConsole,
      });
      if (registration !== undefined && server !== "none") {
        const { host, port } = project;
        unregister = await startRegistration(
          registration,
          { names, host, port },
          (event) => out.stderr.write(`Registry: ${event}\n`),
        );
      }
      if (hasConsole) prompt = await openConsole(console, out, session, finish);
    } else started.catch(() => {});
    const end = early ?? await finished;
    if (typeof end !== "string") throw end.error;
    return end === "left"
      ? ExitCode.Ok
      : end === "SIGINT"
      ? ExitCode.Interrupted
      : ExitCode.Terminated;
  } finally {
    prompt?.close();
    await unregister?.();
    await session.end();
    stopListening();
  }
}

async function openConsole(
  console: Console,
  out: Console,
  session: InstanceType<typeof import("../lib/dev/mod.ts").DevSession>,
  finish: (end: "SIGINT" | "left") => void,
): Promise<DevPrompt> {
  const [{ openDevPrompt }, { completeDevCommand, runDevCommand }, { runCli }] = await Promise.all([
    import("./_dev_prompt.ts"),
    import("./_dev_console.ts"),
    import("./run.ts"),
  ]);
  const style = styleFor(console.stderr, console.env);
  const context = { console: out, session, runCommand: runCli };
  const prompt = openDevPrompt(console, {
    prompt: `${style.cyan("pyrpc>")} `,
    complete: (line) => completeDevCommand(line, session),
    onLine: async (line) => {
      try {
        if (await runDevCommand(line, context)) return finish("left");
      } catch (error) {
        // Whatever a command does, the console goes on.
        out.stderr.write(`${renderError(error, style)}\n`);
      }
      prompt.ready();
    },
    onInterrupt: () => finish("SIGINT"),
    onEnd: () => finish("left"),
  });
  prompt.ready();
  return prompt;
}

// The same console, but what it says comes above the line that is being typed.
function consoleAbove(console: Console, prompt: () => DevPrompt | undefined): Console {
  const above = (stream: Console["stderr"]) => ({
    write: (text: string | Uint8Array) => (prompt() ?? stream).write(text),
    get isTerminal() {
      return stream.isTerminal;
    },
    get columns() {
      return stream.columns;
    },
  });
  return Object.create(console, { stderr: { value: above(console.stderr) } });
}

// Who gets the port: our server, one of this project that is there already, or, where it is taken, another port.
async function placeServer(
  console: Console,
  flags: DevFlags,
  project: ProjectConfig,
): Promise<{ project: ProjectConfig; server: ServerRole }> {
  if (flags.typesOnly) return { project, server: "none" };
  const { anyFreePort, compareServer, nextFreePort, originOf, portState, portTaken } = await import(
    "../lib/dev/mod.ts"
  );
  const { host, port } = project;
  if (port === 0) return { project: { ...project, port: await anyFreePort(host) }, server: "own" };
  const state = await portState(host, port);
  if (state.kind === "free") return { project, server: "own" };
  let { holder } = state;
  if (state.kind === "pyrpc") {
    const compared = await compareServer(project, state.contract, console);
    if (compared.kind === "same") return { project, server: "attached" };
    holder = compared.description + (holder === undefined ? "" : `: ${holder}`);
  }
  const next = await nextFreePort(host, port + 1);
  const error = portTaken({ origin: originOf(host, port), port, holder, next });
  if (next === undefined || !isInteractive(console)) throw error;
  const { openPrompter } = await import("../lib/cli/mod.ts");
  const prompter = await openPrompter(console);
  try {
    const yes = await prompter.confirm(`${error.message}. Use port ${next}?`, true);
    if (!yes) throw error;
  } finally {
    prompter.close();
  }
  return { project: { ...project, port: next }, server: "own" };
}

// What was stored in the file is read from there: an edit of the file wins over the flag that it came from.
async function reload(
  console: Console,
  flags: DevFlags,
  module: string | undefined,
  project: ProjectConfig,
): Promise<ProjectState> {
  const { loadProject } = await import("../lib/project/mod.ts");
  const isStored = project.format === "own" && module === undefined;
  const { host, port, python, debounce, framework, entry, clientRoot, distribution } = flags;
  return await loadProject({
    cwd: console.cwd,
    env: console.env,
    ...(project.path === undefined ? {} : { path: project.path }),
    ...(module === undefined ? {} : { module }),
    overrides: {
      host,
      port,
      python,
      debounce,
      ...(isStored ? {} : { framework, entry, clientRoot, distribution }),
    },
  });
}

// A port that was chosen in place of the configured one stays, as long as that one does not change.
function placed(
  state: ProjectState,
  configured: ProjectConfig,
  project: ProjectConfig,
): ProjectState {
  if (state.kind !== "ready" || state.project.port !== configured.port) return state;
  return { ...state, project: { ...state.project, port: project.port } };
}

function parsePort(text: string): number {
  const port = Number(text);
  if (!/^\d{1,5}$/.test(text) || port > 65_535) {
    throw usageError(`Expected a port from 0 to 65535, found "${text}"`);
  }
  return port;
}

function parseDebounce(text: string): number {
  const milliseconds = Number(text);
  if (!/^\d{1,5}$/.test(text) || milliseconds > 60_000) {
    throw usageError(`Expected milliseconds from 0 to 60000, found "${text}"`);
  }
  return milliseconds;
}

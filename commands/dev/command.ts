import {
  type CommandContext,
  defineCommand,
  duration,
  file,
  type FlagValues,
  grouped,
  notSupportedWith,
  onlyFor,
  optionalArgument,
  parseCorsOrigin,
  port,
  REGISTER_FLAGS,
  repeatable,
  SELECTION_FLAGS,
  selectionOf,
  SETUP_FLAGS,
  setupContext,
  shellCommand,
  SOURCE_MAP_FLAGS,
  text,
  toggle,
  value,
} from "../../lib/cli/mod.ts";
import { ExitCode } from "../../lib/errors.ts";
import type { DevSession } from "../../lib/dev/mod.ts";
import { type Console, type EndSignal, isInteractive } from "../../lib/runtime/mod.ts";
import { plainText, renderError, styleFor } from "../../lib/terminal/mod.ts";
import { defined } from "../../lib/defined.ts";
import { confirm, consoleAbove, type DevPrompt, openDevPrompt } from "./prompt.ts";

const FLAGS = {
  host: text("Address of the server (default: 127.0.0.1)", { placeholder: "host" }),
  port: port("Port of the server; 0 selects a free one (default: 8000)", { alias: "p" }),
  typesOnly: toggle("Do not start the server"),
  exec: shellCommand("Run your own server command, and wait until it answers"),
  execRestart: toggle("With --exec: restart the command after each change without errors"),
  console: toggle("Read commands while running (off without a terminal)", { default: true }),
  python: file("Python interpreter, or the folder of its environment", { placeholder: "path" }),
  debounce: duration("Quiet time after a save (default: 300)", {
    unit: "ms",
    min: 0,
    max: 60_000,
  }),
  corsOrigin: repeatable(
    value("Also allow web pages of this origin if the module has no application", parseCorsOrigin, {
      placeholder: "origin",
    }),
  ),
  brokenLines: toggle("List the lines of the clients that a change breaks"),
  poll: toggle("Poll for changes instead of using file events (for network file systems)"),
  verbose: toggle("Print full tracebacks, and requests for the contract too"),
  ...SELECTION_FLAGS,
  ...SOURCE_MAP_FLAGS,
  ...grouped("Project", SETUP_FLAGS),
  ...REGISTER_FLAGS,
};

type DevFlags = FlagValues<typeof FLAGS>;

/** `pyrpc dev`: runs the backend's server and delivers the types of every client after each save. */
export const devCommand = defineCommand({
  summary: "Run the backend and update the clients' types after every save",
  description:
    `Reads pyrpc.json from this folder or one above, and asks for missing settings. Distribution "workspace" writes
the types into each client; "server" writes none, since each client fetches them from GET /rpc. The backend's
server is started, and restarted after each change without errors. A server that already runs with the same
contract is used until it stops.`,
  examples: [
    {
      command: "pyrpc dev",
      does: "use pyrpc.json; ask three or four questions the first time",
    },
    { command: "pyrpc dev --types-only", does: "start no server" },
    {
      command: "pyrpc dev --exec 'python manage.py runserver'",
      does: "run the server with your own command",
    },
    { command: "pyrpc dev --broken-lines", does: "list what a change breaks in the clients" },
    { command: "pyrpc dev app.main --distribution server", does: "without configuration" },
    { command: "pyrpc dev --port 8010 --no-console", does: "plain log lines until Ctrl+C" },
  ],
  flags: FLAGS,
  args: [
    optionalArgument(
      "MODULE",
      "Python module to scan (app.main or app.main:app), instead of pyrpc.json",
    ),
  ],
  run,
});

/** The reason why a session ends. */
type End = EndSignal | "left" | { readonly error: unknown } | { readonly code: number };

async function run(
  { console, run: runCommand }: CommandContext,
  flags: DevFlags,
  module?: string,
): Promise<number> {
  checkExec(flags);
  const { registeredNames, registrationOf, startRegistration } = await import(
    "../../lib/rpyc/registry/mod.ts"
  );
  const registration = registrationOf(flags);
  const dev = await import("../../lib/dev/mod.ts");
  if (registration !== undefined && flags.typesOnly) throw dev.registrationWithoutServer();
  const names = registeredNames(flags);
  const { configured, overrides, stored } = await configure(console, flags, module);
  if (flags.brokenLines && configured.clients.length === 0) throw dev.brokenLinesWithoutClients();
  const { project, server, holder } = await dev.placeServer(configured, {
    env: console.env,
    cwd: console.cwd,
    wanted: flags.typesOnly ? "none" : flags.exec === undefined ? "own" : "exec",
    confirm: isInteractive(console) ? (question) => confirm(console, question) : undefined,
  });
  for (const warning of project.warnings) console.stderr.write(`note: ${plainText(warning)}\n`);
  let finish: (end: End) => void = () => {};
  const finished = new Promise<End>((resolve) => {
    finish = resolve;
  });
  const stopListening = console.onSignal(finish);
  let prompt: DevPrompt | undefined;
  let unregister: (() => Promise<void>) | undefined;
  const out = consoleAbove(console, () => prompt);
  const { DevReporter } = await import("./reporter.ts");
  const reporter = new DevReporter(out, () => session.project);
  const { cwd, env, freeMemory } = console;
  const session = new dev.DevSession({
    project,
    reload: () =>
      dev.reloadProject({ cwd, env, module, configured, started: project, overrides, stored }),
    env,
    cwd,
    server,
    clock: console,
    ...defined({ freeMemory }),
    poll: flags.poll || undefined,
    verbose: flags.verbose,
    force: flags.force,
    sourceMap: flags.sourceMap,
    brokenLines: flags.brokenLines,
    exec: flags.exec !== undefined ? { line: flags.exec, restarts: flags.execRestart } : undefined,
    onExit: (code) => finish({ code }),
    onEvent: (event) => reporter.event(event),
    onFailure: (error) => finish({ error }),
  });
  try {
    const started = session.start().then(() => undefined);
    const early = await Promise.race([started, finished]);
    if (early !== undefined) {
      started.catch(() => {});
      return exitCodeOf(early);
    }
    const hasConsole = flags.console && isInteractive(console);
    reporter.banner(session, dev.originOf(project.host, project.port), { hasConsole, holder });
    if (registration !== undefined && server !== "none") {
      unregister = startRegistration(
        registration,
        { names, host: project.host, port: project.port },
        (event) => out.stderr.write(`Registry: ${event}\n`),
      );
    }
    if (hasConsole) prompt = await openConsole(console, { out, session, finish, runCommand });
    return exitCodeOf(await finished);
  } finally {
    prompt?.close();
    await unregister?.();
    await session.end();
    stopListening();
  }
}

async function configure(console: Console, flags: DevFlags, module: string | undefined) {
  const { setUpProject } = await import("../../lib/setup/mod.ts");
  const { host, port, python, debounce, framework, entry, clientRoot, distribution } = flags;
  const overrides = {
    host,
    port,
    python,
    debounce,
    corsOrigins: flags.corsOrigin,
    ...selectionOf(flags),
  };
  const stored = { framework, entry, clientRoot, distribution };
  const { project: configured } = await setUpProject({
    command: "pyrpc dev",
    given: stored,
    overrides,
    module,
    reconfigure: flags.reconfigure,
    acceptsDetected: flags.yes,
    force: flags.force,
  }, setupContext(console));
  return { configured, overrides, stored };
}

function checkExec({ exec, execRestart, typesOnly }: DevFlags): void {
  if (execRestart && exec === undefined) throw onlyFor("--exec-restart", "--exec COMMAND");
  if (exec !== undefined && typesOnly) throw notSupportedWith("--exec", "--types-only");
}

function exitCodeOf(end: End): number {
  if (typeof end !== "string") {
    if ("code" in end) return end.code;
    throw end.error;
  }
  if (end === "left") return ExitCode.Ok;
  return end === "SIGINT" ? ExitCode.Interrupted : ExitCode.Terminated;
}

async function openConsole(
  console: Console,
  { out, session, finish, runCommand }: {
    /** Prints above the line that is being typed. */
    readonly out: Console;
    readonly session: DevSession;
    readonly finish: (end: "SIGINT" | "left") => void;
    readonly runCommand: CommandContext["run"];
  },
): Promise<DevPrompt> {
  const { completeDevCommand, runDevCommand } = await import("./console.ts");
  const style = styleFor(console.stderr, console.env);
  const context = { console: out, session, runCommand };
  const prompt = openDevPrompt(console, {
    prompt: `${style.cyan("pyrpc>")} `,
    complete: (line) => completeDevCommand(line, session),
    onLine: async (line) => {
      try {
        if (await runDevCommand(line, context)) return finish("left");
      } catch (error) {
        // An error of one command does not end the console.
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

import { resolve } from "node:path";
import { ExitCode, usageError } from "../lib/errors.ts";
import type { Console } from "../lib/runtime/mod.ts";
import { plainText } from "../lib/terminal/mod.ts";
import { defineCommand } from "../lib/cli/mod.ts";
import { proposing } from "../lib/cli/mod.ts";
import { openRpycLog } from "../lib/cli/mod.ts";
import { untilSignal } from "./_serving.ts";

interface Flags {
  readonly mode: "udp" | "tcp";
  readonly host?: string;
  readonly port: number;
  readonly ipv6: boolean;
  readonly file?: string;
  readonly logfile?: string;
  readonly quiet: boolean;
  readonly timeout: number;
  readonly listing: boolean;
  readonly state?: string;
  readonly json: boolean;
}

/** `pyrpc registry`: rpyc's registry, and questions to one. */
export const registryCommand = defineCommand<Flags, [action?: "list" | "query", name?: string]>({
  summary: "Run a registry that rpyc's servers and clients find each other by, or ask one",
  description:
    "Takes what rpyc_registry takes. Without ACTION it serves; rpyc.discover() and connect_by_service() of the real\n" +
    "library find what registers there. Its log has rpyc's form, LEVEL:REGSRV/UDP/18811:text.",
  examples: [
    { command: "pyrpc registry --listing", does: "a UDP registry on port 18811 that also lists" },
    { command: "pyrpc registry -m tcp --state services.json", does: "TCP, kept across restarts" },
    { command: "pyrpc registry query CALC", does: "where a service runs, host and port a line" },
    { command: "pyrpc registry list --host 10.0.0.5", does: "the names of all services" },
  ],
  parameters: {
    aliases: { m: "mode", p: "port", f: "file", q: "quiet", t: "timeout", l: "listing" },
    flags: {
      mode: {
        kind: "parsed",
        parse: parseMode,
        brief: "UDP or TCP, in any case",
        default: "udp",
        placeholder: "udp|tcp",
      },
      host: {
        kind: "parsed",
        parse: String,
        brief:
          "Where to listen (0.0.0.0); for list and query the registry (this machine, then broadcast)",
        optional: true,
        placeholder: "address",
      },
      port: {
        kind: "parsed",
        parse: (text: string) => parseWhole(text, 0, 65_535),
        brief: "The port",
        default: "18811",
        placeholder: "number",
      },
      ipv6: {
        kind: "boolean",
        brief: "Listen on IPv6",
        default: false,
        withNegated: false,
      },
      file: {
        kind: "parsed",
        parse: String,
        brief: "Append the log to this file instead of standard error",
        optional: true,
        placeholder: "file",
      },
      logfile: {
        kind: "parsed",
        parse: String,
        brief: "The same as --file",
        optional: true,
        placeholder: "file",
      },
      quiet: {
        kind: "boolean",
        brief: "Log errors only",
        default: false,
        withNegated: false,
      },
      timeout: {
        kind: "parsed",
        parse: (text: string) => parseWhole(text, 1, 10_000_000),
        brief: "Forget services after this many seconds without a keep-alive",
        default: "240",
        placeholder: "seconds",
      },
      listing: {
        kind: "parsed",
        parse: parseSwitch,
        brief: "Answer who asks for all names; alone or with true or false",
        default: "false",
        inferEmpty: true,
        placeholder: "true|false",
      },
      state: {
        kind: "parsed",
        parse: String,
        brief: "Keep the registrations in this file across restarts",
        optional: true,
        placeholder: "file",
      },
      json: {
        kind: "boolean",
        brief: "Print the answer of list and query as JSON",
        default: false,
        withNegated: false,
      },
    },
    positional: {
      kind: "tuple",
      parameters: [
        {
          parse: parseAction,
          proposeCompletions: proposing(["list", "query"]),
          brief: "list or query; without it the registry is served",
          placeholder: "action",
          optional: true,
        },
        {
          parse: String,
          brief: "The service that query looks for",
          placeholder: "name",
          optional: true,
        },
      ],
    },
  },
  run,
});

async function run(
  console: Console,
  flags: Flags,
  action?: "list" | "query",
  name?: string,
): Promise<ExitCode> {
  if (action !== undefined) return await askRegistry(console, flags, action, name);
  if (flags.json) throw usageError("--json is for list and query");
  const registry = await import("../lib/rpyc/registry/mod.ts");
  const { mode } = flags;
  const log = await openRpycLog(console, {
    logfile: flags.file ?? flags.logfile,
    quiet: flags.quiet,
  });
  log.name = `REGSRV/${mode.toUpperCase()}/${flags.port}`;
  // The time of day, by a clock that does not jump when somebody sets it.
  const offset = console.now() - console.monotonic();
  const now = () => offset + console.monotonic();
  const entries = new registry.ServiceEntries(flags.timeout * 1000);
  const statePath = flags.state === undefined ? undefined : resolve(console.cwd, flags.state);
  if (statePath !== undefined) entries.restore(await registry.readState(statePath), now());
  let keeper: ReturnType<typeof stateKeeper> | undefined;
  const pending: [Parameters<typeof log.write>[0], string][] = [];
  let isNamed = false;
  const server = await registry.serveRegistry({
    transport: mode,
    host: flags.host ?? (flags.ipv6 ? "::" : "0.0.0.0"),
    port: flags.port,
    entries,
    allowListing: flags.listing,
    now,
    // The port stands in every line: the first ones wait until it is known.
    log: ({ level, text }) => isNamed ? log.write(level, text) : void pending.push([level, text]),
    logsDebug: !flags.quiet,
    onChange: () => keeper?.changed(),
  });
  const over = untilSignal(console, new Promise(() => {}));
  log.name = `REGSRV/${mode.toUpperCase()}/${server.port}`;
  isNamed = true;
  try {
    // Before the first registration is taken, not when it is to be kept.
    if (statePath !== undefined) {
      const write = () => registry.writeState(statePath, entries);
      await write();
      keeper = stateKeeper(write, (text) => log.write("ERROR", text));
      keeper.changed();
    }
    for (const [level, text] of pending) log.write(level, text);
    const code = await over;
    if (code === ExitCode.Interrupted) log.write("WARNING", "User interrupt!");
    return code;
  } finally {
    await server.close();
    await keeper?.close();
    await log.close();
  }
}

const SERVERS_FLAGS: Readonly<Record<string, (flags: Flags) => boolean>> = {
  "--listing": ({ listing }) => listing,
  "--state": ({ state }) => state !== undefined,
  "--file": ({ file }) => file !== undefined,
  "--logfile": ({ logfile }) => logfile !== undefined,
};

const BROADCAST = "255.255.255.255";
const LOOPBACK = "127.0.0.1";

async function askRegistry(
  console: Console,
  flags: Flags,
  action: "list" | "query",
  name: string | undefined,
): Promise<ExitCode> {
  if (action === "query" && name === undefined) {
    throw usageError("query needs the name of a service");
  }
  if (action === "list" && name !== undefined) {
    throw usageError("list takes no name; query NAME asks for one service");
  }
  for (const [flag, isGiven] of Object.entries(SERVERS_FLAGS)) {
    if (isGiven(flags)) throw usageError(`${flag} is for serving a registry, not for ${action}`);
  }
  if (flags.mode === "tcp" && flags.host === undefined) {
    throw usageError("--mode tcp needs the registry's address", "Give it: --host 10.0.0.5");
  }
  const registry = await import("../lib/rpyc/registry/mod.ts");
  const hosts = flags.host === undefined ? [LOOPBACK, BROADCAST] : [flags.host];
  // The first that has something to say: with broadcast, any registry of the network.
  const first = async <Answer>(
    ask: (host: string) => Promise<Answer | undefined>,
    hasSomething: (answer: Answer) => boolean,
  ): Promise<Answer | undefined> => {
    const answers = hosts.map(ask);
    const good = answers.map((answer) =>
      answer.then((value) =>
        value !== undefined && hasSomething(value) ? value : Promise.reject(value)
      )
    );
    return await Promise.any(good).catch(async () =>
      (await Promise.all(answers)).find((answer) => answer !== undefined)
    );
  };
  const at = (host: string) => ({ transport: flags.mode, host, port: flags.port });
  if (action === "query") {
    const endpoints = await first(
      (host) => registry.discoverService(at(host), name!),
      ({ length }) => length > 0,
    );
    if (endpoints === undefined) return noAnswer(console, flags);
    const lines = endpoints.map(({ host, port }) => `${plainText(host)}\t${port}\n`).join("");
    console.stdout.write(flags.json ? `${JSON.stringify(endpoints.map(plainEndpoint))}\n` : lines);
    if (endpoints.length > 0) return ExitCode.Ok;
    console.stderr.write(`No server of "${plainText(name!)}" is registered\n`);
    return ExitCode.No;
  }
  const names = await first((host) => registry.listServices(at(host)), (answer) => answer !== null);
  if (names === undefined) return noAnswer(console, flags);
  if (names === null) {
    console.stderr.write("The registry does not list its services; start it with --listing\n");
    return ExitCode.No;
  }
  console.stdout.write(
    flags.json
      ? `${JSON.stringify(names)}\n`
      : names.map((service) => `${plainText(service)}\n`).join(""),
  );
  return ExitCode.Ok;
}

function plainEndpoint({ host, port }: { readonly host: string; readonly port: number }) {
  return { host, port };
}

function noAnswer(console: Console, { mode, host, port }: Flags): ExitCode {
  console.stderr.write(
    `No registry answered at ${mode}://${
      plainText(host ?? `${LOOPBACK} or ${BROADCAST}`)
    }:${port}\n`,
  );
  return ExitCode.Server;
}

// Written soon after a change, not with every keep-alive of a thousand servers.
function stateKeeper(write: () => Promise<void>, fail: (text: string) => void) {
  const DELAY = 500;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let writing: Promise<void> = Promise.resolve();
  const save = () => {
    timer = undefined;
    writing = writing.then(write).catch((error: unknown) => {
      fail(error instanceof Error ? error.message : String(error));
    });
  };
  return {
    changed() {
      timer ??= setTimeout(save, DELAY);
    },
    async close() {
      clearTimeout(timer);
      save();
      await writing;
    },
  };
}

function parseMode(text: string): "udp" | "tcp" {
  const mode = text.toLowerCase();
  if (mode === "udp" || mode === "tcp") return mode;
  throw new SyntaxError(`Expected UDP or TCP, found "${text}"`);
}

function parseAction(text: string): "list" | "query" {
  if (text === "list" || text === "query") return text;
  throw new SyntaxError(`Expected list or query, found "${text}"`);
}

function parseSwitch(text: string): boolean {
  switch (text.toLowerCase()) {
    case "":
    case "true":
    case "yes":
    case "on":
    case "1":
      return true;
    case "false":
    case "no":
    case "off":
    case "0":
      return false;
  }
  throw new SyntaxError(`Expected true or false, found "${text}"`);
}

function parseWhole(text: string, min: number, max: number): number {
  const value = /^\d{1,10}$/.test(text) ? Number(text) : NaN;
  if (value >= min && value <= max) return value;
  throw new SyntaxError(`Expected a whole number from ${min} to ${max}, found "${text}"`);
}

import {
  choice,
  type CommandContext,
  defineCommand,
  flagNeeds,
  type FlagValues,
  integer,
  mutuallyExclusive,
  OPTIONAL_SOURCE_ARGUMENT,
  SELECTION_FLAGS,
  selectionOf,
  SOURCE_FLAGS,
  sourceOptions,
  text,
  toggle,
} from "../lib/cli/mod.ts";
import { hideCredentials } from "../lib/hide_credentials.ts";
import { ExitCode } from "../lib/errors.ts";
import { MCP_CLIENTS, type McpClient } from "../lib/project/mod.ts";
import { type Console, untilSignal } from "../lib/runtime/mod.ts";
import { plainText } from "../lib/terminal/mod.ts";

const FLAGS = {
  allowCalls: text("Let the agent call these procedures, or all (calls have real effects)", {
    placeholder: "NAME,…|all",
  }),
  allowWrite: toggle("Let the agent write the generated types"),
  http: integer("Serve streamable HTTP on this port of 127.0.0.1 instead of stdio", {
    min: 0,
    max: 65535,
    placeholder: "port",
  }),
  install: choice("Add this server to a client's configuration in this folder", MCP_CLIENTS),
  print: toggle("With --install: print the configuration, write nothing"),
  ...SELECTION_FLAGS,
  ...SOURCE_FLAGS,
};

type Flags = FlagValues<typeof FLAGS>;

/** `pyrpc mcp`: serves the contract to coding agents. */
export const mcpCommand = defineCommand({
  summary: "Serve the contract to coding agents (Model Context Protocol)",
  description:
    `Agents look up procedures and models, check calls, compare contracts and generate types. The contract comes from
SOURCE, else from the entry in pyrpc.json, else from the server in pyrpc-client.json, each found upwards. Nothing is
written and nothing is called unless a flag allows it.`,
  examples: [
    { command: "pyrpc mcp --install claude", does: "set up Claude Code in this project" },
    { command: "pyrpc mcp http://localhost:8000", does: "the contract of a running server" },
    {
      command: "pyrpc mcp http://localhost:8000 --allow-calls get_user,list_orders",
      does: "the agent may call two procedures",
    },
    { command: "pyrpc mcp --http 8765", does: "over HTTP, at http://127.0.0.1:8765/mcp" },
  ],
  flags: FLAGS,
  args: [OPTIONAL_SOURCE_ARGUMENT],
  run,
});

async function run({ console }: CommandContext, flags: Flags, source?: string): Promise<ExitCode> {
  const { allowCalls = "", allowWrite, http, install, print } = flags;
  if (print && install === undefined) {
    throw flagNeeds("--print", "--install", "Add --install CLIENT");
  }
  if (install !== undefined) return await installInto(install, flags, source, console);
  const { serveMcp } = await import("../lib/mcp/mod.ts");
  const { options } = sourceOptions(flags, console);
  let end = () => {};
  const ended = new Promise<void>((resolve) => end = resolve);
  // Resolves with the exit code of a signal, or with 0 when the client is gone.
  const code = untilSignal(console, ended);
  const served = serveMcp({
    source,
    load: options,
    selection: selectionOf(flags),
    allowCalls: allowCalls.split(",").map((name) => name.trim()).filter((name) => name !== ""),
    allowWrite,
    http,
    ended: code,
    listening: (url) => console.stderr.write(`Serving MCP at ${url}\n`),
  }, console);
  try {
    await served;
  } finally {
    end();
  }
  return await code as ExitCode;
}

async function installInto(
  client: McpClient,
  flags: Flags,
  source: string | undefined,
  console: Console,
): Promise<ExitCode> {
  // A configuration is committed: a header may be a secret.
  if (flags.header !== undefined) throw mutuallyExclusive("--header", "--install");
  if (flags.http !== undefined) throw mutuallyExclusive("--http", "--install");
  const { installsCredentials, planEntry, writeEntry } = await import("../lib/mcp/mod.ts");
  if (source !== undefined && hideCredentials(source) !== source) throw installsCredentials();
  const entry = await planEntry(client, console, argumentsOf(flags, source));
  if (flags.print) {
    console.stdout.write(entry.text);
    return ExitCode.Ok;
  }
  await writeEntry(entry);
  const state = entry.isCurrent ? "is up to date" : 'has the server "pyrpc" now';
  console.stderr.write(`${plainText(entry.path)} ${state}; restart the client\n`);
  return ExitCode.Ok;
}

function argumentsOf(flags: Flags, source: string | undefined): string[] {
  const { allowCalls, allowWrite, tokenEnv, caFile, clientCert, clientKey, python } = flags;
  const timeout = flags.timeout === undefined ? undefined : `${flags.timeout}ms`;
  const values = { allowCalls, tokenEnv, timeout, caFile, clientCert, clientKey, python };
  const named = Object.entries(values).flatMap(([name, value]) =>
    value === undefined
      ? []
      : [`--${name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`, value]
  );
  const { include, exclude } = selectionOf(flags);
  return [
    "mcp",
    ...(source === undefined ? [] : [source]),
    ...named,
    ...include.flatMap((pattern) => ["--include", pattern]),
    ...exclude.flatMap((pattern) => ["--exclude", pattern]),
    ...(allowWrite ? ["--allow-write"] : []),
  ];
}

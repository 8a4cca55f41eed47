import { resolve } from "node:path";
import type { ExitCode } from "../lib/errors.ts";
import type { Console } from "../lib/runtime/mod.ts";
import type { Contract } from "../lib/schema/mod.ts";
import type { Handler, MessageService } from "../lib/server/mod.ts";
import { plainText, styleFor } from "../lib/terminal/mod.ts";
import { defineCommand } from "./_define.ts";
import { followFiles, type Following, followUrl } from "./_follow.ts";
import { loadHandlers, loadServedContract, type ServedContract } from "./_mock_source.ts";
import { requestLines } from "./_request_lines.ts";
import { openTrace, reachableWarning, servingSettings, untilSignal } from "./_serving.ts";
import { SERVING_FLAGS, type ServingFlags } from "./_serving_flags.ts";
import { speaker } from "./_speaker.ts";
import {
  SOURCE_FLAGS,
  SOURCE_PARAMETER,
  type SourceFlags,
  sourceOptions,
} from "./_source_flags.ts";

interface Flags extends SourceFlags, ServingFlags {
  readonly handlers?: string;
  readonly examples?: string;
  readonly watch: boolean;
  readonly lax: boolean;
  readonly seed?: string;
  readonly random: boolean;
  readonly latency?: readonly string[];
  readonly error?: readonly string[];
}

/** `pyrpc mock`: a server made of a contract. */
export const mockCommand = defineCommand<Flags, [source?: string]>({
  summary: "Serve a contract with made-up answers that fit it",
  description:
    "SOURCE is a schema file, the URL of a pyRPC server (/rpc is added), a Python module, or - for standard input.\n" +
    "Without SOURCE: the contract of --handlers, the server_url of pyrpc-client.json, or an example.\n" +
    "Arguments are checked as the real server does; the same call has the same answer.",
  examples: [
    { command: "pyrpc mock schema.json", does: "serve at http://127.0.0.1:8000/rpc" },
    {
      command: "pyrpc mock https://api.example.com --watch",
      does: "a server's contract, followed",
    },
    {
      command: "pyrpc mock schema.json --handlers mock.ts",
      does: "your own functions for some procedures",
    },
    {
      command: "pyrpc mock schema.json --examples answers.yaml",
      does: "answers of your own, by procedure and arguments",
    },
    {
      command: "pyrpc mock schema.json --latency 100-400 --error 'add=-32603:0.1'",
      does: "slow, and now and then failing",
    },
  ],
  parameters: {
    flags: {
      handlers: {
        kind: "parsed",
        parse: String,
        brief: "Answer with the functions that this TypeScript or JavaScript file exports",
        optional: true,
        placeholder: "file",
      },
      examples: {
        kind: "parsed",
        parse: String,
        brief: "Answer with what this JSON or YAML file says; what it leaves out is made up",
        optional: true,
        placeholder: "file",
      },
      watch: {
        kind: "boolean",
        brief: "Follow SOURCE; a broken new contract keeps the old one",
        default: false,
        withNegated: false,
      },
      lax: {
        kind: "boolean",
        brief: 'Take what Pydantic takes, such as "1" for an int',
        default: false,
        withNegated: false,
      },
      seed: {
        kind: "parsed",
        parse: String,
        brief: "Another text makes other values",
        optional: true,
        placeholder: "text",
      },
      random: {
        kind: "boolean",
        brief: "Other values with each call",
        default: false,
        withNegated: false,
      },
      latency: {
        kind: "parsed",
        parse: String,
        brief: "Wait this many milliseconds: 200, 100-400, add=100-400; several times",
        variadic: true,
        optional: true,
        placeholder: "rule",
      },
      error: {
        kind: "parsed",
        parse: String,
        brief: "Fail: procedure=code:probability:message, such as add=-32603:0.1; several times",
        variadic: true,
        optional: true,
        placeholder: "rule",
      },
      ...SERVING_FLAGS,
      ...SOURCE_FLAGS,
    },
    positional: { kind: "tuple", parameters: [{ ...SOURCE_PARAMETER, optional: true }] },
  },
  run,
});

async function run(console: Console, flags: Flags, source?: string): Promise<ExitCode> {
  const [server, mock] = await Promise.all([
    import("../lib/server/mod.ts"),
    import("../lib/mock/mod.ts"),
  ]);
  const rules = {
    latency: mock.parseLatencyRules(flags.latency ?? []),
    faults: mock.parseFaultRules(flags.error ?? []),
  };
  const settings = await servingSettings(flags, console);
  const say = speaker(console);
  let handlers = flags.handlers === undefined
    ? undefined
    : await loadHandlers(flags.handlers, console);
  let served = await loadServedContract(source, flags, handlers, console);

  const examplesPath = flags.examples === undefined
    ? undefined
    : resolve(console.cwd, flags.examples);
  let examples = examplesPath === undefined ? "" : await mock.readExamplesFile(examplesPath);
  const exampleLayers = (contract: Contract) => {
    if (examplesPath === undefined) return [];
    const sampler = mock.createSampler(flags.seed === undefined ? {} : { seed: flags.seed });
    const where = flags.examples ?? examplesPath;
    return [mock.exampleLayer(mock.parseExamples(examples, { contract, sampler, where }))];
  };
  const build = (contract: Contract) =>
    mock.createMockDispatcher({
      contract,
      layers: exampleLayers(contract),
      ...(handlers === undefined ? {} : { handlers }),
      lax: flags.lax,
      ...(flags.seed === undefined ? {} : { seed: flags.seed }),
      varies: flags.random,
      random: Math.random,
      ...rules,
      onViolation: ({ procedure, layer, data }) =>
        say.warn(
          `The ${layer} of ${procedure.name} gave what its schema forbids: ${JSON.stringify(data)}`,
        ),
      warn: say.warn,
    });
  const lines = requestLines(flags, console, server.formatJsonText);
  const tracing = await openTrace(flags, console);
  const service: MessageService = {
    protocol: server.pyrpcProtocol,
    dispatcher: build(served.contract),
    limits: settings.messageLimits,
    trace: tracing.trace,
    observe: lines.observe,
    now: console.monotonic,
  };
  const following: Following[] = [];
  try {
    const { listenHttp, faceOf, contractDocument } = server;
    await using listener = closing(
      await listenHttp({
        host: flags.host,
        port: flags.port ?? 8000,
        face: faceOf(flags.adapter, settings.origins),
        mounts: [{
          path: flags.path ?? "/rpc",
          service,
          document: (query) => contractDocument(served.contract, query),
        }],
        ...settings,
      }),
    );
    const update = (next: ServedContract, why: string) => {
      service.dispatcher = build(next.contract);
      served = next;
      say.note(`${why}: ${procedureCount(next.contract)}`);
    };
    if (flags.handlers !== undefined) {
      const path = flags.handlers;
      following.push(
        await followFiles([resolve(console.cwd, path)], async () => {
          handlers = await loadHandlers(path, console);
          const next = served.kind === "handlers"
            ? await loadServedContract(source, flags, handlers, console)
            : served;
          update(next, "New handlers");
        }, say.failed),
      );
    }
    if (examplesPath !== undefined) {
      following.push(
        await followFiles([examplesPath], async () => {
          const before = examples;
          examples = await mock.readExamplesFile(examplesPath);
          try {
            service.dispatcher = build(served.contract);
          } catch (error) {
            // What was broken must not come back with the next change of another file.
            examples = before;
            throw error;
          }
          say.note("New examples");
        }, say.failed),
      );
    }
    if (flags.watch) {
      const follower = await followSource(served, flags, console, update, say.failed);
      if (follower === undefined) say.warn("--watch follows files and URLs only");
      else following.push(follower);
    }
    announce(console, flags, listener.value.url, served, handlers);
    for (const notice of served.notices) say.warn(notice);
    if (!server.isLoopback(flags.host)) say.warn(reachableWarning(flags.host, settings));
    return await untilSignal(console, listener.value.ended);
  } finally {
    for (const follower of following) await follower.close();
    lines.flush();
    await tracing.close();
  }
}

async function followSource(
  served: ServedContract,
  flags: Flags,
  console: Console,
  update: (next: ServedContract, why: string) => void,
  failed: (error: unknown) => void,
): Promise<Following | undefined> {
  const { source, kind } = served;
  if (source === undefined || (kind !== "file" && kind !== "url" && kind !== "module")) {
    return undefined;
  }
  const { options, context } = sourceOptions(flags, console);
  const { loadSource, loadSourceIfChanged } = await import("../lib/source/mod.ts");
  if (kind === "url") {
    let { etag } = served;
    let last = JSON.stringify(served.contract.document);
    return followUrl(async () => {
      const loaded = await loadSourceIfChanged(source, etag, options, context);
      if (loaded === undefined) return;
      etag = loaded.etag;
      const text = JSON.stringify(loaded.contract.document);
      if (text === last) return;
      last = text;
      update({ ...loaded, source, notices: [] }, "New contract");
    }, failed);
  }
  if (kind === "module") return undefined;
  return await followFiles([served.where], async () => {
    const loaded = await loadSource(source, options, context);
    update({ ...loaded, source, notices: [] }, "New contract");
  }, failed);
}

function announce(
  console: Console,
  flags: Flags,
  url: string,
  { contract, where }: ServedContract,
  handlers: ReadonlyMap<string, Handler> | undefined,
): void {
  const names = [...contract.procedures.keys()];
  const beside = [...handlers ?? []].filter(([name, { fn }]) =>
    fn !== undefined && !contract.procedures.has(name)
  ).map(([name]) => name);
  if (flags.json) {
    const line = { event: "listening", url, source: where, procedures: [...names, ...beside] };
    console.stdout.write(`${JSON.stringify(line)}\n`);
    return;
  }
  if (flags.quiet) return;
  const style = styleFor(console.stderr, console.env);
  console.stderr.write([
    `${style.bold("pyrpc mock")} ${style.cyan(url)}`,
    `  contract    ${plainText(where)}, ${procedureCount(contract)}`,
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

import { resolve } from "node:path";
import { ExitCode } from "../lib/errors.ts";
import type { Console } from "../lib/runtime/mod.ts";
import { plainText } from "../lib/terminal/mod.ts";
import { defineCommand } from "../lib/cli/mod.ts";
import { parseDepth } from "../lib/cli/mod.ts";
import { proposing } from "../lib/cli/mod.ts";
import { SOURCE_FLAGS, SOURCE_PARAMETER, type SourceFlags, sourceOptions } from "../lib/cli/mod.ts";

type Format = "openrpc";

interface Flags extends SourceFlags {
  readonly out?: string;
  readonly title?: string;
  readonly apiVersion?: string;
  readonly url?: string;
  readonly depth?: number;
}

const FORMATS: readonly Format[] = ["openrpc"];

/** `pyrpc export`: a contract in another format. */
export const exportCommand = defineCommand<Flags, [format: Format, source: string]>({
  summary: "Write a contract as an OpenRPC document",
  description:
    "The document describes the procedures as JSON-RPC 2.0 methods, which pyrpc mock answers at /jsonrpc.",
  examples: [
    { command: "pyrpc export openrpc http://localhost:8000", does: "print it" },
    {
      command:
        "pyrpc export openrpc schema.json --out openrpc.json --title Shop --api-version 1.2.0",
      does: "write it to a file",
    },
    {
      command: "pyrpc export openrpc schema.json --depth 3",
      does:
        "for OpenRPC's mock server and inspector, which follow a type that contains itself for ever",
    },
  ],
  parameters: {
    flags: {
      out: {
        kind: "parsed",
        parse: String,
        brief: "The file to write; - prints it (default)",
        optional: true,
        placeholder: "path",
      },
      title: {
        kind: "parsed",
        parse: String,
        brief: "The API's name in the document (pyRPC)",
        optional: true,
        placeholder: "text",
      },
      apiVersion: {
        kind: "parsed",
        parse: String,
        brief: "The API's version in the document (0.0.0)",
        optional: true,
        placeholder: "version",
      },
      url: {
        kind: "parsed",
        parse: String,
        brief: "Where the API answers JSON-RPC 2.0",
        optional: true,
        placeholder: "url",
      },
      depth: {
        kind: "parsed",
        parse: parseDepth,
        brief: "Write types that contain themselves so many levels deep, for tools of @open-rpc",
        optional: true,
        placeholder: "levels",
      },
      ...SOURCE_FLAGS,
    },
    positional: {
      kind: "tuple",
      parameters: [
        {
          brief: "openrpc",
          placeholder: "FORMAT",
          parse: parseFormat,
          proposeCompletions: proposing(FORMATS),
        },
        SOURCE_PARAMETER,
      ],
    },
    aliases: { o: "out" },
  },
  async run(console: Console, flags: Flags, _format: Format, source: string) {
    const [{ loadSource }, { toOpenrpc }, { applyPlan, planFile }] = await Promise.all([
      import("../lib/source/mod.ts"),
      import("../lib/contract/mod.ts"),
      import("../lib/delivery/mod.ts"),
    ]);
    const { options, context } = sourceOptions(flags, console);
    const { contract } = await loadSource(source, options, context);
    const document = toOpenrpc(contract, {
      ...(flags.title === undefined ? {} : { title: flags.title }),
      ...(flags.apiVersion === undefined ? {} : { version: flags.apiVersion }),
      ...(flags.url === undefined ? {} : { url: flags.url }),
      ...(flags.depth === undefined ? {} : { depth: flags.depth }),
    });
    const text = `${JSON.stringify(document, null, 2)}\n`;
    if (flags.out === undefined || flags.out === "-") {
      console.stdout.write(text);
      return ExitCode.Ok;
    }
    const path = resolve(console.cwd, flags.out);
    applyPlan(planFile(path, text));
    const count = contract.procedures.size;
    console.stderr.write(`${plainText(path)}: ${count} ${count === 1 ? "method" : "methods"}\n`);
    return ExitCode.Ok;
  },
});

function parseFormat(text: string): Format {
  const format = FORMATS.find((format) => format === text);
  if (format === undefined) {
    throw new SyntaxError(`Expected ${FORMATS.join(" or ")}, found "${text}"`);
  }
  return format;
}

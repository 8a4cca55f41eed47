import { resolve } from "node:path";
import { formatDocument } from "../lib/json/mod.ts";
import { defined } from "../lib/defined.ts";
import { plainText } from "../lib/terminal/mod.ts";
import {
  choiceArgument,
  defineCommand,
  depth,
  file,
  reportSource,
  SELECTION_FLAGS,
  selectionOf,
  SOURCE_ARGUMENT,
  SOURCE_FLAGS,
  sourceOptions,
  text,
  url,
} from "../lib/cli/mod.ts";

/** `pyrpc export`: writes a contract in another format. */
export const exportCommand = defineCommand({
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
      does: "for OpenRPC's mock server and inspector, which do not support recursive types",
    },
  ],
  flags: {
    out: file("File to write; - prints the document (default)", {
      alias: "o",
      placeholder: "path",
    }),
    title: text("Name of the API in the document (default: pyRPC)"),
    apiVersion: text("Version of the API in the document (default: 0.0.0)", {
      placeholder: "version",
    }),
    url: url("URL at which the API answers JSON-RPC 2.0"),
    depth: depth("Levels of recursive types, for the tools of @open-rpc"),
    ...SELECTION_FLAGS,
    ...SOURCE_FLAGS,
  },
  args: [choiceArgument("FORMAT", "openrpc", ["openrpc"]), SOURCE_ARGUMENT],
  async run({ console }, flags, _format, source) {
    const [{ loadSource, selectSource }, { toOpenrpc }, { applyPlan, planFile }] = await Promise
      .all([
        import("../lib/source/mod.ts"),
        import("../lib/contract/mod.ts"),
        import("../lib/delivery/mod.ts"),
      ]);
    const { options, context } = sourceOptions(flags, console);
    const loaded = selectSource(await loadSource(source, options, context), selectionOf(flags));
    const code = reportSource(console, loaded);
    const { contract } = loaded;
    const { title, apiVersion: version, url, depth, out = "-" } = flags;
    const document = toOpenrpc(contract, defined({ title, version, url, depth }));
    const text = `${plainText(formatDocument(document, "  "))}
`;
    if (out === "-") {
      console.stdout.write(text);
      return code;
    }
    const path = resolve(console.cwd, out);
    applyPlan(planFile(path, text));
    const count = contract.procedures.size;
    console.stderr.write(`${plainText(path)}: ${count} ${count === 1 ? "method" : "methods"}\n`);
    return code;
  },
});

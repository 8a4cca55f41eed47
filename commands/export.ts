import { resolve } from "node:path";
import type { Contract } from "../lib/contract/mod.ts";
import { formatDocument } from "../lib/json/mod.ts";
import { defined } from "../lib/defined.ts";
import { plainText } from "../lib/terminal/mod.ts";
import {
  choiceArgument,
  defineCommand,
  depth,
  file,
  notSupportedWith,
  reportSource,
  SELECTION_FLAGS,
  selectionOf,
  SOURCE_ARGUMENT,
  SOURCE_FLAGS,
  sourceOptions,
  text,
  url,
} from "../lib/cli/mod.ts";

const FORMATS = ["openrpc", "html", "markdown"] as const;

/** `pyrpc export`: writes a contract in another format. */
export const exportCommand = defineCommand({
  summary: "Write a contract as an OpenRPC document or as a reference for people",
  description:
    "openrpc describes the procedures as JSON-RPC 2.0 methods, which pyrpc mock answers at /jsonrpc. html is one static\n" +
    "page without scripts, markdown is for a repository or a wiki: every procedure with its types in TypeScript.",
  examples: [
    { command: "pyrpc export openrpc http://localhost:8000", does: "print it" },
    {
      command:
        "pyrpc export openrpc schema.json --out openrpc.json --title Shop --api-version 1.2.0",
      does: "write it to a file",
    },
    {
      command: "pyrpc export html schema.json --out public/index.html --title Shop",
      does: "a reference to publish",
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
    title: text("Name of the API in the document"),
    apiVersion: text("Version of the API in the document", {
      placeholder: "version",
    }),
    url: url("URL of the API; for openrpc the one that answers JSON-RPC 2.0"),
    depth: depth("openrpc: levels of recursive types, for the tools of @open-rpc"),
    ...SELECTION_FLAGS,
    ...SOURCE_FLAGS,
  },
  args: [choiceArgument("FORMAT", "openrpc, html or markdown", FORMATS), SOURCE_ARGUMENT],
  async run({ console }, flags, format, source) {
    if (flags.depth !== undefined && format !== "openrpc") {
      throw notSupportedWith("--depth", `the format ${format}`, "Remove --depth");
    }
    const [{ loadSource, selectSource }, { applyPlan, planFile }] = await Promise.all([
      import("../lib/source/mod.ts"),
      import("../lib/delivery/mod.ts"),
    ]);
    const { options, context } = sourceOptions(flags, console);
    const loaded = selectSource(await loadSource(source, options, context), selectionOf(flags));
    const code = reportSource(console, loaded);
    const { contract } = loaded;
    const { title, apiVersion: version, url, depth, out = "-" } = flags;
    const text = await formatContract(format, contract, defined({ title, version, url, depth }));
    if (out === "-") {
      console.stdout.write(text);
      return code;
    }
    const path = resolve(console.cwd, out);
    const isOwn = await ownershipOf(format);
    const mayReplace = (present: string) => present.trim() === "" || isOwn(present);
    applyPlan(planFile(path, text, { mayReplace }));
    const count = contract.procedures.size;
    const noun = format === "openrpc" ? "method" : "procedure";
    console.stderr.write(`${plainText(path)}: ${count} ${count === 1 ? noun : `${noun}s`}\n`);
    return code;
  },
});

type Format = (typeof FORMATS)[number];

/** Returns the test by which a file that an earlier export wrote is recognized. */
async function ownershipOf(format: Format): Promise<(present: string) => boolean> {
  if (format === "openrpc") return (await import("../lib/contract/mod.ts")).isOwnOpenrpc;
  const { MARKS } = await import("../lib/reference/mod.ts");
  return (present) => present.includes(MARKS[format]);
}

async function formatContract(
  format: Format,
  contract: Contract,
  options: { title?: string; version?: string; url?: string; depth?: number },
): Promise<string> {
  if (format === "openrpc") {
    const { toOpenrpc } = await import("../lib/contract/mod.ts");
    return `${plainText(formatDocument(toOpenrpc(contract, options), "  "))}\n`;
  }
  const { referenceOf, renderHtml, renderMarkdown } = await import("../lib/reference/mod.ts");
  const { title, version, url } = options;
  const reference = referenceOf(contract, defined({ title, version, url }));
  return format === "html" ? renderHtml(reference) : renderMarkdown(reference);
}

import { formatDocument } from "../lib/json/mod.ts";
import {
  checkDeliveryFlags,
  type CommandContext,
  defineCommand,
  DELIVERY_FLAGS,
  deliveryJson,
  type FlagValues,
  generateOptions,
  modeOf,
  reportDelivery,
  reportFacts,
  reportSource,
  SELECTION_FLAGS,
  selectionOf,
  SOURCE_ARGUMENT,
  SOURCE_FLAGS,
  SOURCE_MAP_FLAGS,
  sourceOptions,
} from "../lib/cli/mod.ts";
import { ExitCode } from "../lib/errors.ts";
import type { LoadedSource } from "../lib/source/mod.ts";
import { plainText } from "../lib/terminal/mod.ts";

const FLAGS = { ...DELIVERY_FLAGS, ...SOURCE_MAP_FLAGS, ...SELECTION_FLAGS, ...SOURCE_FLAGS };

type Flags = FlagValues<typeof FLAGS>;

/** `pyrpc codegen`: from a contract to TypeScript types where a client finds them. */
export const codegenCommand = defineCommand({
  summary: "Generate TypeScript types from a schema",
  description:
    "SOURCE is a schema file, the URL of a pyRPC server (/rpc is added), a Python module, or - for standard input.\n" +
    "Without --out the types become the package @pyrpc/types in the node_modules of the nearest client.\n" +
    "Files are written atomically, and not touched when they are up to date.",
  examples: [
    {
      command: "pyrpc codegen http://localhost:8000 --out src/api.ts",
      does: "types of a running server",
    },
    { command: "pyrpc codegen schema.json --out -", does: "print them" },
    {
      command: "pyrpc codegen app.main --out ../web/src/api.ts --client",
      does: "types of a Python module, and the client beside them",
    },
    {
      command: "pyrpc codegen schema.json --out src/api.ts --check",
      does: "exit 1 if the file is not up to date",
    },
  ],
  flags: FLAGS,
  args: [SOURCE_ARGUMENT],
  run,
});

async function run({ console }: CommandContext, flags: Flags, source: string): Promise<ExitCode> {
  const start = console.monotonic();
  checkDeliveryFlags(flags);
  const [{ deliverSource, loadContract }, delivery] = await Promise.all([
    import("../lib/sync/mod.ts"),
    import("../lib/delivery/mod.ts"),
  ]);
  const { canHaveMap, deliveryReport, generateChecked, MAP_NEEDS_LAYOUT } = delivery;
  const { options: load, context } = sourceOptions(flags, console);
  const generate = generateOptions(console, flags);
  let code: ExitCode = ExitCode.Ok;
  const onLoaded = (loaded: LoadedSource) => {
    code = reportSource(console, loaded);
    reportFacts(console, loaded);
  };
  const loadIt = () =>
    loadContract(source, { load, context, selection: selectionOf(flags), onLoaded });
  if (flags.out === "-") {
    console.stdout.write(generateChecked(await loadIt(), generate).text);
    return code;
  }
  const target = { writer: "codegen", start: console.cwd } as const;
  const { loaded, delivered } = await deliverSource(loadIt, target, {
    context,
    generate,
    target: flags,
    mode: modeOf(flags),
    withClient: flags.client,
    sourceMap: flags.sourceMap,
  });
  const report = deliveryReport(loaded.where, delivered, console.monotonic() - start);
  if (flags.json) {
    const json = { ...deliveryJson(report), moduleWarnings: loaded.facts ?? [] };
    console.stdout.write(`${formatDocument(json, "  ")}\n`);
  }
  if (flags.out === undefined) {
    const { layout, reason, notes } = delivered.chosen;
    console.stderr.write(`${plainText(`Layout: ${layout} (${reason})`)}\n`);
    for (const note of notes) console.stderr.write(`note: ${plainText(note)}\n`);
  }
  const wantsMap = flags.sourceMap && loaded.definitions !== undefined && !flags.check;
  if (wantsMap && !canHaveMap(delivered.chosen)) {
    console.stderr.write(`note: ${plainText(MAP_NEEDS_LAYOUT)}\n`);
  }
  const reported = reportDelivery(console, report);
  return reported === ExitCode.Ok ? code : reported;
}

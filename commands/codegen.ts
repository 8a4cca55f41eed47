import { ExitCode } from "../lib/errors.ts";
import type { Console } from "../lib/runtime/mod.ts";
import { plainText } from "../lib/terminal/mod.ts";
import { defineCommand } from "../lib/cli/mod.ts";
import {
  checkDeliveryFlags,
  deliver,
  DELIVERY_FLAGS,
  type DeliveryFlags,
  deliveryJson,
  generate,
  prepareDelivery,
  reportDelivery,
} from "./_deliver.ts";
import {
  reportSource,
  SOURCE_FLAGS,
  SOURCE_PARAMETER,
  type SourceFlags,
  sourceOptions,
} from "../lib/cli/mod.ts";

type Flags = SourceFlags & DeliveryFlags;

/** `pyrpc codegen`: from a contract to TypeScript types where a client finds them. */
export const codegenCommand = defineCommand<Flags, [source: string]>({
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
  parameters: {
    flags: { ...DELIVERY_FLAGS, ...SOURCE_FLAGS },
    positional: { kind: "tuple", parameters: [SOURCE_PARAMETER] },
    aliases: { o: "out" },
  },
  run,
});

async function run(console: Console, flags: Flags, source: string): Promise<ExitCode> {
  const start = console.monotonic();
  checkDeliveryFlags(flags);
  const { loadSource } = await import("../lib/source/mod.ts");
  const { options, context } = sourceOptions(flags, console);
  // A place that cannot be is found before anything is asked.
  if (flags.out === undefined) await checkPlace(console, flags);
  const loaded = await loadSource(source, options, context);
  const code = reportSource(console, loaded);
  if (flags.out === "-") {
    console.stdout.write((await generate(console, flags, loaded)).text);
    return code;
  }
  const place = { start: console.cwd, plainFolder: false };
  const prepared = await prepareDelivery(console, flags, loaded, place);
  const delivered = await deliver(flags, prepared);
  const milliseconds = console.monotonic() - start;
  if (flags.json) {
    const result = deliveryJson(prepared, delivered, milliseconds);
    console.stdout.write(`${JSON.stringify(result, null, 2)}\n`);
  }
  if (flags.out === undefined) {
    const { chosen } = prepared;
    console.stderr.write(plainText(`${chosen.layout} layout: ${chosen.reason}`) + "\n");
    for (const note of chosen.notes) console.stderr.write(`note: ${plainText(note)}\n`);
  }
  const reported = await reportDelivery(console, flags, prepared, delivered, milliseconds);
  return reported === ExitCode.Ok ? code : reported;
}

async function checkPlace(console: Console, flags: Flags): Promise<void> {
  const { chooseLayout } = await import("../lib/delivery/mod.ts");
  const { layout, packageName, packageVersion } = flags;
  chooseLayout({ start: console.cwd, layout, packageName, packageVersion });
}

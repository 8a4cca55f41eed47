import { ExitCode } from "../lib/errors.ts";
import type { Console } from "../lib/runtime/mod.ts";
import { plainText } from "../lib/terminal/mod.ts";
import { defineCommand } from "../lib/cli/mod.ts";
import {
  checkDeliveryFlags,
  DELIVERY_FLAGS,
  type DeliveryFlags,
  generateOptions,
  modeOf,
} from "./_delivery_flags.ts";
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
  const [{ loadSource }, delivery, { deliveryJson, deliveryReport, reportDelivery }] = await Promise
    .all([
      import("../lib/source/mod.ts"),
      import("../lib/delivery/mod.ts"),
      import("./_delivery_report.ts"),
    ]);
  const { options, context } = sourceOptions(flags, console);
  const generate = generateOptions(console, flags);
  if (flags.out === "-") {
    const loaded = await loadSource(source, options, context);
    const code = reportSource(console, loaded);
    console.stdout.write(delivery.generateChecked(loaded, generate).text);
    return code;
  }
  // A target that is impossible is an error before anything is loaded.
  const target = { writer: "codegen", start: console.cwd } as const;
  const chosen = delivery.resolveTarget(delivery.withFlags(target, flags, console.cwd));
  const loaded = await loadSource(source, options, context);
  const code = reportSource(console, loaded);
  const { kind, where } = loaded;
  const generated = delivery.generateChecked(loaded, generate);
  const planned = delivery.planDelivery(chosen, generated, {
    withClient: flags.client,
    schemaFile: kind === "file" ? where : undefined,
  });
  const delivered = delivery.deliver(planned, modeOf(flags));
  const report = deliveryReport(where, delivered, console.monotonic() - start);
  if (flags.json) {
    console.stdout.write(`${JSON.stringify(deliveryJson(report), null, 2)}\n`);
  }
  if (flags.out === undefined) {
    console.stderr.write(plainText(`${chosen.layout} layout: ${chosen.reason}`) + "\n");
    for (const note of chosen.notes) console.stderr.write(`note: ${plainText(note)}\n`);
  }
  const reported = reportDelivery(console, report);
  return reported === ExitCode.Ok ? code : reported;
}

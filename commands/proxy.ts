import type { Console } from "../lib/runtime/mod.ts";
import {
  defineCommand,
  PROXY_FLAGS,
  type ProxyFlags,
  SERVING_FLAGS,
  type ServingFlags,
  SOURCE_FLAGS,
  type SourceFlags,
} from "../lib/cli/mod.ts";

interface Flags extends SourceFlags, ServingFlags, ProxyFlags {
  readonly contract?: string;
}

/** `pyrpc proxy`: a real server, watched. */
export const proxyCommand = defineCommand<Flags, [url: string]>({
  summary: "Stand before a real server and hold its calls against the contract",
  description:
    "Every call goes to the server at URL and its answer comes back as it is. Arguments and results are held against the\n" +
    "server's own contract, or another; at the end there is a summary: procedures, violations, latencies.",
  examples: [
    {
      command: "pyrpc proxy http://localhost:8000 --port 9000",
      does: "watch the calls of a frontend that uses http://localhost:9000",
    },
    {
      command: "pyrpc proxy https://api.example.com --contract schema.json --fail-on-violation",
      does: "exit 1 if the server does not keep to the file",
    },
    {
      command: "pyrpc proxy http://localhost:8000 --record examples.json",
      does: "keep what passed for pyrpc mock --examples",
    },
  ],
  parameters: {
    flags: {
      contract: {
        kind: "parsed",
        parse: String,
        brief: "Hold the calls against this contract instead of the server's own",
        optional: true,
        placeholder: "source",
      },
      ...PROXY_FLAGS,
      ...SERVING_FLAGS,
      ...SOURCE_FLAGS,
    },
    positional: {
      kind: "tuple",
      parameters: [{ brief: "The real server", placeholder: "URL", parse: String }],
    },
  },
  async run(console: Console, flags: Flags, url: string) {
    const { runMock } = await import("./_run_mock.ts");
    return await runMock(
      console,
      { ...flags, proxy: url, watch: false, lax: false, random: false, register: false },
      flags.contract ?? url,
      { title: "pyrpc proxy" },
    );
  },
});

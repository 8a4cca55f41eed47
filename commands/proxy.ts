import {
  argument,
  defineCommand,
  file,
  PROXY_FLAGS,
  SERVING_FLAGS,
  SOURCE_FLAGS,
} from "../lib/cli/mod.ts";

/** `pyrpc proxy`: a real server, watched. */
export const proxyCommand = defineCommand({
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
  flags: {
    contract: file("Validate against this contract instead of the server's own", {
      placeholder: "source",
    }),
    ...PROXY_FLAGS,
    ...SERVING_FLAGS,
    ...SOURCE_FLAGS,
  },
  args: [argument("URL", "The upstream server")],
  async run({ console }, flags, url) {
    const { runMock } = await import("./_run_mock.ts");
    return await runMock(
      console,
      { ...flags, proxy: url, watch: false, lax: false, random: false, register: false },
      flags.contract ?? url,
      { title: "pyrpc proxy" },
    );
  },
});

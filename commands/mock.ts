import {
  defineCommand,
  MOCK_FLAGS,
  mutuallyExclusive,
  OPTIONAL_SOURCE_ARGUMENT,
} from "../lib/cli/mod.ts";

/** `pyrpc mock`: serves a contract with sample answers. */
export const mockCommand = defineCommand({
  summary: "Serve a contract with generated answers",
  description:
    "SOURCE is a schema file, the URL of a pyRPC server (/rpc is added), a Python module, or - for standard input.\n" +
    "Without SOURCE: the contract of --handlers, the server of --proxy, the server_url of pyrpc-client.json, or a\n" +
    "built-in example. Arguments are validated as by the backend; the same call has the same answer.",
  examples: [
    { command: "pyrpc mock schema.json", does: "serve at http://127.0.0.1:8000/rpc" },
    {
      command: "pyrpc mock https://api.example.com --watch",
      does: "reload when the server's contract changes",
    },
    {
      command: "pyrpc mock schema.json --handlers mock.ts",
      does: "your own functions for some procedures",
    },
    {
      command: "pyrpc mock schema.json --examples answers.yaml",
      does: "your own answers, by procedure and arguments",
    },
    {
      command: "pyrpc mock schema.json --latency 100-400 --error 'add=-32603:0.1'",
      does: "slow, with occasional failures",
    },
    {
      command: "pyrpc mock --proxy http://localhost:8000 --port 9000 --examples examples.yaml",
      does: "the upstream server, except for some procedures",
    },
    {
      command: "pyrpc mock schema.json --listen nats://127.0.0.1:4222/shop",
      does: "also over NATS; several processes share the load",
    },
    {
      command: "pyrpc mock schema.json --quiet --exec 'npm test'",
      does: "run the tests of a frontend against the mock",
    },
    { command: "pyrpc mock schema.json --dump tests/answers", does: "answers as files for tests" },
  ],
  flags: MOCK_FLAGS,
  args: [OPTIONAL_SOURCE_ARGUMENT],
  readsClient: ({ handlers, proxy }, source) => (source ?? handlers ?? proxy) === undefined,
  async run({ console }, flags, source) {
    if (flags.dump !== undefined && flags.exec !== undefined) {
      throw mutuallyExclusive("--dump", "--exec");
    }
    const { consoleView, dumpAnswers, serveMock } = await import("../lib/mock_session/mod.ts");
    const view = consoleView(console, { ...flags, title: "pyrpc mock" });
    const options = { ...flags, source };
    return flags.dump === undefined
      ? view.served(await serveMock(options, console, view))
      : view.dumped(await dumpAnswers(flags.dump, options, console, view));
  },
});

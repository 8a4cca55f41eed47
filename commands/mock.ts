import { defineCommand, MOCK_FLAGS, OPTIONAL_SOURCE_ARGUMENT } from "../lib/cli/mod.ts";

/** `pyrpc mock`: a server made of a contract. */
export const mockCommand = defineCommand({
  summary: "Serve a contract with made-up answers that fit it",
  description:
    "SOURCE is a schema file, the URL of a pyRPC server (/rpc is added), a Python module, or - for standard input.\n" +
    "Without SOURCE: the contract of --handlers, the server of --proxy, the server_url of pyrpc-client.json, or an\n" +
    "example. Arguments are checked as the real server does; the same call has the same answer.",
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
    {
      command: "pyrpc mock --proxy http://localhost:8000 --port 9000 --examples examples.yaml",
      does: "the real server but for some procedures",
    },
    {
      command: "pyrpc mock schema.json --listen nats://127.0.0.1:4222/shop",
      does: "over NATS as well; any number of them share the load",
    },
    { command: "pyrpc mock schema.json --dump tests/answers", does: "answers as files for tests" },
  ],
  flags: MOCK_FLAGS,
  args: [OPTIONAL_SOURCE_ARGUMENT],
  readsClient: ({ handlers, proxy }, source) => (source ?? handlers ?? proxy) === undefined,
  async run({ console }, flags, source) {
    const { dumpAnswers, runMock } = await import("./_run_mock.ts");
    return flags.dump === undefined
      ? await runMock(console, flags, source)
      : await dumpAnswers(console, flags, source, flags.dump);
  },
});

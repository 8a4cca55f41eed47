import type { Console } from "../lib/runtime/mod.ts";
import {
  argument,
  choice,
  defineCommand,
  EXEC_FLAG,
  file,
  PROXY_FLAGS,
  SERVING_FLAGS,
  SOURCE_FLAGS,
} from "../lib/cli/mod.ts";
import { defined } from "../lib/defined.ts";
import type { ProxySummary } from "../lib/proxy/mod.ts";

/** `pyrpc proxy`: forwards calls to a server and validates them. */
export const proxyCommand = defineCommand({
  summary: "Proxy a server and validate its calls against the contract",
  description:
    "Forwards every call to the server at URL and returns its answer unchanged. Validates arguments and results against\n" +
    "the server's contract, or another one. Prints a summary at the end: procedures, violations, latencies.",
  examples: [
    {
      command: "pyrpc proxy http://localhost:8000 --port 9000",
      does: "validate the calls of a frontend that uses http://localhost:9000",
    },
    {
      command: "pyrpc proxy https://api.example.com --contract schema.json --fail-on-violation",
      does: "exit 1 if the server violates the contract in the file",
    },
    {
      command: "pyrpc proxy http://localhost:8000 --record examples.json",
      does: "record the calls for pyrpc mock --examples",
    },
    {
      command: "pyrpc proxy http://localhost:8000 --quiet --exec 'npm test' --format junit",
      does: "validate the calls of a test run, as a report for CI",
    },
  ],
  flags: {
    contract: file("Validate against this contract instead of the server's own", {
      placeholder: "source",
    }),
    ...PROXY_FLAGS,
    exec: EXEC_FLAG,
    format: choice("Also print the violations on stdout at the end", ["junit", "github"]),
    ...SERVING_FLAGS,
    ...SOURCE_FLAGS,
  },
  args: [argument("URL", "The upstream server")],
  async run({ console }, flags, url) {
    const { consoleView, serveMock } = await import("../lib/mock_session/mod.ts");
    const render = flags.format && await rendererOf(console, flags.format, flags.json);
    const view = consoleView(console, { ...flags, title: "pyrpc proxy", ...defined({ render }) });
    const fixed = { proxy: url, watch: false, lax: false, random: false, register: false };
    const options = { ...flags, ...fixed, source: flags.contract ?? url };
    return view.served(await serveMock(options, console, view));
  },
});

/** Loads the formats only when one is asked for. */
async function rendererOf(
  console: Console,
  format: "junit" | "github",
  json: boolean,
): Promise<(summary: ProxySummary) => string | Uint8Array> {
  const { jsonExcludesFormat, renderGithub, renderJunit, workflowCommands } = await import(
    "../lib/report/mod.ts"
  );
  if (json) throw jsonExcludesFormat(format);
  const { violationReport } = await import("../lib/mock_session/mod.ts");
  return (summary) => {
    const { findings, passed, conclusion } = violationReport(summary);
    return format === "junit"
      ? renderJunit(findings, "pyrpc proxy", passed)
      : workflowCommands(renderGithub(findings, conclusion, console));
  };
}

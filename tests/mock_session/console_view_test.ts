import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { ALL_PROCEDURES } from "../../lib/contract/mod.ts";
import { EXAMPLE_CONTRACT } from "../../lib/mock/mod.ts";
import { bannerJson, bannerText } from "../../lib/mock_session/banner.ts";
import { consoleView, type ConsoleViewOptions } from "../../lib/mock_session/mod.ts";
import { summaryText } from "../../lib/mock_session/summary_text.ts";
import { ProxyFindings, startStatistics } from "../../lib/proxy/mod.ts";
import { collectHandlers, succeeded } from "../../lib/rpc/mod.ts";
import { styleOf } from "../../lib/terminal/mod.ts";
import { capturedConsole } from "../support/captured_console.ts";

const PLAIN = styleOf(false);
const served = {
  contract: EXAMPLE_CONTRACT,
  where: "schema.json",
  kind: "file",
  selection: ALL_PROCEDURES,
  warnings: [],
} as const;
const handlers = collectHandlers({ add: () => 1, extra: () => 1 }, "handlers.mjs");

describe("bannerText()", () => {
  const started = {
    title: "pyrpc mock",
    urls: ["http://127.0.0.1:8000/rpc", "nats://127.0.0.1/shop"],
    session: { served, handlers, hasExample: (name: string) => name === "greet" },
    origins: { policy: "any" },
    hasDefaultPath: true,
    hasExplorer: true,
  } as const;

  it("lists addresses, contract and procedures, and marks handlers", () => {
    assert.deepEqual(bannerText(started, PLAIN).split("\n"), [
      "pyrpc mock http://127.0.0.1:8000/rpc",
      "  NATS        nats://127.0.0.1/shop",
      "  contract    schema.json, 4 procedures",
      "  JSON-RPC    http://127.0.0.1:8000/jsonrpc",
      "  explorer    http://127.0.0.1:8000/explorer",
      "  browsers    pages of any origin may call",
      "    add  (handler)",
      "    greet  (example)",
      "    products.get",
      "    products.list",
      "    extra  (handler only)",
      "",
    ]);
  });

  it("omits the explorer and the usual path of JSON-RPC if they are not served", () => {
    const text = bannerText({ ...started, hasDefaultPath: false, hasExplorer: false }, PLAIN);
    assert.doesNotMatch(text, /JSON-RPC|explorer/);
  });

  it("bannerJson() is one line for each URL", () => {
    const lines = bannerJson(started).trim().split("\n").map((line) => JSON.parse(line));
    assert.deepEqual(lines.map(({ event, url }) => [event, url]), [
      ["listening", "http://127.0.0.1:8000/rpc"],
      ["listening", "nats://127.0.0.1/shop"],
    ]);
    assert.deepEqual(lines[0].procedures, [
      "add",
      "greet",
      "products.get",
      "products.list",
      "extra",
    ]);
  });
});

describe("summaryText()", () => {
  it("prints latencies, observed types and violations with their counts", () => {
    const findings = new ProxyFindings();
    const statistics = startStatistics();
    statistics.add({ method: "add", outcome: succeeded(1), ms: 2 });
    const violation = { procedure: "add", kind: "result", message: "wrong" } as const;
    assert.equal(findings.addViolation(violation), true);
    assert.equal(findings.addViolation(violation), false);
    const value = { path: "price", allowed: ["number", "string"], found: "string" };
    findings.addUntypedValue("add", value);
    const text = summaryText(findings.summary(statistics), PLAIN);
    assert.match(text, /add +1 +0 +\d\.\d\d +\d\.\d\d +\d\.\d\d {2}█+/);
    assert.match(text, /add → price: string \(number or string\), once/);
    assert.match(text, /1 violation\n {2}add: a result that the contract forbids: wrong, 2 times/);
  });

  it("reports zero calls and violations", () => {
    const text = summaryText(new ProxyFindings().summary(startStatistics()), PLAIN);
    assert.equal(text, "\nNo calls\n\nNo violations of the contract\n");
  });
});

describe("consoleView()", () => {
  const view = (options: Partial<ConsoleViewOptions> = {}) => {
    const { console, stdout, stderr } = capturedConsole();
    const flags = { title: "pyrpc mock", json: false, quiet: false, explorer: false, ...options };
    return { view: consoleView(console, flags), stdout, stderr };
  };
  const dumped = {
    folder: "/answers",
    files: ["add.json"],
    failures: [{ procedure: "greet", message: "Out of order" }],
  };

  it("dumped() prints text, or the result as JSON; failures set exit code 1", () => {
    const text = view();
    assert.equal(text.view.dumped(dumped), 1);
    assert.match(text.stderr(), /greet: Out of order\n1 answer written to \/answers\n/);
    const json = view({ json: true });
    assert.equal(json.view.dumped({ ...dumped, failures: [] }), 0);
    assert.deepEqual(JSON.parse(json.stdout()), { event: "dumped", ...dumped, failures: [] });
  });

  it("served() returns 1 for violations only if asked to", () => {
    const result = { exitCode: 130, violations: 1, recording: undefined } as const;
    assert.equal(view().view.served(result), 130);
    assert.equal(view({ failOnViolation: true }).view.served(result), 1);
    assert.equal(view({ failOnViolation: true }).view.served({ ...result, violations: 0 }), 130);
  });
});

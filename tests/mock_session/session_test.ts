import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { parseContract } from "../../lib/contract/mod.ts";
import { MockSession, type SessionOptions } from "../../lib/mock_session/mod.ts";
import { recordedEvents, sessionConsole } from "../support/mock_session.ts";
import { tempFolder } from "../support/temp_folder.ts";

const DEFAULTS = { lax: false, random: false, verbose: false };

/** The schema of one procedure `get`, which returns values of a type. */
function contractOf(type: string): string {
  return JSON.stringify({
    get: {
      name: "get",
      parameters: [],
      return_type: "Any",
      return_schema: { type },
      doc: "",
      kind: "query",
    },
  });
}

async function open(
  files: Readonly<Record<string, string>>,
  options: Partial<SessionOptions>,
  random?: () => number,
) {
  const folder = await tempFolder(files);
  const { events, lines } = recordedEvents();
  const console = sessionConsole(folder.path, random === undefined ? {} : { random });
  const session = await MockSession.open({ ...DEFAULTS, ...options }, console, events);
  return {
    folder,
    session,
    lines,
    call: async (method = "get") => {
      const context = { transport: "test", remote: "" };
      const outcome = await session.dispatcher.dispatch({ method, params: [] }, context);
      return outcome.ok ? outcome.value : outcome.fault.kind;
    },
    replaceContract(type: string) {
      const contract = parseContract(JSON.parse(contractOf(type)), { where: "schema.json" });
      session.replaceContract({ kind: "file", contract, where: "schema.json" });
    },
    [Symbol.asyncDispose]: () => folder[Symbol.asyncDispose](),
  };
}

describe("MockSession", () => {
  it("answers with handlers, then examples, then sample values", async () => {
    const names = ["first", "second", "third"];
    const schema = Object.fromEntries(names.map((name) => [name, {
      ...JSON.parse(contractOf("string")).get,
      name,
    }]));
    await using opened = await open({
      "schema.json": JSON.stringify(schema),
      "handlers.mjs": `export const first = () => "handler";`,
      "examples.yaml": "first: {result: example}\nsecond: {result: example}\n",
    }, { source: "schema.json", handlers: "handlers.mjs", examples: "examples.yaml" });
    assert.equal(await opened.call("first"), "handler");
    assert.equal(await opened.call("second"), "example");
    assert.match(String(await opened.call("third")), /^\w+ \w+$/);
  });

  it("keeps the state of examples when handlers are loaded again, not when the examples change", async () => {
    await using opened = await open({
      "schema.json": contractOf("integer"),
      "handlers.mjs": "export const other = () => 1;",
      "examples.yaml": "get: [{result: 1}, {result: 2}]",
    }, { source: "schema.json", handlers: "handlers.mjs", examples: "examples.yaml" });
    assert.equal(await opened.call(), 1);
    await opened.session.reloadHandlers();
    assert.equal(await opened.call(), 2);
    await opened.folder.write({ "examples.yaml": "get: [{result: 3}, {result: 4}]" });
    await opened.session.reloadExamples();
    assert.equal(await opened.call(), 3);
  });

  it("generates the same values for the same call, and other ones with `random`", async () => {
    const files = { "schema.json": contractOf("integer") };
    await using fixed = await open(files, { source: "schema.json" });
    assert.equal(await fixed.call(), await fixed.call());
    let next = 0;
    const random = () => (next += 0.37) % 1;
    await using varied = await open(files, { source: "schema.json", random: true }, random);
    assert.notEqual(await varied.call(), await varied.call());
  });

  it("keeps the contract until the examples fit it, whichever was edited first", async () => {
    const files = {
      "schema.json": contractOf("string"),
      "examples.yaml": "get: {result: old}\n",
    };
    const options = { source: "schema.json", examples: "examples.yaml" };

    await using contractFirst = await open(files, options);
    assert.throws(() => contractFirst.replaceContract("integer"), { code: "EXAMPLE_DOES_NOT_FIT" });
    assert.equal(await contractFirst.call(), "old");
    await contractFirst.folder.write({ "examples.yaml": "get: {result: 5}\n" });
    await contractFirst.session.reloadExamples();
    assert.equal(await contractFirst.call(), 5);

    await using examplesFirst = await open(files, options);
    await examplesFirst.folder.write({ "examples.yaml": "get: {result: 5}\n" });
    await assert.rejects(examplesFirst.session.reloadExamples(), { code: "EXAMPLE_DOES_NOT_FIT" });
    assert.equal(await examplesFirst.call(), "old");
    examplesFirst.replaceContract("integer");
    assert.equal(await examplesFirst.call(), 5);
  });

  it("applies an edit on its own if an earlier one still does not fit", async () => {
    await using opened = await open({
      "schema.json": contractOf("string"),
      "examples.yaml": "get: {result: old}\n",
      "handlers.mjs": "export const other = () => 1;",
    }, { source: "schema.json", examples: "examples.yaml", handlers: "handlers.mjs" });
    await opened.folder.write({
      "examples.yaml": "get: {result: 5}\n",
      "handlers.mjs": "export const other = () => 2;",
    });
    await assert.rejects(opened.session.reloadExamples(), { code: "EXAMPLE_DOES_NOT_FIT" });
    await opened.session.reloadHandlers();
    assert.deepEqual([await opened.call(), await opened.call("other")], ["old", 2]);
  });

  it("loads the contract of the handlers again with them", async () => {
    const handlers = (name: string) =>
      `export const ${name} = { result: { type: "integer" }, handler: () => 1 };`;
    await using opened = await open({ "handlers.mjs": handlers("before") }, {
      handlers: "handlers.mjs",
    });
    await opened.folder.write({ "handlers.mjs": handlers("after") });
    await opened.session.reloadHandlers();
    assert.deepEqual([...opened.session.contract.procedures.keys()], ["after"]);
  });

  it("warns of a handler's result that the contract forbids", async () => {
    await using opened = await open({
      "schema.json": contractOf("integer"),
      "handlers.mjs": `export const get = () => "text";`,
    }, { source: "schema.json", handlers: "handlers.mjs" });
    await opened.call();
    assert.match(opened.lines.join("\n"), /^warn: The handler of get returned a value that/);
  });

  it("lists names in rules that neither the contract nor the handlers have", async () => {
    await using opened = await open({
      "schema.json": contractOf("integer"),
      "handlers.mjs": "export const extra = () => 1;",
    }, {
      source: "schema.json",
      handlers: "handlers.mjs",
      latency: ["get=1", "extra=1", "gett=1", "1"],
      error: ["exra=-1:0"],
    });
    assert.deepEqual(opened.session.unknownRuleNames(), ["gett", "exra"]);
  });
});

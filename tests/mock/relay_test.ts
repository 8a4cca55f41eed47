import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { readFileSync } from "node:fs";
import { describe, it } from "node:test";
import fc from "fast-check";
import {
  createMockDispatcher,
  createProxyDispatcher,
  type MockOptions,
  openUpstream,
  parseLatencyRules,
} from "../../lib/mock/mod.ts";
import type { OpenPlainSocket } from "../../lib/runtime/mod.ts";
import { parseContract } from "../../lib/schema/mod.ts";
import {
  type CallContext,
  collectHandlers,
  type MessageService,
  pyrpcProtocol,
  type Reply,
} from "../../lib/server/mod.ts";
import { answerParsed, parseMessage } from "../../lib/server/message_handler.ts";
import { misleadingMessages } from "../support/misleading_messages.ts";

const contract = parseContract(
  JSON.parse(readFileSync(new URL("../fixtures/shop.schema.json", import.meta.url), "utf8")),
  { where: "shop.schema.json" },
);
const here: CallContext = { transport: "test", remote: "", headers: {} };

/** A server behind plain sockets that answers each body as it is told to. */
function serverOf(answer: (body: string) => string): OpenPlainSocket {
  return (_host, _port, { onBytes }) => ({
    isOpen: true,
    isDrained: true,
    write(request) {
      const body = Buffer.from(request.slice(request.indexOf("\r\n\r\n") + 4), "latin1");
      const reply = Buffer.from(answer(body.toString()));
      const head = `HTTP/1.1 200 OK\r\nContent-Length: ${reply.length}\r\n\r\n`;
      setImmediate(() => onBytes(Buffer.concat([Buffer.from(head), reply])));
    },
    destroy: () => undefined,
  });
}

/** A proxy, and what was told of its calls. `isShort`: with the shorter way for calls that come again. */
function proxy(
  answer: (body: string) => string,
  { isShort = true, ...options }: Partial<MockOptions> & { readonly isShort?: boolean } = {},
) {
  const seen: string[] = [];
  const tell = (what: unknown) => void seen.push(JSON.stringify(what, exact));
  const upstream = openUpstream({
    url: new URL("http://127.0.0.1:9/rpc"),
    openTcp: serverOf(answer),
  });
  const real = createProxyDispatcher({
    contract,
    upstream,
    onViolation: tell,
    onOpenKind: (procedure, kind) => tell([procedure, kind]),
  });
  const { has, dispatch } = real;
  const service: MessageService = {
    protocol: pyrpcProtocol,
    dispatcher: createMockDispatcher({
      contract,
      random: () => 0.5,
      real: isShort ? real : { has, dispatch },
      ...options,
    }),
    observe({ method, params, outcome, context, protocol }) {
      tell([protocol, method, params, outcome, context === here]);
    },
    now: () => 0,
  };
  const ask = (message: string | Uint8Array, context = here) =>
    new Promise<Reply>((resolve) => {
      const bytes = Buffer.from(message as string);
      answerParsed(service, parseMessage(service, bytes, context), context, resolve);
    });
  return { service, ask, seen, close: () => upstream.close() };
}

function exact(_: string, value: unknown): unknown {
  return typeof value === "bigint" ? `${value}n` : value;
}

const call = (id: unknown, method: string, params: unknown) =>
  JSON.stringify({ id, method, params });

/** What a server may answer to the call of an id, well-formed and not. */
const ANSWERS: readonly ((id: string) => string)[] = [
  (id) => `{"id":${id},"result":3,"error":null}`,
  (id) => `{"id": ${id}, "result": 3, "error": null}`,
  (id) => `{"error":null,"id":${id},"result":3}\n`,
  (id) => `{"id":${id},"result":3.0,"error":null}`,
  (id) => `{"id":${id},"result":"é","error":null}`,
  (id) => `{"id":${id},"result":null,"error":{"code":-32602,"message":"no"}}`,
  () => '{"id":99,"result":3,"error":null}',
  () => '{"id":"x-1","result":3,"error":null}',
  () => '{"id":null,"result":3,"error":null}',
  () => '{"id":,"result":3,"error":null}',
  () => '{"id":07,"result":3,"error":null}',
  () => '{"id":7.,"result":3,"error":null}',
  () => '{"id":"a\nb","result":3,"error":null}',
  () => '{"id":1,"result":3,"error":null} ',
  () => '{"id":1,"result":3',
];

/** Answers as chance has it, the same chance for each who asks in the same order; mostly as the last time. */
function answering(): (body: string) => string {
  let state = 20_261_126;
  let kind = 0;
  return (body) => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) & 0x7fffffff;
    if ((state >> 16) % 4 === 0) kind = (state >> 18) % ANSWERS.length;
    return ANSWERS[kind]!(/"id": ?([^,}]*)/.exec(body)?.[1] ?? "null");
  };
}

/** Arguments of `add` whose calls have texts of the same hash. */
function twoOfOneHash(): readonly [readonly number[], readonly number[]] {
  const found = new Map<number, readonly number[]>();
  for (let a = 1;; a++) {
    const params = [a, (a * 7919) % 100_003];
    const cursor = pyrpcProtocol.texts!.open(Buffer.from(call(1, "add", params)))!;
    cursor.next();
    const other = found.get(cursor.hash);
    if (other !== undefined) return [other, params];
    found.set(cursor.hash, params);
  }
}

describe("the proxy knows calls and answers that come again", () => {
  it("and nobody can tell: same bytes, same events, same violations, whatever comes in whatever order", async () => {
    const [short, long] = [
      proxy(answering()),
      proxy(answering(), { isShort: false }),
    ];
    await fc.assert(
      fc.asyncProperty(misleadingMessages, async (message) => {
        for (let round = 0; round < 3; round++) {
          assert.equal(await short.ask(message), await long.ask(message));
          assert.deepEqual(short.seen.splice(0), long.seen.splice(0));
        }
      }),
      { numRuns: 2_000 },
    );
    assert.equal(long.service.knownCalls, undefined);
    assert.ok(short.service.knownCalls!.size > 10);
    short.close();
    long.close();
  });

  it("reads a call once, whatever its id, and hands on the bytes that came", async () => {
    const bodies: string[] = [];
    const { service, ask, seen, close } = proxy((body) => {
      bodies.push(body);
      return ANSWERS[0]!(/"id":([^,]*)/.exec(body)![1]!);
    });
    const messages = [
      '{"id":1,"method":"add","params":[1.0,2]}',
      '{"id":"b-2","method":"add","params":[1.0,2]}',
      '{"id":3,"method":"add","params":[1.0,2]}',
    ];
    const params = new Set<unknown>();
    const { relay } = service.dispatcher;
    const asked = relay!.ask;
    relay!.ask = (call, ...rest) => {
      params.add(call.params);
      return asked(call, ...rest);
    };
    assert.equal(await ask(messages[0]!), '{"id":1,"result":3,"error":null}');
    assert.equal(await ask(messages[1]!), '{"id":"b-2","result":3,"error":null}');
    assert.equal(await ask(messages[2]!), '{"id":3,"result":3,"error":null}');
    assert.deepEqual(bodies, messages);
    assert.equal(params.size, 1);
    assert.equal(seen.length, 3);
    close();
  });

  it("tells apart calls whose texts have one hash", async () => {
    const bodies: string[] = [];
    const { ask, seen, close } = proxy((body) => {
      bodies.push(body);
      return ANSWERS[0]!("1");
    });
    const [one, other] = twoOfOneHash();
    const asked = [one, other, other, one, one].map((params) => call(1, "add", params));
    for (const message of asked) await ask(message);
    assert.deepEqual(bodies, asked);
    const params = seen.map((line) => JSON.parse(line)[2]);
    assert.deepEqual(params, [one, other, other, one, one]);
    close();
  });

  it("tells of what breaks the contract each time, also after an answer that did not", async () => {
    const results = ["3", "3", '"x"', '"x"', "3", '"x"'];
    const { ask, seen, close } = proxy(() => `{"id":1,"result":${results.shift()},"error":null}`);
    const found: number[] = [];
    while (results.length > 0) {
      await ask(call(1, "add", [1, 2]));
      found.push(seen.splice(0).filter((line) => line.includes('"kind":"result"')).length);
    }
    assert.deepEqual(found, [0, 0, 1, 1, 0, 1]);
    close();
  });

  it("not calls that a function of the user's answers: it may change what it is given", async () => {
    const handlers = collectHandlers({ add: (list: unknown) => [list].length }, "test");
    const { service, ask, close } = proxy(() => ANSWERS[0]!("1"), { handlers });
    for (let id = 0; id < 3; id++) await ask(call(id, "add", [1, 2]));
    assert.equal(service.knownCalls!.size, 0);
    await ask(call(1, "greet", ["Ada"]));
    assert.equal(service.knownCalls!.size, 1);
    close();
  });

  it("not where a header or a flag asks for something of ours", async () => {
    const { ask, close } = proxy(() => ANSWERS[0]!("1"));
    const asking = { ...here, headers: { "x-pyrpc-mock": "error=-7" } };
    const plain = '{"id":1,"result":3,"error":null}';
    assert.equal(await ask(call(1, "add", [1, 2])), plain);
    assert.match(String(await ask(call(1, "add", [1, 2]), asking)), /-7/);
    assert.equal(await ask(call(1, "add", [1, 2])), plain);
    close();
    const slow = proxy(() => ANSWERS[0]!("1"), { latency: parseLatencyRules(["0-1"]) });
    assert.equal(slow.service.dispatcher.relay, undefined);
    slow.close();
  });

  it("and forgets: many calls and long calls take no more memory than few", async () => {
    const { service, ask, close } = proxy(() => ANSWERS[0]!("1"));
    const read = (message: string) => parseMessage(service, Buffer.from(message), here);
    await ask(call(1, "greet", ["a".repeat(20_000)]));
    assert.equal(service.knownCalls!.size, 0);
    for (let index = 0; index < 30_000; index++) read(call(1, "add", [index, 1]));
    assert.ok(service.knownCalls!.size <= 2 * 8_192);
    for (let index = 0; index < 1_000; index++) {
      read(call(1, "greet", [`${index}${"a".repeat(15_000)}`]));
    }
    assert.ok(service.knownCalls!.size < 8_192, `${service.knownCalls!.size}`);
    close();
  });
});

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { after, before, describe, it } from "node:test";
import { parseContract } from "../../lib/contract/mod.ts";
import { asgiResponseStyle, type HttpListener, listenHttp } from "../../lib/server/mod.ts";
import {
  collectHandlers,
  ContractDispatcher,
  handlerResolver,
  pyrpcProtocol,
} from "../../lib/rpc/mod.ts";

interface TranscriptCase {
  readonly case: string;
  readonly request?: unknown;
  readonly request_text?: string;
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly response: unknown;
}

const fixtures = new URL("../fixtures/", import.meta.url);
const transcript = JSON.parse(
  readFileSync(new URL("wire-transcript.json", fixtures), "utf8"),
) as TranscriptCase[];
const contract = parseContract(
  JSON.parse(readFileSync(new URL("shop.schema.json", fixtures), "utf8")),
  { where: "shop.schema.json" },
);

/** The procedures of the example backend that the transcript calls. */
const shop = {
  add: (a: number, b: number) => a + b,
  greet: (name: string, greeting: string) => `${greeting}, ${name}!`,
  categories: () => ({ name: "all", children: [{ name: "books", children: [] }] }),
  users: { get: (id: number) => ({ id, name: "Ada" }) },
  fail: (message: string) => {
    throw new Error(message);
  },
};

describe("pyRPC over HTTP answers the transcript of the Python server", () => {
  let listener: HttpListener;

  before(async () => {
    const dispatcher = new ContractDispatcher({
      contract,
      resolvers: [handlerResolver(collectHandlers(shop, "shop")), {
        name: "nothing",
        covers: () => true,
        answer: () => ({ ok: true, value: null }),
        isTrusted: true,
      }],
    });
    listener = await listenHttp({
      host: "127.0.0.1",
      port: 0,
      responseStyle: asgiResponseStyle(),
      origins: { policy: "any" },
      routes: [{
        path: "/rpc",
        service: { protocol: pyrpcProtocol, dispatcher },
        document: () => JSON.stringify(contract.document),
      }],
    });
  });

  after(() => listener.close());

  for (const entry of transcript) {
    it(entry.case, async () => {
      const { method, path, body } = requestOf(entry);
      const response = await fetch(`http://127.0.0.1:${listener.port}${path}`, {
        method,
        ...(body === undefined ? {} : { body }),
      });
      const text = await response.text();
      assert.equal(response.status, entry.status);
      for (const [name, value] of Object.entries(entry.headers ?? {})) {
        assert.equal(response.headers.get(name), value);
      }
      assert.deepEqual(text === "" ? "" : JSON.parse(text), wantedOf(entry));
    });
  }

  it("GET /rpc answers the contract as it was loaded, with an ETag", async () => {
    const url = `http://127.0.0.1:${listener.port}/rpc`;
    const first = await fetch(url);
    assert.deepEqual(await first.json(), contract.document);
    const etag = first.headers.get("etag") ?? "";
    const again = await fetch(url, { headers: { "if-none-match": etag } });
    assert.equal(again.status, 304);
    assert.equal(await again.text(), "");
    const head = await fetch(url, { method: "HEAD" });
    assert.equal(head.headers.get("etag"), etag);
    assert.equal(await head.text(), "");
  });
});

function requestOf(entry: TranscriptCase): {
  readonly method: string;
  readonly path: string;
  readonly body: string | Uint8Array<ArrayBuffer> | undefined;
} {
  const [method = "", path = ""] = entry.case.split(" ");
  if (path.startsWith("/")) return { method, path, body: undefined };
  const post = (body: string | Uint8Array<ArrayBuffer>) => ({ method: "POST", path: "/rpc", body });
  if (entry.case === "not UTF-8") return post(Uint8Array.of(0xff, 0xfe, 0x7b, 0x7d));
  if (entry.case === "batch of 101") return post(JSON.stringify(calls(101)));
  return post(entry.request_text ?? JSON.stringify(entry.request));
}

function wantedOf(entry: TranscriptCase): unknown {
  if (entry.case !== "batch of 101") return entry.response;
  const [first] = entry.response as [object];
  return calls(101).map(({ id }) => ({ ...first, id }));
}

function calls(count: number): { id: number; method: string; params: number[] }[] {
  return Array.from({ length: count }, (_, id) => ({ id, method: "add", params: [1, 2] }));
}

import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { createServer } from "node:net";
import { after, before, describe, it } from "node:test";
import { connect, type NatsConnection } from "@nats-io/transport-node";
import type { ToolError } from "../../lib/errors.ts";
import {
  type CallEvent,
  jsonrpcProtocol,
  type MessageService,
  type Protocol,
  pyrpcProtocol,
  RpcDispatcher,
} from "../../lib/rpc/mod.ts";
import { decodeMsgpack, encodeMsgpack, msgpackrpcProtocol } from "../../lib/rpc/msgpack/mod.ts";
import {
  listen,
  type Listener,
  type NatsEvent,
  type NatsOptions,
  parseListenUrl,
  queuedTransport,
  RpcServer,
  serveNats,
} from "../../lib/server/mod.ts";
import { makeCertificates, opensslSkip } from "../support/certificates.ts";
import { type NatsServer, natsSkip, startNats } from "../support/nats.ts";
import { makeNatsAccount } from "../support/nats_account.ts";
import { waitUntil } from "../support/wait_until.ts";

const SLOW: PromiseWithResolvers<void>[] = [];

function makeService(protocol: Protocol = pyrpcProtocol): MessageService {
  const dispatcher = new RpcDispatcher()
    .addMethod((a: number, b: number) => a + b, "add")
    .addMethod((size: number) => "x".repeat(size), "text")
    .addMethod(async () => {
      const slow = Promise.withResolvers<void>();
      SLOW.push(slow);
      await slow.promise;
      return "done";
    }, "slow");
  return { protocol, dispatcher };
}

const CALL = '{"id":1,"method":"add","params":[1,2]}';
const REPLY = '{"id":1,"result":3,"error":null}';
const SLOW_CALL = '{"id":2,"method":"slow","params":[]}';
const SLOW_REPLY = '{"id":2,"result":"done","error":null}';

function addressOf(server: NatsServer, subject = "shop.rpc") {
  return { server: server.address, secure: false, subject, queue: "pyrpc" };
}

describe("serveNats()", { skip: natsSkip }, () => {
  let nats: NatsServer;
  let client: NatsConnection;

  before(async () => {
    nats = await startNats();
    client = await connect({ servers: nats.address });
  });
  after(async () => {
    await client?.close();
    await nats?.[Symbol.asyncDispose]();
  });

  const ask = async (payload: string | Uint8Array, subject = "shop.rpc") =>
    (await client.request(subject, payload, { timeout: 5000 })).data;
  const asked = async (payload: string | Uint8Array, subject?: string) =>
    Buffer.from(await ask(payload, subject)).toString();
  const serving = async (
    options: NatsOptions,
    run: (listener: Listener) => Promise<void>,
    service = makeService(),
  ) => {
    const listener = await serveNats(addressOf(nats), service, options);
    try {
      await run(listener);
    } finally {
      for (const slow of SLOW.splice(0)) slow.resolve();
      await listener.close(1000);
    }
  };

  it("answers every protocol, and errors as each has them", async () => {
    await serving({}, async ({ url }) => {
      assert.equal(url, `nats://${nats.address}/shop.rpc`);
      assert.equal(await asked(CALL), REPLY);
      assert.equal(await asked(`[${CALL},${CALL}]`), `[${REPLY},${REPLY}]`);
      assert.match(await asked("no json"), /"code":-32700/);
      assert.match(await asked(new Uint8Array([0xff, 0, 1])), /"code":-32700/);
      assert.match(await asked('{"method":"nothing"}'), /-32601/);
    });
    await serving({}, async () => {
      const call = { jsonrpc: "2.0", method: "add", params: [1, 2] };
      assert.equal(
        await asked(JSON.stringify({ ...call, id: 1 })),
        '{"jsonrpc":"2.0","id":1,"result":3}',
      );
      assert.equal(await asked(JSON.stringify(call)), "", "a notification that waits");
    }, makeService(jsonrpcProtocol));
    await serving({}, async () => {
      const reply = await ask(encodeMsgpack([0, 7, "add", [1, 2]]));
      assert.deepEqual(decodeMsgpack(reply, 100), [1, 7, null, 3]);
    }, makeService(msgpackrpcProtocol));
  });

  it("runs a message without an inbox, and notifies trace and observer", async () => {
    const events: CallEvent[] = [];
    const traced: string[] = [];
    const service = makeService();
    service.observe = (event) => events.push(event);
    service.trace = (direction, context, message) =>
      traced.push(
        `${direction} ${(context as { remote: string }).remote !== ""} ${Buffer.from(message)}`,
      );
    await serving({}, async () => {
      client.publish("shop.rpc", CALL);
      assert.equal(await asked(CALL), REPLY);
    }, service);
    assert.deepEqual(traced, [`--> false ${CALL}`, `--> true ${CALL}`, `<-- true ${REPLY}`]);
    assert.deepEqual(events.map(({ context }) => context.transport), ["nats", "nats"]);
    assert.equal(events[0]!.context.remote, "");
    assert.match(events[1]!.context.remote, /^_INBOX\./);
  });

  it("delivers each request to one member of the group, whatever its name, and to each group", async () => {
    const counts = [0, 0, 0];
    const members = await Promise.all(counts.map((_, index) => {
      const service = makeService();
      service.observe = () => counts[index]!++;
      const url = `nats://${nats.address}/shop.rpc?queue=${index < 2 ? "workers" : "audit.log"}`;
      return listen(parseListenUrl(url), service, {});
    }));
    assert.equal(members[0]!.url, `nats://${nats.address}/shop.rpc?queue=workers`);
    for (let index = 0; index < 100; index++) assert.equal(await asked(CALL), REPLY);
    await Promise.all(members.map((member) => member.close()));
    assert.equal(counts[0]! + counts[1]!, 100);
    assert.ok(counts[0]! > 10 && counts[1]! > 10, String(counts));
    assert.equal(counts[2], 100);
  });

  it("answers the contract at SUBJECT.schema", async () => {
    const options = { document: () => '{"a":1}' };
    await serving(options, async () => {
      assert.equal(await asked("", "shop.rpc.schema"), '{"a":1}');
      assert.equal(await asked(CALL), REPLY);
    });
  });

  it("rejects requests that are too large, and reports such replies", async () => {
    await serving({ maxMessage: 2000 }, async () => {
      assert.match(await asked("x".repeat(2001)), /more than 2000 bytes/);
      assert.match(
        await asked('{"id":1,"method":"text","params":[2000000]}'),
        /"code":-32000,"message":"The reply has 20000\d\d bytes, the NATS server accepts 1048576"/,
      );
      assert.equal(await asked(CALL), REPLY);
    });
  });

  it("runs so many, lets so many bytes wait, and refuses the rest at once", async () => {
    const options = { maxRunning: 2, maxWaiting: 2 * SLOW_CALL.length };
    await serving(options, async () => {
      const first = Array.from({ length: 4 }, () => asked(SLOW_CALL));
      await client.flush();
      assert.match(await asked(SLOW_CALL), /busy with 2 requests/);
      assert.equal(SLOW.length, 2);
      SLOW[0]!.resolve();
      await waitUntil(() => SLOW.length === 3);
      for (const slow of SLOW) slow.resolve();
      await waitUntil(() => SLOW.length === 4);
      SLOW[3]!.resolve();
      assert.deepEqual(await Promise.all(first), Array(4).fill(SLOW_REPLY));
    });
  });

  it("close() answers all pending requests, then no process answers", async () => {
    const listener = await serveNats(addressOf(nats), makeService(), { maxRunning: 1 });
    const running = Array.from({ length: 3 }, () => asked(SLOW_CALL));
    await waitUntil(() => SLOW.length === 1);
    const closing = listener.close(5000);
    SLOW[0]!.resolve();
    await waitUntil(() => SLOW.length === 2);
    await assert.rejects(ask(CALL), /no responders/);
    SLOW[1]!.resolve();
    await waitUntil(() => SLOW.length === 3);
    SLOW[2]!.resolve();
    assert.deepEqual(await Promise.all(running), Array(3).fill(SLOW_REPLY));
    await closing;
    await listener.ended;
    SLOW.length = 0;
  });

  it("close() answers calls that do not end in time with an error", async () => {
    const listener = await serveNats(addressOf(nats), makeService(), { maxRunning: 1 });
    const running = Array.from({ length: 2 }, () => asked(SLOW_CALL));
    await waitUntil(() => SLOW.length === 1);
    await listener.close(50);
    for (const reply of await Promise.all(running)) {
      assert.match(reply, /"code":-32000,"message":"The server was stopped before/);
    }
    for (const slow of SLOW.splice(0)) slow.resolve();
  });

  it("is a transport of RpcServer", async () => {
    const transport = await queuedTransport(
      pyrpcProtocol,
      (service) => serveNats(addressOf(nats, "queued"), service),
    );
    const server = new RpcServer(transport, pyrpcProtocol, makeService().dispatcher);
    const serving = server.serveForever();
    assert.equal(await asked(CALL, "queued"), REPLY);
    await server.stop();
    await serving;
  });

  it("reports that nothing listens, or another program", async () => {
    const silent = createServer(() => undefined).listen(0, "127.0.0.1");
    await new Promise((resolve) => silent.once("listening", resolve));
    const { port } = silent.address() as { port: number };
    const refused = async (server: string, options: NatsOptions = {}) => {
      const address = { ...addressOf(nats), server };
      const error = await serveNats(address, makeService(), options).then(
        () => assert.fail("it serves"),
        (error: ToolError) => error,
      );
      return `${error.exitCode} ${error.code} ${error.message}`;
    };
    assert.equal(
      await refused("127.0.0.1:1"),
      "5 SERVER_NATS_UNREACHABLE Cannot connect to the NATS server: connection refused",
    );
    assert.equal(
      await refused(`127.0.0.1:${port}`, { connectTimeout: 200 }),
      "5 SERVER_NATS_UNREACHABLE Cannot connect to the NATS server: timeout",
    );
    silent.close();
  });
});

describe("serveNats() after the server was lost", { skip: natsSkip }, () => {
  it("reconnects by itself, and reports both", async () => {
    await using nats = await startNats();
    const events: NatsEvent[] = [];
    const onEvent = (event: NatsEvent) => events.push(event);
    const listener = await serveNats(addressOf(nats), makeService(), { onEvent });
    const client = await connect({ servers: nats.address, reconnectTimeWait: 100 });
    await nats.kill();
    await waitUntil(() => events.length > 0);
    await nats.start();
    await waitUntil(() => events.length > 1);
    const server = nats.address;
    assert.deepEqual(events, [{ kind: "disconnected", server }, { kind: "reconnected", server }]);
    const answers = async () =>
      (await client.request("shop.rpc", CALL, { timeout: 500 })).string() === REPLY;
    await waitUntil(() => answers().catch(() => false));
    await listener.close();
    await client.close();
  });

  it("closes without waiting for a server that is away", async () => {
    await using nats = await startNats();
    const listener = await serveNats(addressOf(nats), makeService());
    await nats.kill();
    // Waiting for the server would exceed the time limit of the test run.
    await listener.close(3_600_000);
    await listener.ended;
  });
});

describe("NATS credentials", { skip: natsSkip }, () => {
  const problem = async (text: string, options: Parameters<typeof listen>[2] = {}) => {
    try {
      const listener = await listen(parseListenUrl(text), makeService(), options);
      await listener.close();
      return `serves ${listener.url}`;
    } catch (error) {
      const { code, message, exitCode, where = "" } = error as ToolError;
      return `${exitCode} ${code} ${message} ${where}`;
    }
  };

  it("user and password, of the URL or given; neither is shown", async () => {
    await using nats = await startNats(`authorization { user: ada, password: "s:e c" }`);
    const url = `nats://${nats.address}/x`;
    const serves = `serves ${url}`;
    assert.equal(await problem(`nats://ada:s%3Ae%20c@${nats.address}/x`), serves);
    const right = { nats: { credentials: { user: "ada", password: "s:e c" } } };
    assert.equal(await problem(url, right), serves);
    const refusal = "5 SERVER_NATS_REFUSED The NATS server rejected the credentials: ";
    assert.equal(await problem(url), `${refusal}Authorization Violation ${url}`);
    assert.equal(
      await problem(`nats://ada:wrong@${nats.address}/x`, right),
      `${refusal}Authorization Violation ${url}`,
    );
  });

  it("a token", async () => {
    await using nats = await startNats(`authorization { token: sesame }`);
    const url = `nats://${nats.address}/x`;
    assert.equal(await problem(`nats://sesame@${nats.address}/x`), `serves ${url}`);
    const given = { nats: { credentials: { token: "sesame" } } };
    assert.equal(await problem(url, given), `serves ${url}`);
    assert.match(await problem(url), /^5 SERVER_NATS_REFUSED/);
  });

  it("a .creds file", async () => {
    const { configuration, creds } = makeNatsAccount();
    await using nats = await startNats(configuration);
    const url = `nats://${nats.address}/x`;
    assert.equal(await problem(url, { nats: { credentials: { creds } } }), `serves ${url}`);
    assert.match(await problem(url), /^5 SERVER_NATS_REFUSED/);
    const broken = { nats: { credentials: { creds: "no creds" } } };
    assert.match(await problem(url, broken), /^3 SERVER_NATS_CREDENTIALS/);
  });

  it("a subject that may not be served, at once or later", async () => {
    const may = (subject: string) =>
      `authorization { users: [{ user: a, password: b, permissions: { subscribe: ["${subject}"] } }] }`;
    await using nats = await startNats(may("mine"));
    assert.match(
      await problem(`nats://a:b@${nats.address}/x`),
      /^5 SERVER_NATS_REFUSED The NATS server refused the subscription to the subject: .*Permissions/,
    );
    assert.equal(
      await problem(`nats://a:b@${nats.address}/mine`),
      `serves nats://${nats.address}/mine`,
    );
    const listener = await listen(
      parseListenUrl(`nats://a:b@${nats.address}/mine`),
      makeService(),
      {},
    );
    await nats.kill();
    await nats.start(may("yours"));
    await assert.rejects(listener.ended, /refused the subscription to the subject/);
    await listener.close();
  });
});

describe("NATS over TLS", { skip: natsSkip || opensslSkip }, () => {
  it("demands TLS where the URL does, and the right authority", async () => {
    await using certificates = await makeCertificates();
    const { server, authority, client } = certificates;
    await using nats = await startNats(
      `tls { cert_file: "${server.certFile}", key_file: "${server.keyFile}", ca_file: "${authority.certFile}", verify: true }`,
    );
    await using plain = await startNats();
    const tls = { ca: authority.cert, cert: client.cert, key: client.key };
    for (const host of ["localhost", "127.0.0.1"]) {
      const url = `nats+tls://${nats.address.replace("127.0.0.1", host)}/x`;
      const listener = await listen(parseListenUrl(url), makeService(), { nats: { tls } });
      assert.equal(listener.url, url);
      const connection = await connect({ servers: nats.address, tls });
      assert.equal((await connection.request("x", CALL, { timeout: 5000 })).string(), REPLY);
      await connection.close();
      await listener.close();
    }
    const wrong = async (url: string, given: typeof tls | undefined) =>
      await assert.rejects(
        listen(
          parseListenUrl(url),
          makeService(),
          given === undefined ? {} : { nats: { tls: given } },
        ),
        { code: "SERVER_NATS_UNREACHABLE" },
      );
    await wrong(`nats+tls://${nats.address}/x`, undefined);
    await wrong(`nats+tls://${nats.address}/x`, { ...tls, ca: certificates.selfSigned.cert });
    await wrong(`nats+tls://${plain.address}/x`, tls);
  });

  it("rejects a certificate of another name", async () => {
    await using certificates = await makeCertificates();
    const { elsewhere, authority } = certificates;
    await using nats = await startNats(
      `tls { cert_file: "${elsewhere.certFile}", key_file: "${elsewhere.keyFile}" }`,
    );
    for (const host of ["localhost", "127.0.0.1"]) {
      await assert.rejects(
        listen(
          parseListenUrl(`nats+tls://${nats.address.replace("127.0.0.1", host)}/x`),
          makeService(),
          { nats: { tls: { ca: authority.cert } } },
        ),
        { code: "SERVER_NATS_UNREACHABLE" },
      );
    }
  });
});

describe("parseListenUrl() of NATS", () => {
  it("parses server, subject, queue and credentials", () => {
    const rest = {
      transport: "nats",
      server: "h:4222",
      secure: false,
      subject: "x",
      queue: "pyrpc",
    };
    assert.deepEqual(parseListenUrl("nats://h/x"), rest);
    assert.deepEqual(parseListenUrl("nats+tls://h:1/a.b?queue=q"), {
      ...rest,
      server: "h:1",
      secure: true,
      subject: "a.b",
      queue: "q",
    });
    assert.deepEqual(parseListenUrl("NATS://[::1]:5/x"), { ...rest, server: "[::1]:5" });
    assert.deepEqual(parseListenUrl("nats://u:p%40@h/x"), {
      ...rest,
      credentials: { user: "u", password: "p@" },
    });
    assert.deepEqual(parseListenUrl("nats://t@h/x"), { ...rest, credentials: { token: "t" } });
  });

  it("refuses the rest and keeps the secret", () => {
    for (
      const text of [
        "nats://h",
        "nats://h/",
        "nats:///x",
        "nats:x",
        "nats://h:99999/x",
        "nats://h/a.*",
        "nats://h/a.>",
        "nats://h/a..b",
        "nats://h/a/b",
        "nats://h/a%20b",
        "nats://h/a%0Ab",
        "nats://h/%zz",
        "nats://h/x?queue=",
        "nats://h/x?queue=a%20b",
        "nats://h/x?que=a",
        "nats://h/x#y",
        "nats://u:secret@h/",
        "nats+tls://secret@h/x?y=1",
      ]
    ) {
      assert.throws(() => parseListenUrl(text), (error: ToolError) => {
        assert.equal(error.exitCode, 2, text);
        assert.ok(!error.message.includes("secret"), error.message);
        return true;
      }, text);
    }
    assert.throws(() => parseListenUrl("ftp://u:secret@h/"), (error: ToolError) => {
      assert.match(error.message, /Cannot listen on "ftp:\/\/\*\*\*@h\/"/);
      return true;
    });
  });
});

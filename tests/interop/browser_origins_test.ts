import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { createServer } from "node:http";
import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { test } from "node:test";
import type { Page } from "puppeteer-core";
import type { EndSignal } from "../../lib/runtime/mod.ts";
import { chromiumSkip, startChromium } from "../support/chromium.ts";
import { startClientPeer } from "../support/client_peer.ts";
import { freePort } from "../support/free_port.ts";
import { pythonEnvironment, pythonSkip } from "../support/python.ts";
import { waitUntil } from "../support/wait_until.ts";
import { runCli } from "../support/run_cli.ts";
import { tempFolder } from "../support/temp_folder.ts";
import { casesToRun } from "../support/verify.ts";

const EVIL = "evil.example";
const RESULT = "taken-from-the-user";

/** The pages that a server lets call: all, those of this machine, or its own. */
type Lets = "any" | "loopback" | "own";

interface Target {
  readonly name: string;
  readonly args: readonly string[];
  readonly lets: Lets;
  /** @default {"http"} */
  readonly scheme?: "http" | "ws" | "tcp";
  readonly call?: string;
  readonly env?: Readonly<Record<string, string>>;
}

const PYRPC = '{"id":1,"method":"take","params":[]}';
const JSONRPC = '{"jsonrpc":"2.0","id":1,"method":"take","params":[]}';

function targets(upstream: string, folder: string): readonly Target[] {
  const SERVE = ["serve", "--handlers", "api.ts"];
  const MOCK = ["mock", "schema.json"];
  const secret = ["--token-env", "TOKEN"];
  const env = { TOKEN: "s3cret" };
  return [
    ...(pythonSkip() === false
      ? [
        {
          name: "dev (bare application)",
          args: ["dev", "bare", "--distribution", "server", "--no-console", "--python", folder],
          lets: "loopback",
        } as const,
      ]
      : []),
    { name: "mock", args: MOCK, lets: "any" },
    { name: "mock --handlers", args: [...MOCK, "--handlers", "api.ts"], lets: "loopback" },
    { name: "mock --examples", args: [...MOCK, "--examples", "examples.json"], lets: "loopback" },
    {
      name: "mock --adapter fastapi --handlers",
      args: [...MOCK, "--handlers", "api.ts", "--adapter", "fastapi"],
      lets: "loopback",
    },
    { name: "mock --proxy", args: [...MOCK, "--proxy", upstream], lets: "loopback" },
    { name: "proxy", args: ["proxy", upstream], lets: "loopback" },
    { name: "proxy --token-env", args: ["proxy", upstream, ...secret], lets: "own", env },
    { name: "proxy --header", args: ["proxy", upstream, "--header", "x-key: 1"], lets: "own" },
    {
      name: "mock --proxy --token-env",
      args: [...MOCK, "--proxy", upstream, ...secret],
      lets: "own",
      env,
    },
    { name: "explore", args: ["explore", upstream], lets: "own" },
    { name: "explore --token-env", args: ["explore", upstream, ...secret], lets: "own", env },
    { name: "serve", args: SERVE, lets: "loopback" },
    {
      name: "serve jsonrpc",
      args: [...SERVE, "--protocol", "jsonrpc"],
      lets: "loopback",
      call: JSONRPC,
    },
    { name: "serve ws", args: [...SERVE, "--transport", "ws"], lets: "loopback", scheme: "ws" },
    {
      name: "serve ws jsonrpc --mode sync",
      args: [...SERVE, "--transport", "ws", "--protocol", "jsonrpc", "--mode", "sync"],
      lets: "loopback",
      scheme: "ws",
      call: JSONRPC,
    },
    { name: "serve tcp", args: [...SERVE, "--transport", "tcp"], lets: "loopback", scheme: "tcp" },
    {
      name: "serve tcp jsonrpc",
      args: [...SERVE, "--transport", "tcp", "--protocol", "jsonrpc"],
      lets: "loopback",
      scheme: "tcp",
      call: JSONRPC,
    },
    {
      name: "serve tcp --mode sync",
      args: [...SERVE, "--transport", "tcp", "--mode", "sync"],
      lets: "loopback",
      scheme: "tcp",
    },
    {
      name: "serve tcp msgpackrpc",
      args: [...SERVE, "--transport", "tcp", "--protocol", "msgpackrpc"],
      lets: "loopback",
      scheme: "tcp",
    },
    { name: "serve zmq", args: [...SERVE, "--transport", "zmq"], lets: "loopback", scheme: "tcp" },
    {
      name: "serve rpyc",
      args: [...SERVE, "--protocol", "rpyc", "--mode", "async"],
      lets: "loopback",
      scheme: "tcp",
    },
    {
      name: "serve rpyc ws",
      args: [...SERVE, "--protocol", "rpyc", "--mode", "async", "--transport", "ws"],
      lets: "loopback",
      scheme: "ws",
    },
  ];
}

/** One server of each policy and transport. `deno task verify browsers` attacks all. */
const GATE = new Set([
  "dev (bare application)",
  "mock",
  "mock --handlers",
  "proxy --token-env",
  "explore",
  "serve ws",
  "serve tcp jsonrpc",
]);

const FILES = (marker: string) => ({
  "api.ts": `import { appendFileSync } from "node:fs";
export function take(): string {
  appendFileSync(${JSON.stringify(marker)}, "ran\\n");
  return ${JSON.stringify(RESULT)};
}
`,
  "bare.py": `from pyrpc_core import rpc
@rpc
def take() -> str:
    open(${JSON.stringify(marker)}, "a").write("ran\\n")
    return ${JSON.stringify(RESULT)}
`,
  "schema.json": JSON.stringify(CONTRACT),
  "examples.json": JSON.stringify({ take: { result: RESULT } }),
});

const CONTRACT = {
  take: {
    name: "take",
    parameters: [],
    return_schema: { type: "string" },
    doc: null,
    is_async: false,
    kind: "query",
  },
};

// Chromium delays a WebSocket after one that failed: an attempt has a generous end.
/** Everything that a page can send to a server, and what it is answered. Runs in the page. */
const ATTACK = `async ({ url, call, scheme }) => {
  const text = (response) => response.text();
  const seen = {};
  const attempt = async (name, run) => {
    try {
      seen[name] = String(await Promise.race([
        run(),
        new Promise((_, fail) => setTimeout(() => fail(new Error("no answer")), 20000)),
      ]));
    } catch (error) { seen[name] = "refused"; }
  };
  const http = url.replace(/^(ws|tcp):/, "http:");
  const post = (init) => fetch(http, { method: "POST", body: "\\n" + call + "\\n", ...init }).then(text);
  await attempt("POST", () => post({ headers: { "content-type": "text/plain" } }));
  await attempt("POST with JSON", () => post({ headers: { "content-type": "application/json" } }));
  await attempt("POST blind", () => post({ mode: "no-cors" }));
  await attempt("POST with credentials", () => post({ mode: "no-cors", credentials: "include" }));
  await attempt("GET", () => fetch(http).then(text));
  await attempt("POST of a sandboxed frame", () => new Promise((done, fail) => {
    const frame = document.createElement("iframe");
    frame.sandbox = "allow-scripts";
    addEventListener("message", ({ data }) => data.ok ? done(data.text) : fail(data.text), { once: true });
    const asked = JSON.stringify([http, "\\n" + call + "\\n"]);
    frame.srcdoc = "<script>const [url, body] = " + asked + ";" +
      "fetch(url, { method: 'POST', body }).then((r) => r.text()).then(" +
      "(text) => parent.postMessage({ ok: true, text }, '*'), " +
      "(error) => parent.postMessage({ ok: false, text: String(error) }, '*'))</scr" + "ipt>";
    document.body.append(frame);
  }));
  if (scheme !== "tcp") {
    await attempt("events", () => new Promise((done, fail) => {
      const source = new EventSource(new URL("/explorer/events", http));
      source.onopen = () => { source.close(); done("following"); };
      source.onerror = () => { source.close(); fail(); };
    }));
    await attempt("WebSocket", () => new Promise((done, fail) => {
      const socket = new WebSocket(http.replace(/^http/, "ws"));
      socket.onopen = () => socket.send(call);
      socket.onmessage = ({ data }) => { socket.close(); done(data); };
      socket.onerror = fail;
      socket.onclose = fail;
    }));
  }
  return seen;
}`;

type Seen = Readonly<Record<string, string>>;

async function attack(
  page: Page,
  url: string,
  { call = PYRPC, scheme = "http" }: Target,
): Promise<Seen> {
  return await page.evaluate(`(${ATTACK})(${JSON.stringify({ url, call, scheme })})`) as Seen;
}

const hasRead = (seen: Seen) =>
  Object.entries(seen).flatMap(([name, text]) =>
    text.includes(RESULT) || text.includes('"take"') || text === "following" ? [name] : []
  );

async function startUpstream() {
  let calls = 0;
  const server = createServer((request, response) => {
    response.setHeader("content-type", "application/json");
    if (request.method !== "POST") return void response.end(JSON.stringify(CONTRACT));
    calls++;
    request.resume();
    response.end(JSON.stringify({ id: 1, result: RESULT, error: null }));
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    calls: () => calls,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
}

async function accepts(port: number): Promise<boolean> {
  const { connect } = await import("node:net");
  return await new Promise((done) => {
    const socket = connect(port, "127.0.0.1");
    socket.once("connect", () => (socket.destroy(), done(true)));
    socket.once("error", () => done(false));
  });
}

const skip = chromiumSkip();

test(
  "web pages reach a server only as its policy has it: every command and transport, in Chromium",
  { skip },
  async (t) => {
    await using upstream = await startUpstream();
    await using outside = await tempFolder();
    const marker = outside.at("ran");
    await using folder = await tempFolder(FILES(marker));
    await using site = await startClientPeer({
      "/": { type: "text/html", text: "<!doctype html><body></body>" },
    });
    await using chromium = await startChromium([EVIL]);
    const evil = await chromium.browser.newPage();
    const sitePort = new URL(site.url).port;
    await evil.goto(`http://${EVIL}:${sitePort}/`);
    const local = await chromium.browser.newPage();
    await local.goto(`http://127.0.0.1:${sitePort}/`);
    const localIp = `http://127.0.0.1:${sitePort}`;
    const python = pythonSkip() === false ? (await pythonEnvironment("shop-0.14")).python : "";
    const { readFile, rm } = await import("node:fs/promises");
    const ran = async () => existsSync(marker) ? (await readFile(marker, "utf8")).length : 0;

    const serve = async (
      target: Target,
      extra: readonly string[],
      use: (
        url: string,
        port: number,
        hasPrinted: (text: string) => Promise<void>,
      ) => Promise<void>,
    ): Promise<string> => {
      const port = await freePort();
      let send: (signal: EndSignal) => void = () => undefined;
      let ended: string | undefined;
      let printed = "";
      const running = runCli([...target.args, ...extra, "--port", String(port)], {
        cwd: folder.path,
        env: { ...target.env, HOME: outside.path, PATH: process.env["PATH"] },
        onStart: (signal) => {
          send = signal;
        },
        onStderr: (text) => printed += text,
      });
      void running.then((result) => ended = result.block);
      try {
        await waitUntil(async () => {
          assert.equal(ended, undefined);
          return await accepts(port);
        });
        const path = target.scheme === "ws" ? "/ws" : target.scheme === "tcp" ? "" : "/rpc";
        const hasPrinted = (text: string) =>
          waitUntil(() => Promise.resolve(printed.includes(text)));
        await use(`${target.scheme ?? "http"}://127.0.0.1:${port}${path}`, port, hasPrinted);
      } finally {
        send("SIGINT");
      }
      return (await running).stderr;
    };

    for (const target of casesToRun(targets(upstream.url, python), ({ name }) => GATE.has(name))) {
      await t.test(target.name, async () => {
        await rm(marker, { force: true });
        let seenHere: Seen = {};
        const stderr = await serve(target, [], async (url, port, hasPrinted) => {
          const before = upstream.calls();
          const seen = await attack(evil, url, target);
          if (target.lets === "any") {
            assert.equal(seen["GET"]?.includes('"take"'), true, JSON.stringify(seen));
          } else {
            assert.deepEqual(hasRead(seen), [], JSON.stringify(seen));
            assert.equal(await ran(), 0, "the function ran");
            assert.equal(upstream.calls(), before, "the upstream server was called");
          }
          // Python's worker may be busy when it is to pass it on.
          if (target.lets !== "any" && target.scheme !== "tcp") {
            await hasPrinted(`--cors-origin http://${EVIL}:`);
          }
          // A name of the attacker's that means this machine.
          const rebound = await evil.goto(`http://${EVIL}:${port}/rpc`).catch(() => undefined);
          const text = await rebound?.text().catch(() => "") ?? "";
          assert.doesNotMatch(text, /"take"/);
          await evil.goto(`http://${EVIL}:${sitePort}/`);
          // RPyC does not answer what is sent here.
          if (target.name !== "serve rpyc ws") seenHere = await attack(local, url, target);
          if (target.lets === "own") {
            assert.deepEqual(hasRead(seenHere), [], JSON.stringify(seenHere));
            assert.equal(upstream.calls(), before, "the upstream server was called");
          }
        });
        if (target.lets !== "any" && target.scheme !== "tcp") {
          const origin = `http://${EVIL}:${sitePort}`;
          assert.equal(stderr.split(`--cors-origin ${origin}`).length, 2, stderr);
        }
        if (target.lets === "own") {
          assert.ok(stderr.includes(`--cors-origin ${localIp}`), stderr);
          // The fix that is printed works.
          await serve(target, ["--cors-origin", localIp], async (url) => {
            const seen = await attack(local, url, target);
            assert.ok(hasRead(seen).includes("POST"), JSON.stringify(seen));
          });
        } else if (target.scheme === "ws") {
          if (target.name !== "serve rpyc ws") {
            assert.deepEqual(hasRead(seenHere), ["WebSocket"], JSON.stringify(seenHere));
          }
        } else if (target.scheme === undefined && target.name !== "mock") {
          assert.ok(hasRead(seenHere).includes("POST with JSON"), JSON.stringify(seenHere));
        }
      });
    }
  },
);

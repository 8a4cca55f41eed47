import assert from "node:assert/strict";
import { test } from "node:test";
import { systemClock } from "../../lib/runtime/mod.ts";
import type { Console } from "../../lib/runtime/mod.ts";
import type { PyrpcOptions, ViteDevServer, ViteUserConfig } from "../../lib/vite/options.ts";
import { createPlugin } from "../../lib/vite/plugin.ts";
import { serveHttp } from "../support/http_server.ts";
import { tempFolder } from "../support/temp_folder.ts";
import { TINY_TEXT } from "../support/tiny_contract.ts";
import { waitUntil } from "../support/wait_until.ts";

function makePlugin(cwd: string, options: PyrpcOptions = {}, env: Console["env"] = {}) {
  // The plugin uses no stream.
  const console = { ...systemClock, env, cwd, random: () => 0 } as unknown as Console;
  return createPlugin({ interval: 50, ...options }, console);
}

function fakeServer(): ViteDevServer & { readonly environment: object } {
  const environment = {};
  return {
    environment,
    environments: { client: environment },
    ws: { send() {} },
    middlewares: { use() {} },
  };
}

const client = (url: string) => JSON.stringify({ distribution: "server", server_url: url });

test("the plugin polls until the last of its servers has closed", async () => {
  await using backend = await serveHttp((_, response) => void response.end(TINY_TEXT));
  await using project = await tempFolder({
    "package.json": "{}",
    "pyrpc-client.json": client(backend.url),
  });
  const plugin = makePlugin(project.path);
  await plugin.config({});
  assert.equal(backend.requests.length, 0);
  const [browser, rendering] = [fakeServer(), fakeServer()];
  plugin.configureServer(browser);
  plugin.configureServer(rendering);
  await waitUntil(() => backend.requests.length >= 2);
  plugin.buildEnd.call({ environment: browser.environment });
  const { length } = backend.requests;
  await waitUntil(() => backend.requests.length > length);
  plugin.buildEnd.call({ environment: rendering.environment });
  const last = backend.requests.length;
  // A second plugin shows that the time of several polls has passed.
  await using other = await serveHttp((_, response) => void response.end(TINY_TEXT));
  const second = makePlugin(project.path, { source: other.url });
  await second.config({});
  second.configureServer(fakeServer());
  await waitUntil(() => other.requests.length >= 5);
  second.buildEnd.call({});
  assert.ok(backend.requests.length <= last + 1, "one request may have been under way");
});

test("the plugin does nothing in Vitest", async () => {
  await using backend = await serveHttp((_, response) => void response.end(TINY_TEXT));
  await using project = await tempFolder({ "pyrpc-client.json": client(backend.url) });
  const plugin = makePlugin(project.path, {}, { VITEST: "true" });
  await plugin.config({});
  plugin.configureServer(fakeServer());
  assert.equal(backend.requests.length, 0);
});

const PROXIES: readonly (readonly [string, PyrpcOptions, ViteUserConfig, boolean])[] = [
  ["the default", {}, {}, true],
  ["proxy: false", { proxy: false }, {}, false],
  ["a mock", { mock: true }, {}, false],
  ["a proxy of the user's own", {}, { server: { proxy: { "/rpc": "http://other" } } }, false],
  ["another proxy of the user's", {}, { server: { proxy: { "/api": "http://other" } } }, true],
  ["a schema file as source", { source: "schema.json" }, {}, false],
];

for (const [name, options, config, isAdded] of PROXIES) {
  test(`the plugin ${isAdded ? "adds" : "adds no"} proxy: ${name}`, async () => {
    await using project = await tempFolder({
      "pyrpc-client.json": client("http://127.0.0.1:9/api"),
      "schema.json": TINY_TEXT,
    });
    const added = await makePlugin(project.path, options).config(config);
    const [entry] = Object.entries(added?.server?.proxy ?? {});
    assert.equal(entry !== undefined, isAdded);
    if (entry === undefined) return;
    const [key, { target, rewrite }] = entry as [string, {
      target: string;
      rewrite: (path: string) => string;
    }];
    assert.equal(target, "http://127.0.0.1:9");
    for (
      const [path, expected] of [
        ["/rpc", "/api/rpc"],
        ["/rpc/", "/api/rpc"],
        ["/rpc?keys=schema", "/api/rpc?keys=schema"],
        ["/rpc.ts", undefined],
        ["/rpcs", undefined],
      ] as const
    ) assert.equal(new RegExp(key).test(path) ? rewrite(path) : undefined, expected, path);
  });
}

test("an error of the configuration contains the file and the fix, since Vite prints the message only", async () => {
  await using project = await tempFolder({ "pyrpc-client.json": '{ "distribution": 1 }' });
  await assert.rejects(
    makePlugin(project.path).config({}),
    /"workspace" or "server".*pyrpc-client\.json:1:19/s,
  );
  await using empty = await tempFolder();
  await assert.rejects(makePlugin(empty.path).config({}), (error: Error) => {
    assert.match(
      error.message,
      /^No backend was found.*npx pyrpc init --client --distribution server/s,
    );
    assert.equal(error.stack, `Error: ${error.message}\n    at @pyrpc/vite`);
    return true;
  });
});

test("an option that is unknown, or has a value of another type, is an error", () => {
  const wrong: readonly (readonly [object, RegExp])[] = [
    [{ mok: true }, /no option "mok"\n.*source, proxy, mock/],
    [{ source: 1 }, /"source" of @pyrpc\/vite must be an address, a file or a module, found 1$/],
    [{ proxy: "/api" }, /"proxy" .* must be true or false, found '\/api'$/],
    [{ mock: "yes" }, /"mock" .* must be true, false or \{ seed, examples \}/],
    [{ mock: null }, /"mock" .* found null$/],
    [{ stale: "fatal" }, /"stale" .* must be "fail", "warn" or "ignore", found 'fatal'$/],
    [{ overlay: 0 }, /"overlay" .* must be true or false/],
    [{ interval: 0 }, /"interval" .* must be a positive number of milliseconds, found 0$/],
    [{ interval: NaN }, /"interval"/],
    [{ headers: [["a", "b"]] }, /"headers" .* must be an object of headers/],
  ];
  for (const [options, message] of wrong) {
    assert.throws(() => makePlugin(".", options), { message }, JSON.stringify(options));
  }
  const right: readonly PyrpcOptions[] = [
    {},
    { source: "http://localhost:8000", proxy: false, mock: false, stale: "warn", overlay: false },
    {
      mock: { seed: "a" },
      interval: 0.5,
      headers: { authorization: "x" },
    },
  ];
  for (const options of right) makePlugin(".", options);
});

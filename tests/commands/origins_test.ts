import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { serving } from "../support/serving.ts";
import { runCli } from "../support/run_cli.ts";

const HANDLERS = { "api.ts": "export const add = (a: number, b: number) => a + b;\n" };
const SERVE = ["serve", "--handlers", "api.ts"];
const CALL = JSON.stringify({ id: 1, method: "add", params: [1, 2] });

const call = async (url: string, origin?: string) =>
  await fetch(`${url}/rpc`, {
    method: "POST",
    body: CALL,
    ...(origin === undefined ? {} : { headers: { origin } }),
  });
const statusOf = async (url: string, origin?: string) => (await call(url, origin)).status;

describe("the origins of a command", () => {
  it("are refused with one log line each, whose fix works", async () => {
    const origins = ["https://app.example.com", "http://app.example.com:8080", "tauri://localhost"];
    const { stderr } = await serving(() => SERVE, { files: HANDLERS }, async (_, url) => {
      for (const origin of [...origins, ...origins]) assert.equal(await statusOf(url, origin), 403);
      assert.equal(await statusOf(url, "http://localhost:5173"), 200);
      assert.equal(await statusOf(url), 200);
    });
    const fixes = [...stderr.matchAll(/--cors-origin (\S+:\/\/\S+)/g)].map((match) => match[1]!);
    assert.deepEqual(fixes, origins);
    const flags = fixes.flatMap((origin) => ["--cors-origin", origin]);
    await serving(() => [...SERVE, ...flags], { files: HANDLERS }, async (_, url) => {
      for (const origin of origins) assert.equal(await statusOf(url, origin), 200);
      assert.equal(await statusOf(url, "http://localhost:5173"), 200, "still allowed");
      assert.equal(await statusOf(url, "https://other.example.com"), 403);
    });
  });

  it("that no flag can name are refused with the flag that allows all", async () => {
    const { stderr } = await serving(() => SERVE, { files: HANDLERS }, async (_, url) => {
      for (const origin of ["null", "http://$(id).example", "http://x'y.example"]) {
        assert.equal(await statusOf(url, origin), 403);
      }
    });
    assert.equal(stderr.match(/--cors-origin '\*'/g)?.length, 3, stderr);
    assert.doesNotMatch(stderr, /--cors-origin http/);
    await serving(() => [...SERVE, "--cors-origin", "*"], { files: HANDLERS }, async (_, url) => {
      const response = await call(url, "null");
      assert.equal(response.headers.get("access-control-allow-origin"), "*");
    });
  });

  it("are only its own with --cors-origin none", async () => {
    await serving(() => ["mock", "--cors-origin", "none"], {}, async (_, url) => {
      assert.equal(await statusOf(url, "http://localhost:5173"), 403);
      assert.equal(await statusOf(url, url), 200);
    });
  });

  it("warn for * if pages reach an upstream server or functions", async () => {
    const any = ["--cors-origin", "*"];
    await serving(() => ["mock"], {}, async (_, url) => {
      for (
        const [args, reach] of [
          [["mock", ...any], undefined],
          [["mock", "--handlers", "api.ts", ...any], "your functions"],
          [[...SERVE, ...any], "your functions"],
          [["mock", "--proxy", url, ...any], "the upstream server"],
          [["proxy", url, ...any], "the upstream server"],
          [["explore", url, ...any], "the upstream server"],
          [["proxy", url], undefined],
        ] as const
      ) {
        const { stderr } = await serving(() => args, { files: HANDLERS }, () => Promise.resolve());
        const warning = /^Any web page in a browser on this machine can call (.*) and read/m;
        assert.equal(warning.exec(stderr)?.[1], reach, stderr);
      }
    });
  });

  it("are named in the start banner", async () => {
    const rows = [
      [["mock"], /browsers +pages of any origin may call/],
      [SERVE, /browsers: only pages of localhost may call \(add others with --cors-origin\)/],
      [
        [...SERVE, "--cors-origin", "https://app.example.com"],
        /browsers: only pages of localhost, https:\/\/app\.example\.com may call/,
      ],
    ] as const;
    for (const [args, banner] of rows) {
      const { stderr } = await serving(() => args, { files: HANDLERS }, async () => {});
      assert.match(stderr, banner);
    }
  });

  it("are added by cors_origins of both configuration files, found upwards", async () => {
    for (const name of ["pyrpc.json", "pyrpc-client.json"]) {
      const files = {
        ...HANDLERS,
        [name]: JSON.stringify({ cors_origins: ["https://app.example.com/"] }),
      };
      await serving(() => SERVE, { files }, async (_, url) => {
        assert.equal(await statusOf(url, "https://app.example.com"), 200);
        assert.equal(await statusOf(url, "https://other.example.com"), 403);
      });
      const wrong = { ...HANDLERS, [name]: '{\n  "cors_origins": ["app.example.com"]\n}\n' };
      const result = await runCli([...SERVE, "--port", "0"], { files: wrong });
      assert.equal(result.code, 3);
      assert.match(result.stderr, /"cors_origins\[0\]" must be an origin such as/);
      assert.match(result.stderr, new RegExp(`${name}:2:20`));
    }
  });

  it("are shown by config with where they come from", async () => {
    const files = {
      "pyrpc.json": `{
  "version": 1,
  "framework": "asgi",
  "entrypoint": "main",
  "distribution": "server",
  "cors_origins": ["https://app.example.com"]
}
`,
      "pyrpc-client.json":
        '{ "distribution": "server", "server_url": "http://localhost:8000", "cors_origins": ["*"] }',
    };
    const { stdout } = await runCli(["config"], { files });
    assert.match(stdout, /cors_origins +https:\/\/app\.example\.com +pyrpc\.json:6/);
    assert.match(stdout, /cors_origins +\["\*"\] +pyrpc-client\.json:1/);
  });
});

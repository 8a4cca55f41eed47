import assert from "node:assert/strict";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { mkdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import process from "node:process";
import { describe, it } from "node:test";
import { parse } from "yaml";
import { fileURLToPath } from "node:url";
import { waitUntil } from "../support/wait_until.ts";
import { startCommand } from "../support/rpyc.ts";
import { serveHttp, type TestServer } from "../support/http_server.ts";
import { runCli } from "../support/run_cli.ts";
import { type PlainCall, serving } from "../support/serving.ts";
import { tempFolder } from "../support/temp_folder.ts";

const SHOP = fileURLToPath(new URL("../fixtures/shop.schema.json", import.meta.url));
const HAND = "# my own examples\nadd: { result: 42 }\n";

/** An upstream server that answers `add` with the sum of its positional arguments. */
function upstream(): Promise<TestServer> {
  return serveHttp((request, response, body) => {
    if (request.method === "GET") return void response.end(readFileSync(SHOP));
    const { id, params: [a, b] } = JSON.parse(body);
    response.end(JSON.stringify({ id, result: a + b, error: null }));
  });
}

/** Sums of the recorded calls; the file may be in the middle of its first writing. */
function recorded(path: string): readonly unknown[] {
  const file = existsSync(path) ? parse(readFileSync(path, "utf8")) ?? {} : {};
  return (file.add?.cases ?? []).map(({ result }: { result: unknown }) => result);
}

/** Runs the command that an error suggests; returns the target that it names. */
function targetOf(stderr: string, flag: string): string {
  const [, target] = new RegExp(`${flag} "([^"]+)"`).exec(stderr) ?? [];
  assert.ok(target, stderr);
  return target.replaceAll("\\\\", "\\");
}

async function proxying(
  cwd: string,
  url: string,
  args: readonly string[],
  use: (call: PlainCall) => Promise<void>,
) {
  return await serving(() => ["proxy", url, ...args], { cwd, env: { XDG_CACHE_HOME: cwd } }, use);
}

describe("--record", () => {
  it("refuses at the start a file that is not its own recording, changes nothing, and names a target that works", async () => {
    await using real = await upstream();
    await using folder = await tempFolder();
    await proxying(folder.path, real.url, ["--record", "own.json"], async (call) => {
      await call("add", [1, 2]);
    });
    const own = await readFile(folder.at("own.json"), "utf8");
    const files = {
      "hand.yaml": HAND,
      "note.txt": "precious",
      "hand.json": '{"add": {"cases": [{"when": {}, "result": 1}]}}',
      "answer.json": "42",
      "marked.json": '{"$about": {"sha256": ""}, "add": {"result": 1}}',
      "edited.json": own.replace('"result": 3', '"result": 4'),
    };
    for (const [name, content] of Object.entries(files)) {
      writeFileSync(folder.at(name), content);
      const args = ["proxy", real.url, "--port", "0", "--record"];
      const { code, stderr, files: changed } = await runCli([...args, name], {
        cwd: folder.path,
        env: { XDG_CACHE_HOME: folder.path },
      });
      assert.equal(code, 3, `${name}: ${stderr}`);
      assert.deepEqual(Object.keys(changed), [], name);
      const target = targetOf(stderr, "--record");
      await proxying(folder.path, real.url, ["--record", target], async (call) => {
        await call("add", [1, 2]);
      });
      assert.deepEqual(recorded(target), [3]);
      assert.equal(await readFile(folder.at(name), "utf8"), content);
    }
  });

  it("finds out at the start that the target cannot be written", async () => {
    await using folder = await tempFolder({ file: "", "closed/file": "" });
    await mkdir(folder.at("folder"));
    const targets = [
      "folder",
      "file/recording.json",
      ...process.platform === "win32" ? [] : ["/dev/null"],
    ];
    for (const target of targets) {
      const { code, stderr } = await runCli(["mock", SHOP, "--port", "0", "--record", target], {
        cwd: folder.path,
      });
      assert.equal(code, 3, `${target}: ${stderr}`);
    }
  });

  it("refuses the file of --examples, by whatever path, and names a target that works", async () => {
    await using real = await upstream();
    await using folder = await tempFolder({ "hand.yaml": HAND });
    for (const target of ["hand.yaml", "./hand.yaml", folder.at("hand.yaml")]) {
      const { code, stderr } = await runCli(
        ["mock", SHOP, "--proxy", real.url, "--examples", "hand.yaml", "--record", target],
        { cwd: folder.path },
      );
      assert.equal(code, 2, stderr);
      const { code: next } = await serving(
        () => [
          "mock",
          SHOP,
          "--proxy",
          real.url,
          "--examples",
          "hand.yaml",
          "--record",
          targetOf(stderr, "--record"),
        ],
        { cwd: folder.path },
        async () => {},
      );
      assert.equal(next, 130);
      assert.equal(await readFile(folder.at("hand.yaml"), "utf8"), HAND);
    }
  });

  it("replaces its own recording once a call has passed, formatted by others or not", async () => {
    await using real = await upstream();
    await using folder = await tempFolder();
    const path = folder.at("own.json");
    const args = ["--record", "own.json"];
    await proxying(folder.path, real.url, args, async (call) => void await call("add", [1, 2]));
    const first = await readFile(path, "utf8");
    await proxying(folder.path, real.url, args, () => Promise.resolve());
    assert.equal(await readFile(path, "utf8"), first);
    writeFileSync(path, JSON.stringify(JSON.parse(first), null, 7));
    await proxying(folder.path, real.url, args, async (call) => void await call("add", [3, 4]));
    assert.deepEqual(recorded(path), [7]);
  });

  it("keeps the edits of another program, and records beside it", async () => {
    await using real = await upstream();
    await using folder = await tempFolder();
    const path = folder.at("own.json");
    const { stderr } = await proxying(
      folder.path,
      real.url,
      ["--record", "own.json"],
      async (call) => {
        await call("add", [1, 2]);
        await waitUntil(() => recorded(path).length === 1);
        writeFileSync(path, HAND);
        await call("add", [3, 4]);
        await waitUntil(() => recorded(folder.at("own-2.json")).length === 2);
      },
    );
    assert.match(stderr, /was changed by another program: recording to .*own-2\.json/);
    assert.equal(await readFile(path, "utf8"), HAND);
    assert.deepEqual(recorded(folder.at("own-2.json")), [3, 7]);
  });

  const ends = process.platform === "win32"
    ? ["SIGKILL"]
    : ["SIGINT", "SIGTERM", "SIGHUP", "SIGKILL"];
  for (const signal of ends as readonly NodeJS.Signals[]) {
    it(`keeps every call that passed before ${signal}`, async () => {
      await using real = await upstream();
      await using folder = await tempFolder();
      const path = folder.at("own.json");
      await using proxy = await startCommand(
        ["proxy", real.url, "--port", "0", "--record", path],
        /(http:\/\/127\.0\.0\.1:\d+)\/rpc/,
        { env: { XDG_CACHE_HOME: folder.path } },
      );
      for (const b of [1, 2, 3]) {
        const body = JSON.stringify({ id: b, method: "add", params: [0, b] });
        const reply = await fetch(`${proxy.match[1]}/rpc`, { method: "POST", body });
        assert.equal((await reply.json() as { result: unknown }).result, b);
      }
      // A process that is killed cannot write: what passed is in the file already.
      if (signal === "SIGKILL") await waitUntil(() => recorded(path).length === 3);
      proxy.child.kill(signal);
      await proxy.ended();
      assert.deepEqual(recorded(path), [1, 2, 3]);
    });
  }
});

describe("--dump", () => {
  it("replaces its own files, and refuses at the start files of others and edited ones", async () => {
    await using folder = await tempFolder();
    const dump = (target: string) =>
      runCli(["mock", SHOP, "--dump", target, "--random"], { cwd: folder.path });
    assert.equal((await dump("answers")).code, 0);
    const path = folder.at("answers", "add.json");
    const first = await readFile(path, "utf8");
    writeFileSync(path, `\n  ${first}`);
    assert.equal((await dump("answers")).code, 0);
    const cases: readonly [string, string][] = [
      [path, '"edited by hand"'],
      [folder.at("answers", ".pyrpc-dump.json"), "not ours"],
      [folder.at("others", "add.json"), first],
    ];
    await mkdir(folder.at("others"));
    for (const [file, content] of cases) {
      const before = existsSync(file) ? await readFile(file, "utf8") : undefined;
      writeFileSync(file, content);
      const target = join(file, "..");
      const { code, stderr, files } = await dump(target);
      assert.equal(code, 3, stderr);
      assert.deepEqual(files, {}, file);
      assert.equal((await dump(targetOf(stderr, "--dump"))).code, 0);
      if (before !== undefined) writeFileSync(file, before);
    }
  });
});

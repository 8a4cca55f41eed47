import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { fileURLToPath } from "node:url";
import { runCli } from "../support/run_cli.ts";
import { tempFolder } from "../support/temp_folder.ts";

const SHOP = fileURLToPath(new URL("../fixtures/shop.schema.json", import.meta.url));

describe("pyrpc export", () => {
  it("prints an OpenRPC document", async () => {
    const { code, stdout, stderr, files } = await runCli(["export", "openrpc", SHOP]);
    const document = JSON.parse(stdout);
    assert.equal(code, 0);
    assert.equal(document.openrpc, "1.2.6");
    assert.deepEqual(document.info, { title: "pyRPC", version: "0.0.0" });
    assert.equal(document.methods.length, 12);
    assert.equal("servers" in document, false);
    assert.deepEqual([stderr, files], ["", {}]);
    assert.equal((await runCli(["export", "openrpc", SHOP, "--out", "-"])).stdout, stdout);
  });

  it("--out writes the document to a file and names it", async () => {
    const printed = await runCli(["export", "openrpc", SHOP]);
    const { code, stdout, stderr, files } = await runCli(
      ["export", "openrpc", SHOP, "-o", "docs/openrpc.json"],
    );
    assert.deepEqual([code, stdout], [0, ""]);
    assert.deepEqual(files, { "docs/openrpc.json": printed.stdout });
    assert.match(stderr, /openrpc\.json: 12 methods\n$/);
  });

  it("--out replaces a document that it wrote, of any version, and no other file", async () => {
    for (const format of ["openrpc", "html", "markdown"]) {
      await using folder = await tempFolder({ "mine": "precious\n", "empty": "" });
      const run = (out: string, ...more: string[]) =>
        runCli(["export", format, SHOP, "-o", out, ...more], { cwd: folder.path });
      const refused = await run("mine");
      assert.deepEqual([refused.code, refused.files], [3, {}], format);
      assert.match(refused.stderr, /mine": it was not written by pyrpc and would be overwritten/);
      assert.equal((await run("empty")).code, 0);
      assert.equal((await run("document")).code, 0);
      const again = await run("document", "--title", "Other");
      assert.deepEqual([again.code, Object.keys(again.files)], [0, ["document"]], again.stderr);
    }
  });

  it("--out does not replace an OpenRPC document that somebody wrote, and neither does pull", async () => {
    const openrpc = '{"openrpc": "1.2.6", "info": {"title": "t", "version": "1"}, "methods": []}';
    await using folder = await tempFolder({ "api.json": openrpc });
    for (const args of [["export", "openrpc"], ["pull"]]) {
      const refused = await runCli([...args, SHOP, "-o", "api.json"], { cwd: folder.path });
      assert.deepEqual([refused.code, refused.files], [3, {}], refused.block);
      assert.match(refused.stderr, /it was not written by pyrpc and would be overwritten/);
    }
  });

  it("--title, --api-version and --url describe the API", async () => {
    const { stdout } = await runCli([
      "export",
      "openrpc",
      SHOP,
      ...["--title", "Shop", "--api-version", "1.2.0", "--url", "https://example.com/jsonrpc"],
    ]);
    const { info, servers } = JSON.parse(stdout);
    assert.deepEqual(info, { title: "Shop", version: "1.2.0" });
    assert.deepEqual(servers, [{ name: "default", url: "https://example.com/jsonrpc" }]);
  });

  it("--depth writes recursive types out to a level", async () => {
    const shallow = await runCli(["export", "openrpc", SHOP, "--depth", "1"]);
    const deep = await runCli(["export", "openrpc", SHOP, "--depth", "3"]);
    assert.doesNotMatch(shallow.stdout, /Category\.3/);
    assert.match(deep.stdout, /Category\.3/);
  });

  it("rejects another format, a wrong depth and a missing source", async () => {
    assert.equal((await runCli(["export", "openapi", SHOP])).code, 2);
    assert.equal((await runCli(["export", "openrpc"])).code, 2);
    assert.equal((await runCli(["export", "openrpc", SHOP, "--depth", "0"])).code, 2);
    assert.equal((await runCli(["export", "openrpc", "missing.json"])).code, 3);
  });
});

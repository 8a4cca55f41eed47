import assert from "node:assert/strict";
import { test } from "node:test";
import {
  hasSeveralContracts,
  targetOfServer,
  targetsOf,
  targetsOfProject,
  withFlags,
} from "../../lib/delivery/mod.ts";
import { ALL_PROCEDURES } from "../../lib/contract/mod.ts";
import type { ClientServer } from "../../lib/project/mod.ts";

const server = (name: string | undefined, target?: ClientServer["target"]): ClientServer => ({
  name,
  url: "http://localhost",
  target,
  selection: ALL_PROCEDURES,
});
const client = (
  servers: readonly ClientServer[],
  distribution: "server" | "workspace" = "server",
) => ({
  path: "/web/pyrpc-client.json",
  folder: "/web",
  distribution,
  target: undefined,
  selection: ALL_PROCEDURES,
  servers,
});

test("targetsOf() lists the servers of a client unless the backend writes its types", () => {
  const servers = [server("shop"), server("accounts")];
  const targets = targetsOf({ project: undefined, client: client(servers) });
  assert.deepEqual(targets.map(({ writer, start }) => [writer, start]), [
    ["sync", "/web"],
    ["sync", "/web"],
  ]);
  assert.equal(hasSeveralContracts(targets), true);
  assert.equal(hasSeveralContracts(targets.slice(1)), false);
  assert.deepEqual(targetsOf({ project: undefined, client: client(servers, "workspace") }), []);
  assert.deepEqual(targetsOf({ project: undefined, client: undefined }), []);
});

test("targetsOfProject() lists the clients of workspace distribution; only a converted file asks for the alias", () => {
  const clients = [{ given: "../web", root: "/web" }, { given: "../app", root: "/app" }];
  const project = { clients, layout: "package", distribution: "workspace" } as const;
  assert.deepEqual(
    targetsOfProject(project).map(({ start, isClient, layout }) => [start, isClient, layout]),
    [["/web", true, undefined], ["/app", true, undefined]],
  );
  assert.equal(targetsOfProject({ ...project, layout: "alias" })[0]?.layout, "alias");
  assert.deepEqual(targetsOfProject({ ...project, distribution: "server" }), []);
});

test("targetOfServer() returns a separate package and file for each of several servers", () => {
  const named = targetOfServer(
    "/web",
    server("Shop.v1", { kind: "file", path: "/web/src/shop.ts" }),
  );
  assert.equal(named.out, "/web/src/shop.ts");
  assert.equal(named.packageName, "@pyrpc/shop.v1-types");
  assert.equal(named.aliasFile, "__pyrpc_Shop_v1.ts");
  const only = targetOfServer("/web", server(undefined, { kind: "package", name: "@org/types" }));
  assert.deepEqual([only.packageName, only.aliasFile], ["@org/types", undefined]);
});

test("withFlags() lets a flag replace the file of a configuration, and keeps names that it does not mention", () => {
  const target = targetOfServer("/web", server("shop", { kind: "file", path: "/web/src/shop.ts" }));
  assert.equal(withFlags(target, {}, "/cwd").out, "/web/src/shop.ts");
  assert.match(withFlags(target, { out: "api.ts" }, "/cwd").out ?? "", /cwd.api\.ts$/);
  const alias = withFlags(target, { layout: "alias" }, "/cwd");
  assert.deepEqual([alias.out, alias.aliasFile], [undefined, "__pyrpc_shop.ts"]);
});

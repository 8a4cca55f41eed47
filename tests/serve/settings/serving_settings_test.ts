import assert from "node:assert/strict";
import { describe, it } from "node:test";
import {
  loadServingSettings,
  refuseAuthenticator,
  type ServingOptions,
} from "../../../lib/serve/settings/mod.ts";
import { parseListenUrl } from "../../../lib/server/mod.ts";
import { tempFolder } from "../../support/temp_folder.ts";

const ENV = { TOKEN: "secret", EMPTY: " " };

describe("loadServingSettings()", () => {
  for (
    const [name, options, message] of [
      ["a key without a certificate", { tlsKey: "key.pem" }, /both --tls-key and --tls-cert/],
      ["an authority alone", { sslCafile: "ca.pem" }, /both --tls-key and --tls-cert/],
      ["a variable that is not set", { authTokenEnv: "NONE" }, /"NONE" is not set/],
      ["an empty variable", { authTokenEnv: "EMPTY" }, /"EMPTY" is not set/],
    ] as const satisfies readonly (readonly [string, ServingOptions, RegExp])[]
  ) {
    it(`refuses ${name}`, async () => {
      await using folder = await tempFolder({});
      await assert.rejects(
        loadServingSettings(options, { cwd: folder.path, env: ENV, now: () => 0 }, "loopback"),
        message,
      );
    });
  }

  for (const line of ["ada:", "ada: ", "ada:\r"]) {
    it(`refuses the empty password in ${JSON.stringify(line)}`, async () => {
      await using folder = await tempFolder({ passwords: `ann:open\n${line}\n` });
      await assert.rejects(
        loadServingSettings(
          { authBasicFile: "passwords" },
          { cwd: folder.path, env: ENV, now: () => 0 },
          "loopback",
        ),
        { code: "SERVER_PASSWORDS_UNUSABLE", message: /line 2 has an empty password/ },
      );
    });
  }

  it("names a file of passwords that does not exist", async () => {
    await using folder = await tempFolder({});
    await assert.rejects(
      loadServingSettings(
        { authBasicFile: "none" },
        { cwd: folder.path, env: ENV, now: () => 0 },
        "loopback",
      ),
      { where: folder.at("none"), message: /cannot be used: it does not exist/ },
    );
  });

  it("keeps only the given limits, and the defaults of messages", async () => {
    await using folder = await tempFolder({});
    const { limits, messageLimits, authenticator, tls } = await loadServingSettings(
      { maxBody: 10, maxDepth: 3 },
      { cwd: folder.path, env: ENV, now: () => 0 },
      "loopback",
    );
    assert.deepEqual(limits, { maxBody: 10 });
    assert.deepEqual(messageLimits, { maxBatch: 100, maxDepth: 3 });
    assert.equal(authenticator ?? tls, undefined);
  });

  it("accepts the token or a name and password, if both are given", async () => {
    await using folder = await tempFolder({ "passwords": "ann:open\n" });
    const { authenticator } = await loadServingSettings(
      { authTokenEnv: "TOKEN", authBasicFile: "passwords" },
      { cwd: folder.path, env: ENV, now: () => 0 },
      "loopback",
    );
    const ask = (authorization: string) =>
      authenticator?.authenticate({ authorization, remote: "" });
    assert.notEqual(await ask("Bearer secret"), undefined);
    assert.equal(await ask(`Basic ${btoa("ann:open")}`), "ann");
    assert.equal(await ask("Bearer other"), undefined);
  });
});

describe("refuseAuthenticator()", () => {
  const authenticator = { challenge: "", authenticate: () => undefined };
  for (
    const [url, isRefused] of [
      ["http://127.0.0.1:8000/rpc", false],
      ["ws://127.0.0.1:8001/ws", false],
      ["tcp://127.0.0.1:4000", true],
      ["unix:///tmp/rpc.sock", true],
      ["zmq://127.0.0.1:5555", true],
      ["nats://127.0.0.1:4222/shop", true],
      ["stdio:", true],
    ] as const
  ) {
    it(`${isRefused ? "refuses" : "allows"} credentials at ${url}`, () => {
      const check = () => refuseAuthenticator({ authenticator }, [parseListenUrl(url)]);
      if (isRefused) assert.throws(check, /travel in HTTP headers/);
      else check();
      refuseAuthenticator({}, [parseListenUrl(url)]);
    });
  }
});

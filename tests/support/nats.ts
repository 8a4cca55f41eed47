/**
 * The real `nats-server`, built once by Go from its module, and run on a port of its own.
 *
 * @module
 */

import { type ChildProcess, execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { mkdir, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { requireTool } from "./external.ts";
import { tempFolder } from "./temp_folder.ts";
import { withLock } from "./with_lock.ts";

// The last that the Go of Debian 12 (1.19) builds.
const VERSION = "v2.9.25";
const ROOT = fileURLToPath(new URL("../../", import.meta.url));
const go = requireTool("go");

/** For `test(name, { skip: natsSkip }, …)`: without Go there is no server. */
export const natsSkip: string | false = go.skip;

/** The path of the server's executable, built on first use. Safe to call from many test files at once. */
export async function natsServerPath(): Promise<string> {
  const cache = process.env["PYRPC_TEST_CACHE"] ?? join(ROOT, ".cache");
  const folder = join(cache, `nats-server-${VERSION}`);
  const file = join(folder, process.platform === "win32" ? "nats-server.exe" : "nats-server");
  if (existsSync(file)) return file;
  await mkdir(cache, { recursive: true });
  await withLock(`${folder}.lock`, async () => {
    if (existsSync(file)) return;
    const partial = `${folder}.partial`;
    await rm(partial, { recursive: true, force: true });
    await promisify(execFile)(
      go.path,
      ["install", `github.com/nats-io/nats-server/v2@${VERSION}`],
      { env: { ...process.env, GOBIN: partial, CGO_ENABLED: "0" }, cwd: cache },
    );
    await rename(partial, folder);
  });
  return file;
}

/** A running server; `await using` ends it. */
export interface NatsServer extends AsyncDisposable {
  /** `127.0.0.1:PORT`. */
  readonly address: string;
  /** Ends it without a word to its clients, as the loss of a machine does. */
  kill(): Promise<void>;
  /** Starts it again, at the same port, perhaps with another configuration. */
  start(configuration?: string): Promise<void>;
}

/**
 * Starts a server.
 *
 * @param configuration Lines of its configuration file.
 */
export async function startNats(configuration = ""): Promise<NatsServer> {
  const path = await natsServerPath();
  const folder = await tempFolder({ "nats.conf": configuration });
  let child: ChildProcess | undefined;
  let port = -1;
  const server: NatsServer = {
    get address() {
      return `127.0.0.1:${port}`;
    },
    async start(configuration) {
      if (configuration !== undefined) await folder.write({ "nats.conf": configuration });
      const started = spawn(
        path,
        ["--addr", "127.0.0.1", "--port", String(port), "--config", folder.at("nats.conf")],
        { stdio: ["ignore", "ignore", "pipe"] },
      );
      child = started;
      port = await listeningPort(started);
    },
    async kill() {
      if (child?.exitCode !== null || child.signalCode !== null) return;
      child.kill("SIGKILL");
      await once(child, "exit");
    },
    async [Symbol.asyncDispose]() {
      await server.kill();
      await folder[Symbol.asyncDispose]();
    },
  };
  await server.start();
  return server;
}

// The server prints its port, and later that it is ready.
function listeningPort(child: ChildProcess): Promise<number> {
  let log = "";
  return new Promise((resolve, reject) => {
    child.stderr!.setEncoding("utf8").on("data", (text: string) => {
      log += text;
      const found = /Listening for client connections on .*:(\d+)[^]*Server is ready/.exec(log);
      if (found !== null) resolve(Number(found[1]));
    });
    child.once("exit", () => reject(new Error(`nats-server ended:\n${log}`)));
    child.once("error", reject);
  });
}

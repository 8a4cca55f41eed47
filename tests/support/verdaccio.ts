import { execFile, spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdir, rename, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import process from "node:process";
import { setTimeout as delay } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { findOnPath } from "./external.ts";
import { freePort } from "./free_port.ts";

const run = promisify(execFile);
const ROOT = fileURLToPath(new URL("../../", import.meta.url));
const VERSION = "6.8.0";

/** A running npm registry with one user; `await using` stops it. */
export interface Registry extends AsyncDisposable {
  /** Lines for a project's `.npmrc`: every package of `@org` comes from here and goes here. */
  readonly npmrc: string;
  /** The same lines for another scope, such as `@pyrpc`. */
  readonly npmrcOf: (scope: string) => string;
}

/** The reason to skip tests that need a registry, or false. */
export function registrySkip(): string | false {
  const missing = ["node", "npm"].filter((name) => findOnPath(name) === undefined);
  return missing.length > 0 && !process.env["CI"] ? `${missing.join(", ")} not installed` : false;
}

/** Starts verdaccio (installed once under `.cache/`) with its storage in `folder`. */
export async function startRegistry(folder: string): Promise<Registry> {
  const program = await installVerdaccio();
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  await writeFile(
    join(folder, "config.yaml"),
    [
      `storage: ${JSON.stringify(join(folder, "storage"))}`,
      "auth: { htpasswd: { file: ./htpasswd } }",
      "uplinks: {}",
      "packages: { '**': { access: $all, publish: $authenticated } }",
      "log: { type: stdout, format: json, level: warn }",
      "",
    ].join("\n"),
  );
  const node = findOnPath("node") as string;
  const child = spawn(node, [
    program,
    "--listen",
    `127.0.0.1:${port}`,
    "--config",
    join(folder, "config.yaml"),
  ], { stdio: ["ignore", "pipe", "pipe"] });
  let output = "";
  child.stdout.on("data", (chunk) => output += chunk);
  child.stderr.on("data", (chunk) => output += chunk);
  const stop = async () => {
    if (child.exitCode !== null) return;
    const ended = new Promise((resolve) => child.once("exit", resolve));
    child.kill("SIGKILL");
    await ended;
  };
  try {
    const token = await addUser(url, () => child.exitCode === null, () => output);
    const npmrcOf = (scope: string) =>
      `${scope}:registry=${url}/\n//127.0.0.1:${port}/:_authToken=${token}\n`;
    return {
      npmrc: npmrcOf("@org"),
      npmrcOf,
      [Symbol.asyncDispose]: stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

// The first answer shows that the registry is up.
async function addUser(url: string, isAlive: () => boolean, output: () => string): Promise<string> {
  for (let tries = 0; tries < 600 && isAlive(); tries++) {
    const answer = await fetch(`${url}/-/user/org.couchdb.user:tester`, {
      method: "PUT",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ name: "tester", password: "secret-of-a-test" }),
    }).catch(() => undefined);
    if (answer?.ok) return (await answer.json()).token;
    await answer?.body?.cancel();
    await delay(100);
  }
  throw new Error(`verdaccio does not answer:\n${output()}`);
}

async function installVerdaccio(): Promise<string> {
  const cache = process.env["PYRPC_TEST_CACHE"] ?? join(ROOT, ".cache");
  const folder = join(cache, `verdaccio-${VERSION}`);
  const program = join(folder, "node_modules", "verdaccio", "bin", "verdaccio");
  if (existsSync(program)) return program;
  const made = `${folder}.${process.pid}`;
  await mkdir(made, { recursive: true });
  // One of its dependencies is named by a tag that not every mirror of the registry has.
  const overrides = { "node-fetch": "2.7.0", "node-fetch-cjs": "npm:node-fetch@2.7.0" };
  const manifest = { private: true, dependencies: { verdaccio: VERSION }, overrides };
  await writeFile(join(made, "package.json"), JSON.stringify(manifest));
  await run(
    findOnPath("npm") as string,
    ["install", "--no-audit", "--no-fund", "--ignore-scripts"],
    {
      cwd: made,
      maxBuffer: 1 << 26,
    },
  );
  await mkdir(dirname(folder), { recursive: true });
  // Another test file may have been faster.
  await rename(made, folder).catch(() => rm(made, { recursive: true, force: true }));
  return program;
}

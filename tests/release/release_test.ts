// Runs under Deno only: it tests a script of developers, who have Deno

/**
 * Installs what `deno task release --dry-run` put into `dist/`, through every channel. `deno task test:release` runs it after that;
 * `PYRPC_RELEASE` names another folder. Channels that cannot run on this machine are skipped, with the reason.
 *
 * @module
 */

import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, readdirSync } from "node:fs";
import { chmod, cp, link, mkdir, readdir, readFile, readlink, rm } from "node:fs/promises";
import { once } from "node:events";
import { createServer } from "node:http";
import { connect } from "node:net";
import { join } from "node:path";
import process from "node:process";
import { describe, test } from "node:test";
import { PYRPC } from "../../commands/mod.ts";
import { VERSION } from "../../lib/version.ts";
import { checkExecutable } from "../../scripts/compile.ts";
import { deno, ROOT, run } from "../../scripts/project.ts";
import { archiveFolder, archiveName, RELEASES } from "../../scripts/release/names.ts";
import { executableName, hostTarget, type Target, TARGETS } from "../../scripts/release/targets.ts";
import { wheelName } from "../../scripts/release/wheel.ts";
import { findOnPath, requireTool } from "../support/external.ts";
import { serveFolder } from "../support/file_server.ts";
import { HOSTILE_FOLDER } from "../support/hostile_folder.ts";
import { muslProgram, muslRoot } from "../support/musl.ts";
import { findPython, pythonEnvironment, pythonSkip } from "../support/python.ts";
import { runSpec, specNames } from "../support/specs.ts";
import { type TempFolder, tempFolder } from "../support/temp_folder.ts";

const DIST = process.env["PYRPC_RELEASE"] ?? join(ROOT, "dist");
const VERSION_LINE = `pyrpc-toolkit ${VERSION}\n`;
const host = hostTarget(process.platform, process.arch);
const built = TARGETS.filter((target) => existsSync(join(DIST, archiveName(target, VERSION))));
const hasHost = host !== undefined && built.includes(host)
  ? false
  : "dist/ has nothing for this machine";
const ruby = requireTool("ruby");
const npm = requireTool("npm");
const executableOf = (triple: string) => {
  const target = TARGETS.find((target) => target.triple === triple)!;
  return join(DIST, "bin", triple, executableName(target));
};

test("dist/ contains a release", () => {
  assert.ok(built.length > 0, `${DIST} has no archive: run deno task release --dry-run`);
});

test("SHA256SUMS is right about every file, and has every archive and wheel", async () => {
  const lines = (await readFile(join(DIST, "SHA256SUMS"), "utf8")).trim().split("\n");
  const names = new Set<string>();
  for (const line of lines) {
    const [sum, name = ""] = line.split("  ");
    names.add(name);
    const found = createHash("sha256").update(await readFile(join(DIST, name))).digest("hex");
    assert.equal(found, sum, name);
  }
  for (const target of built) {
    assert.ok(names.has(archiveName(target, VERSION)));
    assert.ok(names.has(wheelName(target, VERSION)));
  }
  for (const name of ["pyrpc.js", "install.sh", "install.ps1", "sbom.cdx.json"]) {
    assert.ok(names.has(name), name);
  }
});

for (const target of built) {
  test(`${target.triple}: format, architecture and version of the executable`, async () => {
    assert.equal(await checkExecutable(executableOf(target.triple), target, "bun"), undefined);
  });
}

test("archives contain executable, licence, notices, README, completions and man page", async () => {
  for (const target of built) {
    const file = join(DIST, archiveName(target, VERSION));
    const list = target.format === "pe"
      ? await run(findPython()!, ["-c", LIST_ZIP, file])
      : await run("tar", ["tzf", file]);
    assert.deepEqual(
      list.stdout.trim().split(/\r?\n/).sort(),
      [
        executableName(target),
        "LICENSE",
        "README.md",
        "THIRD_PARTY_NOTICES.txt",
        "completions/pyrpc.bash",
        "completions/_pyrpc",
        "completions/pyrpc.fish",
        "completions/pyrpc.ps1",
        "man/pyrpc.1",
      ].map((name) => `${archiveFolder(target, VERSION)}/${name}`).sort(),
      list.stderr,
    );
  }
});
const LIST_ZIP = `import sys, zipfile; print("\\n".join(zipfile.ZipFile(sys.argv[1]).namelist()))`;

test("the man page is one for mandoc, and has every command", {
  skip: findOnPath("mandoc") === undefined ? "mandoc is not installed" : hasHost,
}, async () => {
  await using folder = await tempFolder();
  const archive = join(DIST, archiveName(host!, VERSION));
  await run("tar", ["xzf", archive, "--strip-components=1"], { cwd: folder.path });
  const lint = await run("mandoc", ["-T", "lint", "-W", "error", folder.at("man/pyrpc.1")]);
  assert.equal(lint.stdout, "");
  const { stdout } = await run("sh", ["-c", `mandoc -T ascii man/pyrpc.1 | col -b`], {
    cwd: folder.path,
  });
  const commands = Object.keys(PYRPC.commands).map((name) => `pyrpc ${name} [flags]`);
  for (const words of [...commands, "--dry-run", "EXIT STATUS"]) {
    assert.ok(stdout.includes(words), words);
  }
});

describe("the executable of this machine", { skip: hasHost }, () => {
  const file = executableOf(host?.triple ?? "");

  test("passes every spec", async () => {
    const names = await specNames();
    assert.ok(names.length > 20);
    for (const name of names) await runSpec(name, [file]);
  });

  test("serves connections by workers and by children, which are the executable itself", {
    skip: pythonSkip(),
  }, async () => {
    const { python } = await pythonEnvironment("rpyc");
    const call =
      "import rpyc, sys; c = rpyc.connect('127.0.0.1', int(sys.argv[1])); print(c.root.add(1, 2)); c.close()";
    await using folder = await tempFolder({
      "api.ts": "export function add(a: number, b: number): number { return a + b; }",
    });
    for (const mode of ["threaded", "pool", ...(process.platform === "win32" ? [] : ["forking"])]) {
      const flags = ["serve", "--protocol", "rpyc", "--handlers", "api.ts", "--mode", mode];
      await using server = await startServer(file, [...flags, "-p", "0"], /started on \S+:(\d+)/, {
        cwd: folder.path,
      });
      const called = await run(python, ["-c", call, server.match[1]!]);
      assert.equal(called.stdout, "3\n", `${mode}: ${called.stderr}${server.words()}`);
    }
  });

  test("obeys nothing of a hostile folder", async () => {
    await using folder = await tempFolder(HOSTILE_FOLDER);
    const { code, stdout, stderr } = await run(
      file,
      ["codegen", "schema.json", "--out", "-"],
      { cwd: folder.path, env: { CI: undefined, NO_COLOR: undefined } },
    );
    assert.equal(code, 0, stderr);
    assert.match(stdout, /add/);
    assert.doesNotMatch(stdout + stderr, /evil|\u001b/);
    const sync = await run(file, ["sync"], { cwd: folder.path });
    assert.equal(sync.code, 2, "the address in .env is not taken");
    assert.ok(!existsSync(folder.at("evil.txt")));
  });
});

test("Deno's executable of this machine runs", {
  skip: hasHost ||
    (existsSync(join(DIST, archiveName(host!, VERSION, "deno")))
      ? false
      : "not built: Deno's runtime could not be had"),
}, async () => {
  await using folder = await tempFolder();
  await run("tar", ["xzf", join(DIST, archiveName(host!, VERSION, "deno")), "-C", folder.path]);
  const tool = [folder.at(archiveFolder(host!, VERSION), executableName(host!))];
  for (const name of ["version/plain", "version/json", "inspect/table", "usage/mistyped_flag"]) {
    await runSpec(name, tool);
  }
});

describe("executables of other systems that this machine can run", () => {
  const emulator = findOnPath("qemu-aarch64") ?? findOnPath("qemu-aarch64-static");
  const glibc = "/usr/aarch64-linux-gnu";
  const isX64Linux = process.platform === "linux" && process.arch === "x64";
  const notRun = (triple: string, ...reasons: (string | false)[]) =>
    existsSync(executableOf(triple)) ? reasons.find((reason) => reason !== false) : "not built";
  const noEmulator = emulator === undefined && "qemu-user is not installed";
  // Emulated, a start takes seconds: one case of each command.
  const oneOfEach = async () => {
    const names = await specNames();
    return names.filter((name, index) => name.split("/")[0] !== names[index - 1]?.split("/")[0]);
  };

  test("aarch64-unknown-linux-gnu under qemu-user: a spec of each command", {
    skip: notRun(
      "aarch64-unknown-linux-gnu",
      noEmulator,
      !existsSync(glibc) && "libc6-arm64-cross is not installed",
    ) ?? false,
  }, async () => {
    const tool = [emulator!, "-L", glibc, executableOf("aarch64-unknown-linux-gnu")];
    for (const name of await oneOfEach()) await runSpec(name, tool);
  });

  test("aarch64-unknown-linux-musl under qemu-user, on Alpine's loader: a spec of each command", {
    skip: notRun("aarch64-unknown-linux-musl", noEmulator, pythonSkip()) ?? false,
  }, async () => {
    const root = await muslRoot("aarch64");
    const tool = [emulator!, "-L", root, executableOf("aarch64-unknown-linux-musl")];
    for (const name of await oneOfEach()) await runSpec(name, tool);
  });

  const noMusl = notRun(
    "x86_64-unknown-linux-musl",
    !isX64Linux && "another system or processor",
    pythonSkip(),
  ) ?? false;

  test("x86_64-unknown-linux-musl on Alpine's loader: every spec", {
    skip: noMusl,
  }, async () => {
    await using program = await muslProgram(executableOf("x86_64-unknown-linux-musl"));
    for (const name of await specNames()) await runSpec(name, [program.path]);
  });

  test("x86_64-unknown-linux-musl calls musl: a worker has a copy of its client's socket", {
    skip: noMusl,
  }, async () => {
    await using program = await muslProgram(executableOf("x86_64-unknown-linux-musl"));
    await using folder = await tempFolder({ "api.mjs": "export const pid = () => process.pid;" });
    const flags = ["serve", "--handlers", "api.mjs", "--protocol", "jsonrpc", "--mode", "threaded"];
    await using server = await startServer(
      program.path,
      [...flags, "--listen", "tcp://127.0.0.1:0"],
      /tcp:\S+:(\d+)/,
      { cwd: folder.path },
    );
    const client = connect(Number(server.match[1]), "127.0.0.1");
    client.write('{"jsonrpc":"2.0","id":1,"method":"pid"}\n');
    const [answer] = await once(client, "data");
    const open = `/proc/${JSON.parse(String(answer)).result}/fd`;
    const sockets = (await Promise.all(
      (await readdir(open)).map((name) => readlink(join(open, name)).catch(() => "")),
    )).filter((name) => name.startsWith("socket:"));
    client.destroy();
    // The listening socket, the client's socket, and the copy.
    assert.equal(sockets.length - new Set(sockets).size, 1, sockets.join());
  });
});

test("the image from scratch: the mock server, with only the files that the Dockerfile copies", {
  skip: process.getuid?.() !== 0
    ? "needs root, for chroot"
    : process.platform !== "linux" || process.arch !== "x64"
    ? "another system or processor"
    : !existsSync(executableOf("x86_64-unknown-linux-musl"))
    ? "not built"
    : pythonSkip(),
}, async () => {
  await using folder = await tempFolder();
  const root = await muslRoot("x86_64");
  for (const part of ["lib", "usr/lib"]) {
    await cp(join(root, part), folder.at(part), { recursive: true });
  }
  await cp(executableOf("x86_64-unknown-linux-musl"), folder.at("pyrpc"));
  await cp(join(ROOT, "tests/fixtures/shop.schema.json"), folder.at("schema.json"));
  await chmod(folder.path, 0o755);
  const args = ["--userspec=65534:65534", folder.path, "/pyrpc", "mock", "/schema.json"];
  await using server = await startServer(
    "chroot",
    [...args, "--host", "0.0.0.0", "--port", "0"],
    /http:\/\/0\.0\.0\.0:(\d+)\/rpc/,
    { env: {} },
  );
  const answer = await fetch(`http://127.0.0.1:${server.match[1]}/rpc`);
  assert.ok("add" in await answer.json());
});

/** Starts a server, and waits until it prints that it listens. */
async function startServer(
  command: string,
  args: readonly string[],
  until: RegExp,
  options: { readonly cwd?: string; readonly env?: NodeJS.ProcessEnv },
): Promise<{ match: readonly string[]; words(): string } & AsyncDisposable> {
  const child = spawn(command, args, { ...options, stdio: ["ignore", "pipe", "pipe"] });
  const closed = once(child, "close");
  let words = "";
  const match = await new Promise<readonly string[]>((resolve, reject) => {
    const hear = (text: Buffer) => {
      words += text;
      const found = until.exec(words);
      if (found !== null) resolve(found);
    };
    child.stdout.on("data", hear);
    child.stderr.on("data", hear);
    child.on("exit", () => reject(new Error(words)));
  });
  return {
    match,
    words: () => words,
    async [Symbol.asyncDispose]() {
      if (child.exitCode === null && child.signalCode === null) child.kill("SIGKILL");
      await closed;
    },
  };
}

describe("install.sh", { skip: process.platform === "win32" ? "not for Windows" : hasHost }, () => {
  test("installs the real archive", async () => {
    await using folder = await tempFolder();
    await using server = await serveFolder(DIST);
    const to = folder.at("the bin");
    const made = await run("sh", [join(DIST, "install.sh"), "--to", to], {
      env: { PYRPC_DOWNLOAD_URL: server.url, http_proxy: undefined },
    });
    assert.equal(made.code, 0, made.stderr);
    assert.equal((await run(join(to, "pyrpc"), ["--version"])).stdout, VERSION_LINE);
    assert.equal((await run(join(to, "pyrpc-toolkit"), ["--version"])).stdout, VERSION_LINE);
  });
});

describe("the Homebrew formula", { skip: ruby.skip }, () => {
  const formula = join(DIST, "Formula", "pyrpc.rb");
  const standIn = join(ROOT, "tests/support/formula_stand_in.rb");
  const isThere = existsSync(formula) ? false : "made with all targets only";

  test("is Ruby, and names the four archives with their sums", { skip: isThere }, async () => {
    assert.equal((await run(ruby.path, ["-c", formula])).stdout, "Syntax OK\n");
    const sums = await readFile(join(DIST, "SHA256SUMS"), "utf8");
    for (const [os, system] of [["macos", "apple-darwin"], ["linux", "unknown-linux-gnu"]]) {
      for (const [arch, cpu] of [["arm", "aarch64"], ["intel", "x86_64"]]) {
        const args = [standIn, formula, os!, arch!, "/none", "", "only-url"];
        const { stdout, stderr } = await run(ruby.path, args);
        const [url = "", sum] = stdout.trim().split(" ");
        const name = `pyrpc-${VERSION}-${cpu}-${system}.tar.gz`;
        assert.equal(url, `${RELEASES}/download/v${VERSION}/${name}`, stderr);
        assert.ok(sums.includes(`${sum}  ${name}\n`));
      }
    }
  });

  test("installs into a prefix and passes its own test", { skip: isThere || hasHost }, async () => {
    await using folder = await tempFolder();
    await using server = await serveFolder(DIST);
    const os = process.platform === "darwin" ? "macos" : "linux";
    const arch = process.arch === "arm64" ? "arm" : "intel";
    const args = [standIn, formula, os, arch, folder.path, server.url];
    const { code, stdout, stderr } = await run(ruby.path, args, { env: { http_proxy: undefined } });
    assert.equal(code, 0, stdout + stderr);
    assert.match(stdout, /installed and tested\n$/);
    assert.deepEqual((await readdir(folder.at("bin"))).sort(), ["pyrpc", "pyrpc-toolkit"]);
    assert.deepEqual((await readdir(folder.at("completions"))).sort(), ["bash", "fish", "zsh"]);
    assert.ok(existsSync(folder.at("share/man/man1/pyrpc.1")));
  });

  test("is refused when the archive is another", { skip: isThere || hasHost }, async () => {
    await using folder = await tempFolder();
    await using server = await serveFolder(DIST, (path, response) => {
      if (!path.endsWith(".gz")) return false;
      response.writeHead(200).end("another");
      return true;
    });
    const args = [standIn, formula, "linux", "intel", folder.path, server.url];
    const { code, stderr } = await run(ruby.path, args, { env: { http_proxy: undefined } });
    assert.equal(code, 1);
    assert.match(stderr, /checksum [0-9a-f]{64} instead of/);
    assert.deepEqual(await readdir(folder.path), []);
  });
});

test("pip installs the wheel into a fresh environment, and removes it again", {
  skip: pythonSkip() || hasHost,
}, async () => {
  await using folder = await tempFolder();
  const made = await run(findPython()!, ["-m", "venv", folder.at("venv")]);
  assert.equal(made.code, 0, made.stderr);
  const bin = folder.at("venv", process.platform === "win32" ? "Scripts" : "bin");
  const pip = (...args: string[]) =>
    run(join(bin, "python"), ["-m", "pip", "--disable-pip-version-check", "--quiet", ...args]);
  const installed = await pip("install", "--no-index", join(DIST, wheelName(host!, VERSION)));
  assert.equal(installed.code, 0, installed.stderr);
  // The name "pyrpc" belongs to the script of pyrpc-core.
  assert.deepEqual(
    readdirSync(bin).filter((name) => name.startsWith("pyrpc")).map((name) =>
      name.replace(".exe", "")
    ),
    ["pyrpc-toolkit"],
  );
  const toolkit = join(bin, "pyrpc-toolkit");
  assert.equal((await run(toolkit, ["--version"])).stdout, VERSION_LINE);
  const failed = await run(toolkit, ["sync"], { cwd: folder.path });
  assert.match(failed.stderr, /fix: .*: pyrpc-toolkit sync --server-url /);
  assert.equal((await pip("check")).code, 0);
  assert.equal((await pip("uninstall", "--yes", "pyrpc-toolkit")).code, 0);
  assert.ok(!readdirSync(bin).some((name) => name.startsWith("pyrpc")));
});

test("wheels contain the files of their RECORD, and tags of their platform", {
  skip: pythonSkip(),
}, async () => {
  const script = `import base64, csv, hashlib, io, sys, zipfile
for name in sys.argv[1:]:
    z = zipfile.ZipFile(name)
    record = next(n for n in z.namelist() if n.endswith("/RECORD"))
    rows = {r[0]: r[1:] for r in csv.reader(io.StringIO(z.read(record).decode()))}
    assert set(rows) == set(z.namelist()), name
    for path, (digest, size) in rows.items():
        if path == record: continue
        data = z.read(path)
        wanted = base64.urlsafe_b64encode(hashlib.sha256(data).digest()).rstrip(b"=").decode()
        assert digest == "sha256=" + wanted and int(size) == len(data), path
    tags = z.read(next(n for n in z.namelist() if n.endswith("/WHEEL"))).decode()
    for tag in name[:-4].split("-")[-1].split("."): assert f"Tag: py3-none-{tag}" in tags, tags
print(len(sys.argv) - 1)`;
  const wheels = built.map((target) => join(DIST, wheelName(target, VERSION)));
  const { stdout, stderr } = await run(findPython()!, ["-c", script, ...wheels]);
  assert.equal(stdout, `${built.length}\n`, stderr);
});

test("@pyrpc/cli starts the executable of its platform package", {
  skip: npm.skip || hasHost,
}, async () => {
  await using folder = await tempFolder({
    "package.json": `{ "name": "app", "version": "1.0.0", "private": true }`,
  });
  const { npm: system } = host!;
  const tarballs = ["cli", `cli-${system.os}-${system.cpu}`].map((name) =>
    join(DIST, "npm", `pyrpc-${name}-${VERSION}.tgz`)
  );
  const { code, stderr } = await run(
    npm.path,
    // The other systems' packages are on no registry yet: they are optional, but npm asks for them.
    ["install", "--offline", "--omit=optional", "--no-audit", "--no-fund", ...tarballs],
    { cwd: folder.path, env: { npm_config_loglevel: "error" } },
  );
  assert.equal(code, 0, stderr);
  for (const name of ["pyrpc", "pyrpc-toolkit"]) {
    const program = folder.at("node_modules/.bin", name);
    assert.equal((await run(program, ["--version"])).stdout, VERSION_LINE);
    const refused = await run(program, ["verison"]);
    assert.equal(refused.code, 2, "the exit code is passed on");
  }
});

test("built again, archive, wheel and bill of materials are the same bytes", {
  skip: hasHost,
}, async () => {
  await using folder = await tempFolder();
  const args = ["--dry-run", "--target", host!.triple, "--out", folder.path];
  const { code, stderr } = await deno(["run", "-A", "scripts/release.ts", ...args]);
  assert.equal(code, 0, stderr);
  for (const name of [archiveName(host!, VERSION), wheelName(host!, VERSION), "sbom.cdx.json"]) {
    const [one, other] = await Promise.all([
      readFile(join(DIST, name)),
      readFile(folder.at(name)),
    ]);
    assert.ok(one.equals(other), name);
  }
});

test("DENORT_BIN: deno compile embeds the program and its permissions into an executable of each target", async () => {
  await using folder = await tempFolder();
  const targets = built.filter(({ hasDeno }) => hasDeno);
  for (const target of targets) {
    const runtime = executableOf(target.triple);
    const out = folder.at(executableName(target, target.triple));
    const made = await deno(
      ["run", "-A", "scripts/compile.ts", "--target", target.triple, "--out", out],
      { env: { DENORT_BIN: runtime } },
    );
    assert.equal(made.code, 0, made.stderr);
    // Deno adds its part behind the runtime, or in a section or resource that the runtime does not have.
    const [before, after] = await Promise.all([readFile(runtime), readFile(out)]);
    assert.ok(after.length > before.length + 1_000_000, `${target.triple}: the bundle was added`);
    const [permissions = ""] = /"permissions":\{.*?\}/.exec(after.toString("latin1")) ?? [];
    for (const name of ["read", "write", "net", "run", "env", "sys"]) {
      const words = new RegExp(`"allow_${name}":\\[\\].*"deny_${name}":null`);
      assert.match(permissions, words, target.triple);
    }
    assert.match(permissions, /"allow_ffi":null.*"deny_import":\[\],"prompt":false/);
    await rm(out);
  }
});

test("built again with Deno, an executable is the same bytes", { skip: hasHost }, async () => {
  await using folder = await tempFolder();
  const [out, env] = [folder.at("pyrpc"), { DENORT_BIN: executableOf(host!.triple) }];
  const made: Uint8Array[] = [];
  for (const only of [`--target=${host!.triple}`, `--target=${host!.triple}`]) {
    const args = ["run", "-A", "scripts/compile.ts", only, `--out=${out}`];
    const { code, stderr } = await deno(args, { env });
    assert.equal(code, 0, stderr);
    made.push(await readFile(out));
  }
  assert.ok(Buffer.from(made[0]!).equals(made[1]!));
});

test("DENORT_BIN of another system is not taken", {
  skip: built.length > 1 ? false : "made with all targets only",
}, async () => {
  await using offline = await withoutDenosHost();
  const [target, other] = built as [Target, Target];
  const made = await deno(
    ["run", "-A", "scripts/compile.ts", `--target=${target.triple}`, `--out=${offline.at("x")}`],
    { env: { ...offline.env, DENORT_BIN: executableOf(other.triple) } },
  );
  assert.equal(made.code, 5, made.stdout + made.stderr);
});

test("where Deno's runtime cannot be had, compile.ts ends with 5, and release.ts continues with Bun's archives alone", async () => {
  await using offline = await withoutDenosHost();
  const { env } = offline;
  const target = built.find(({ hasDeno }) => hasDeno)!;
  const only = `--target=${target.triple}`;
  const compiled = await deno(
    ["run", "-A", "scripts/compile.ts", only, `--out=${offline.at("x")}`],
    { env },
  );
  assert.equal(compiled.code, 5, compiled.stderr);
  assert.match(compiled.stderr, /^error: Deno cannot fetch the runtime[^\n]*--engine bun`\n$/);

  const name = executableName(target);
  await mkdir(offline.at("dist/bin", target.triple), { recursive: true });
  await link(executableOf(target.triple), offline.at("dist/bin", target.triple, name));
  const release = (...more: string[]) =>
    deno(
      ["run", "-A", "scripts/release.ts", "--dry-run", "--reuse", only, ...more]
        .concat("--out", offline.at("dist")),
      { env },
    );
  const strict = await release("--both-engines");
  assert.equal(strict.code, 5, strict.stderr);
  assert.match(strict.stderr, /^error: Deno cannot fetch the runtime[^\n]*\n$/);
  const made = await release();
  assert.equal(made.code, 0, made.stderr);
  assert.match(made.stderr, /^warning: Deno cannot fetch the runtime[^\n]*\n$/);
  assert.ok(existsSync(offline.at("dist", archiveName(target, VERSION))));
  assert.ok(!existsSync(offline.at("dist", archiveName(target, VERSION, "deno"))));
});

interface Offline extends TempFolder {
  readonly env: Readonly<Record<string, string | undefined>>;
}

/** Variables for a Deno that has everything in its cache but the runtimes, and whose way to the network answers no. */
async function withoutDenosHost(): Promise<Offline> {
  const server = createServer((_, response) => void response.writeHead(404).end());
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as { port: number };
  const folder = await tempFolder();
  const env = { DENO_DIR: folder.at("cache"), DENORT_BIN: undefined };
  const bundled = await deno(
    ["run", "-A", "scripts/bundle.ts", `--out=${folder.at("pyrpc.js")}`],
    { env },
  );
  assert.equal(bundled.code, 0, bundled.stderr);
  return {
    ...folder,
    env: { ...env, HTTPS_PROXY: `http://127.0.0.1:${port}` },
    async [Symbol.asyncDispose]() {
      server.close();
      await folder[Symbol.asyncDispose]();
    },
  };
}

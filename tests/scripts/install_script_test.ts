// Runs under Deno only: it tests a script of developers, who have Deno

import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { chmod, readdir, readFile, symlink } from "node:fs/promises";
import { join } from "node:path";
import process from "node:process";
import { test } from "node:test";
import { type Finished, ROOT, run } from "../../scripts/project.ts";
import { tarGz } from "../../scripts/release/archive.ts";
import { RELEASES } from "../../scripts/release/names.ts";
import { requireTool } from "../support/external.ts";
import { serveFolder } from "../support/file_server.ts";
import { pythonEnvironment, pythonSkip } from "../support/python.ts";
import { runCli } from "../support/run_cli.ts";
import { type TempFolder, tempFolder } from "../support/temp_folder.ts";

const SCRIPT = join(ROOT, "install", "install.sh");
const TARGET = "x86_64-unknown-linux-gnu";
const FOLDER = `pyrpc-9.9.9-${TARGET}`;
const isLinux = process.platform === "linux" ? false : "its stand-in for uname is for Linux";
const shellcheck = requireTool("shellcheck");

/** A release whose executable is a shell script: what the installer does is the same. */
async function release(tool = "#!/bin/sh\necho pyrpc-toolkit 9.9.9\n"): Promise<TempFolder> {
  const archive = tarGz([{
    path: `${FOLDER}/pyrpc`,
    content: new TextEncoder().encode(tool),
    isExecutable: true,
  }]);
  const sum = createHash("sha256").update(archive).digest("hex");
  const folder = await tempFolder({
    [`files/${FOLDER}.tar.gz`]: archive,
    "files/SHA256SUMS": `${"0".repeat(64)}  pyrpc.js\n${sum}  ${FOLDER}.tar.gz\n${
      "1".repeat(64)
    }  pyrpc-9.9.9-x86_64-unknown-linux-musl.tar.gz\n`,
    // The processor that the machine reports.
    "machine/uname":
      `#!/bin/sh\ncase "$1" in -s) echo "\${FAKE_SYSTEM:-Linux}" ;; *) echo "\${FAKE_MACHINE:-x86_64}" ;; esac\n`,
    "home/.keep": "",
    "tmp/.keep": "",
  });
  await chmod(folder.at("machine/uname"), 0o755);
  return folder;
}

function install(
  folder: TempFolder,
  url: string,
  args: readonly string[] = [],
  env: Record<string, string> = {},
): Promise<Finished> {
  return run("sh", [SCRIPT, ...args], {
    cwd: folder.path,
    env: {
      PATH: `${folder.at("machine")}:${process.env["PATH"]}`,
      HOME: folder.at("home"),
      TMPDIR: folder.at("tmp"),
      PYRPC_DOWNLOAD_URL: url,
      http_proxy: undefined,
      ...env,
    },
  });
}

async function assertNothingLeft(folder: TempFolder, to = "home/.local/bin"): Promise<void> {
  assert.deepEqual(await readdir(folder.at(to)).catch(() => []), []);
  assert.deepEqual(await readdir(folder.at("tmp")), [".keep"], "the temporary folder is removed");
}

test("install.sh is clean for shellcheck", { skip: isLinux || shellcheck.skip }, async () => {
  const { code, stdout } = await run(shellcheck.path, ["--shell=sh", SCRIPT]);
  assert.equal(code, 0, stdout);
});

test("install.ps1 and the completions for PowerShell parse, in plain ASCII", {
  skip: pythonSkip(),
}, async () => {
  const { python } = await pythonEnvironment("powershell");
  const completions = (await runCli(["completions", "powershell"])).stdout;
  await using folder = await tempFolder({
    "completions.ps1": completions,
    "wrong.ps1": "if ($x { 1 }",
  });
  const installer = join(ROOT, "install", "install.ps1");
  const parse = (...files: string[]) =>
    run(python, [join(ROOT, "tests/support/parse_powershell.py"), ...files]);
  const found = await parse(installer, folder.at("completions.ps1"));
  assert.deepEqual([found.code, found.stdout, found.stderr], [0, "", ""]);
  assert.notEqual((await parse(folder.at("wrong.ps1"))).stdout, "", "the parser finds mistakes");
  // Windows PowerShell reads a file without a mark in the system's own code page.
  assert.match(await readFile(installer, "utf8"), /^[\t\r\n\x20-\x7e]*$/);
});

test("install.sh and install.ps1 have the URL of releases", async () => {
  for (const name of ["install.sh", "install.ps1"]) {
    assert.ok((await readFile(join(ROOT, "install", name), "utf8")).includes(`"${RELEASES}"`));
  }
});

test("install.sh installs both names, explains how to remove them, and can be run again", {
  skip: isLinux,
}, async () => {
  await using folder = await release();
  await using server = await serveFolder(folder.at("files"));
  for (const args of [[], ["--version", "v9.9.9"]]) {
    const { code, stdout, stderr } = await install(folder, `${server.url}/`, args);
    assert.equal(code, 0, stderr);
    const bin = folder.at("home/.local/bin");
    assert.equal(
      stdout,
      `pyrpc-toolkit 9.9.9 installed as ${bin}/pyrpc\n` +
        `To remove it: rm "${bin}/pyrpc" "${bin}/pyrpc-toolkit"\n` +
        `note: ${bin} is not on PATH; add it: export PATH="${bin}:$PATH"\n`,
    );
    assert.deepEqual((await readdir(bin)).sort(), ["pyrpc", "pyrpc-toolkit"]);
    assert.equal((await run(join(bin, "pyrpc-toolkit"), [])).stdout, "pyrpc-toolkit 9.9.9\n");
  }
});

test(
  "install.sh accepts a folder with spaces and quotes in its path",
  { skip: isLinux },
  async () => {
    await using folder = await release();
    await using server = await serveFolder(folder.at("files"));
    const to = folder.at('my tools/it\'s "here"');
    const { code, stderr } = await install(folder, server.url, ["--to", to]);
    assert.equal(code, 0, stderr);
    assert.equal((await run(join(to, "pyrpc"), [])).stdout, "pyrpc-toolkit 9.9.9\n");
    assert.deepEqual(await readdir(folder.at("home")), [".keep"]);
  },
);

for (const tool of ["curl", "wget"]) {
  const { path, skip } = requireTool(tool);
  test(
    `install.sh follows no redirect to http with ${tool}`,
    { skip: isLinux || skip },
    async () => {
      await using folder = await release();
      await using elsewhere = await serveFolder(folder.at("files"));
      await using server = await serveFolder(folder.at("files"), (path, response) => {
        response.writeHead(302, { location: `${elsewhere.url}${path}` }).end();
        return true;
      });
      // Only this one of the two programs is on PATH.
      const tools = [
        "sh",
        "mktemp",
        "rm",
        "grep",
        "cut",
        "sha256sum",
        "tar",
        "mkdir",
        "mv",
        "chmod",
      ];
      for (const name of tools) await symlink(requireTool(name).path, folder.at(`machine/${name}`));
      await symlink(path, folder.at(`machine/${tool}`));
      const { code, stderr } = await install(folder, server.url, [], {
        PATH: folder.at("machine"),
      });
      assert.equal(code, 1, stderr);
      assert.match(stderr, /SHA256SUMS cannot be downloaded/);
      if (tool === "curl") assert.deepEqual(elsewhere.requests, []);
      await assertNothingLeft(folder);
    },
  );
}

test("install.sh installs nothing when the checksum is another", { skip: isLinux }, async () => {
  await using folder = await release();
  await folder.write({ "files/SHA256SUMS": `${"0".repeat(64)}  ${FOLDER}.tar.gz\n` });
  await using server = await serveFolder(folder.at("files"));
  const { code, stderr } = await install(folder, server.url);
  assert.equal(code, 1);
  assert.match(stderr, /differs from SHA256SUMS: expected 0{64}, found [0-9a-f]{64}\n {2}fix: /);
  await assertNothingLeft(folder);
});

test("install.sh installs nothing from a download that was cut", { skip: isLinux }, async () => {
  await using folder = await release();
  await using server = await serveFolder(folder.at("files"), (path, response) => {
    if (!path.endsWith(".gz")) return false;
    response.writeHead(200, { "content-length": 1000 });
    response.write("only this", () => response.destroy());
    return true;
  });
  const { code, stderr } = await install(folder, server.url);
  assert.equal(code, 1);
  assert.match(stderr, /cannot be downloaded/);
  await assertNothingLeft(folder);
});

test("install.sh names systems, processors and versions that there are not", {
  skip: isLinux,
}, async () => {
  await using folder = await release();
  await using server = await serveFolder(folder.at("files"));
  const rows: readonly (readonly [Record<string, string>, readonly string[], RegExp])[] = [
    [{ FAKE_SYSTEM: "SunOS" }, [], /No executable for the system "SunOS"/],
    [{ FAKE_SYSTEM: "MINGW64_NT" }, [], /Use install\.ps1/],
    [{ FAKE_MACHINE: "riscv64" }, [], /No executable for the processor "riscv64"/],
    [{ FAKE_MACHINE: "aarch64" }, [], /no archive for aarch64-unknown-linux-gnu/],
    [{}, ["--version", "1.2.3"], /no archive of version 1\.2\.3 for .*\n {2}fix: .*\/releases\n/],
    [{}, ["--to"], /--to needs a value/],
    [{ HOME: "" }, [], /HOME is not set/],
  ];
  for (const [env, args, words] of rows) {
    const { code, stderr } = await install(folder, server.url, args, env);
    assert.equal(code, 1, stderr);
    assert.match(stderr, words);
  }
  assert.equal((await install(folder, server.url, ["--nonsense"])).code, 2);
  assert.match(
    (await install(folder, `${server.url}/none`)).stderr,
    /SHA256SUMS cannot be downloaded/,
  );
  await assertNothingLeft(folder);
});

test("install.sh keeps the installed version when the new executable does not start", {
  skip: isLinux,
}, async () => {
  await using folder = await release("#!/bin/sh\necho broken >&2\nexit 127\n");
  await folder.write({ "home/.local/bin/pyrpc": "the old one" });
  await using server = await serveFolder(folder.at("files"));
  const { code, stderr } = await install(folder, server.url);
  assert.equal(code, 1);
  assert.match(stderr, /^broken\nerror: The executable does not start on this system\n/);
  assert.deepEqual(await readdir(folder.at("home/.local/bin")), ["pyrpc"]);
  assert.equal(await readFile(folder.at("home/.local/bin/pyrpc"), "utf8"), "the old one");
});

test("install.sh does nothing when its own download was cut", { skip: isLinux }, async () => {
  await using folder = await release();
  const text = await readFile(SCRIPT, "utf8");
  for (const share of [0.2, 0.5, 0.9, 0.99]) {
    await run("sh", ["-s"], {
      stdin: text.slice(0, Math.floor(text.length * share)),
      env: { HOME: folder.at("home"), TMPDIR: folder.at("tmp") },
    });
    await assertNothingLeft(folder);
  }
});

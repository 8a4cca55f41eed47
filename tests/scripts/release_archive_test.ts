// Runs under Deno only: it tests a script of developers, who have Deno

import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { readFile, stat } from "node:fs/promises";
import { test } from "node:test";
import { run } from "../../scripts/project.ts";
import { type Member, tarGz, zip } from "../../scripts/release/archive.ts";
import { releaseNotes } from "../../scripts/release/release_notes.ts";
import { executableKind, findTarget, hostTarget, TARGETS } from "../../scripts/release/targets.ts";
import { requireTool } from "../support/external.ts";
import { findPython, pythonSkip } from "../support/python.ts";
import { tempFolder } from "../support/temp_folder.ts";

const tar = requireTool("tar");
const LONG = `${"folder/".repeat(14)}${"n".repeat(60)}`;
const MEMBERS: readonly Member[] = [
  { path: "a/tool", content: Buffer.from("#!/bin/sh\necho works\n"), isExecutable: true },
  { path: "a/empty", content: new Uint8Array() },
  { path: "a/größe.txt", content: Buffer.from("x".repeat(512)) },
  { path: LONG, content: Buffer.from("long") },
];

test(
  "tarGz() returns the same bytes each time, and tar unpacks them",
  { skip: tar.skip },
  async () => {
    assert.deepEqual(tarGz(MEMBERS), tarGz(MEMBERS));
    await using folder = await tempFolder({ "x.tar.gz": tarGz(MEMBERS) });
    const { code, stderr } = await run(tar.path, ["xzf", "x.tar.gz"], { cwd: folder.path });
    assert.equal(code, 0, stderr);
    for (const { path, content } of MEMBERS) {
      assert.deepEqual(await readFile(folder.at(path)), Buffer.from(content), path);
    }
    const { mode, mtimeMs } = await stat(folder.at("a/tool"));
    assert.equal(mode & 0o777, 0o755);
    assert.equal(new Date(mtimeMs).toISOString(), "1980-01-01T00:00:00.000Z");
    assert.equal((await stat(folder.at("a/empty"))).mode & 0o111, 0);
  },
);

test("zip() returns the same bytes each time, and Python's zipfile reads them", {
  skip: pythonSkip(),
}, async () => {
  assert.deepEqual(zip(MEMBERS), zip(MEMBERS));
  await using folder = await tempFolder({ "x.zip": zip(MEMBERS) });
  const script = `import json, zipfile
z = zipfile.ZipFile("x.zip"); assert z.testzip() is None
print(json.dumps([[i.filename, oct(i.external_attr >> 16), z.read(i).decode()] for i in z.infolist()]))`;
  const { stdout, stderr } = await run(findPython()!, ["-c", script], { cwd: folder.path });
  assert.deepEqual(
    JSON.parse(stdout || stderr),
    MEMBERS.map(({ path, content, isExecutable }) => [
      path,
      isExecutable ? "0o100755" : "0o100644",
      Buffer.from(content).toString(),
    ]),
  );
});

test("TARGETS has each system once under each channel's name", () => {
  for (const key of ["triple", "bun", "wheel"] as const) {
    assert.equal(new Set(TARGETS.map((target) => target[key])).size, TARGETS.length, key);
  }
  assert.equal(TARGETS.filter(({ hasDeno }) => hasDeno).length, 6);
  assert.equal(hostTarget("linux", "x64"), findTarget("x86_64-unknown-linux-gnu"));
  assert.equal(hostTarget("aix", "ppc64"), undefined);
});

test("executableKind() returns format and architecture from the first bytes", () => {
  const head = (...parts: readonly (readonly [at: number, hex: string])[]) => {
    const bytes = Buffer.alloc(256);
    for (const [at, hex] of parts) bytes.write(hex, at, "hex");
    return bytes;
  };
  assert.deepEqual(executableKind(head([0, "7f454c46"], [18, "3e00"])), {
    format: "elf",
    arch: "x64",
  });
  assert.deepEqual(executableKind(head([0, "7f454c46"], [18, "b700"])), {
    format: "elf",
    arch: "arm64",
  });
  assert.deepEqual(executableKind(head([0, "cffaedfe"], [4, "0c000001"])), {
    format: "mach-o",
    arch: "arm64",
  });
  assert.deepEqual(
    executableKind(head([0, "4d5a"], [0x3c, "80000000"], [0x80, "50450000"], [0x84, "6486"])),
    { format: "pe", arch: "x64" },
  );
  assert.equal(executableKind(head([0, "7f454c46"], [18, "0300"])), undefined, "32 bit");
  assert.equal(executableKind(head([0, "4d5a"], [0x3c, "ffffff7f"])), undefined);
  assert.equal(executableKind(Buffer.from("#!/bin/sh")), undefined);
});

test("releaseNotes() returns the version's section, else the unreleased one", () => {
  const log = "# Changelog\n\n## Unreleased\n\n- new\n\n## 1.0.0 – 2026-11-21\n\n- old\n";
  assert.equal(releaseNotes(log, "1.0.0"), "- old\n");
  assert.equal(releaseNotes(log, "1.1.0"), "- new\n");
  assert.throws(() => releaseNotes("# Changelog\n", "1.0.0"), /has no section for 1\.0\.0/);
});

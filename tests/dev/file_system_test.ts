import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdir, symlink, writeFile } from "node:fs/promises";
import { platform } from "node:os";
import process from "node:process";
import { test } from "node:test";
import { promisify } from "node:util";
import {
  fileSystemWithoutEvents,
  parseMountInfo,
  parseMountOutput,
} from "../../lib/dev/file_system.ts";
import { watchProject } from "../../lib/dev/watch_project.ts";
import { findOnPath } from "../support/external.ts";
import { runCli } from "../support/run_cli.ts";
import { tempFolder } from "../support/temp_folder.ts";
import { RUNS_ALL_CASES } from "../support/verify.ts";

const MOUNT_INFO = [
  "22 1 254:0 / / rw,relatime shared:1 - ext4 /dev/vda rw",
  "23 22 0:20 / /proc rw,nosuid shared:2 master:1 - proc proc rw",
  "24 22 0:30 / ROOT/work rw - virtiofs work rw",
  "25 24 0:31 / ROOT/work/node_modules rw - ext4 /dev/vdb rw",
  "26 22 0:32 / ROOT/with\\040space rw - fuse.sshfs me@host:/x rw",
  "27 22 0:33 / ROOT/twice rw - ext4 /dev/vdc rw",
  "28 22 0:34 / ROOT/twice rw - nfs4 nas:/x rw",
  "29 22 0:35 / ROOT/ntfs rw - fuse.ntfs-3g /dev/sdb1 rw",
  "30 22 0:36 / ROOT/c rw - 9p C:\\134 rw",
  "",
].join("\n");

test("fileSystemWithoutEvents() finds the mount of a folder, through links", async () => {
  const names = ["work/api", "work/node_modules/x", "with space", "twice", "ntfs", "c", "workshop"];
  await using folder = await tempFolder(
    Object.fromEntries(names.map((name) => [`${name}/main.py`, ""])),
  );
  await symlink(folder.at("work/api"), folder.at("link"), "junction");
  const text = MOUNT_INFO.replaceAll("ROOT", folder.path);
  const found = await Promise.all(
    [...names, "link", "absent"].map((name) =>
      fileSystemWithoutEvents(folder.at(name), () => Promise.resolve(parseMountInfo(text)))
    ),
  );
  assert.deepEqual(found, [
    "virtiofs",
    undefined,
    "FUSE (sshfs)",
    "NFS",
    undefined,
    "9p",
    undefined,
    "virtiofs",
    undefined,
  ]);
  const fails = () => Promise.reject(new Error("no table"));
  assert.equal(await fileSystemWithoutEvents(folder.path, fails), undefined);
  assert.equal(await fileSystemWithoutEvents("\\\\wsl.localhost\\Debian\\home"), "WSL");
});

test("parseMountOutput() reads the table of macOS", () => {
  const text = [
    "/dev/disk3s1s1 on / (apfs, sealed, local, read-only, journaled)",
    "//me@nas/share on /Volumes/My (old) share (smbfs, nodev, nosuid, mounted by me)",
    "map auto_home on /System/Volumes/Data/home (autofs, automounted, nobrowse)",
  ].join("\n");
  assert.deepEqual(parseMountOutput(text).map(({ folder, type }) => [folder, type]), [
    ["/", "apfs"],
    ["/Volumes/My (old) share", "smbfs"],
    ["/System/Volumes/Data/home", "autofs"],
  ]);
});

test("fileSystemWithoutEvents() reads the table of this machine", {
  skip: platform() !== "linux" && "another table",
}, async () => {
  assert.equal(await fileSystemWithoutEvents("/proc/self"), undefined);
});

const bindfs = findOnPath("bindfs");
const isPossible = bindfs !== undefined && existsSync("/dev/fuse") && process.getuid?.() === 0;

test("a project on a mount is polled: changes from outside of it are seen, and doctor reports it", {
  skip: !isPossible ? "needs bindfs, /dev/fuse and root" : !RUNS_ALL_CASES && "verify frameworks",
}, async () => {
  await using folder = await tempFolder({
    "outside/main.py": "a = 1\n",
    "outside/pyrpc.json":
      '{ "version": 1, "framework": "asgi", "entrypoint": "main", "distribution": "server", "port": 1 }',
  });
  await mkdir(folder.at("mounted"));
  const run = promisify(execFile);
  await run("bindfs", [folder.at("outside"), folder.at("mounted")]);
  try {
    assert.match(await fileSystemWithoutEvents(folder.at("mounted")) ?? "", /^FUSE/);
    const { stdout } = await runCli(["doctor"], { cwd: folder.at("mounted"), env: { PATH: "" } });
    assert.match(
      stdout,
      /mounted is on FUSE.*, which reports no changes of files: pyrpc dev polls/,
    );
    let report = (_path: string) => {};
    const seen = new Promise<string>((resolve) => report = resolve);
    const watched = await watchProject({
      folder: folder.at("mounted"),
      config: undefined,
      onSource: (path) => report(path),
      onConfig: () => {},
      onFailure: (error) => assert.fail(error),
    });
    await writeFile(folder.at("outside/main.py"), "another_content = 1\n");
    assert.equal(await seen, folder.at("mounted/main.py"));
    await watched.close();
  } finally {
    await run("umount", [folder.at("mounted")]);
  }
});

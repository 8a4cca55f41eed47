/**
 * `deno task smoke`: tries the content of `dist/` for this system: each archive's executable, and the installer, from a local
 * server. The release workflow runs it on macOS, Linux and Windows before anything is published.
 *
 * @module
 */

import { spawn } from "node:child_process";
import { once } from "node:events";
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import process from "node:process";
import { ExitCode } from "../lib/errors.ts";
import { VERSION } from "../lib/version.ts";
import { serveFolder } from "../tests/support/file_server.ts";
import { tempFolder } from "../tests/support/temp_folder.ts";
import { ROOT, run } from "./project.ts";
import { archiveFolder, archiveName } from "./release/names.ts";
import { executableName, hostTarget } from "./release/targets.ts";

const DIST = process.env["PYRPC_RELEASE"] ?? join(ROOT, "dist");
const isWindows = process.platform === "win32";
// Windows' own tar also reads zip; Git's does not.
const TAR = isWindows ? join(process.env["SystemRoot"] ?? "C:/Windows", "System32/tar.exe") : "tar";

/** Runs a command that must succeed. @returns its output */
async function succeed(
  command: string,
  args: readonly string[],
  options?: Parameters<typeof run>[2],
): Promise<string> {
  const { code, stdout, stderr } = await run(command, args, options);
  if (code !== 0) throw new Error(`${command} ${args.join(" ")}: exit ${code}\n${stdout}${stderr}`);
  return stdout;
}

async function tryExecutable(file: string): Promise<void> {
  const printed = await succeed(file, ["--version"]);
  if (printed !== `pyrpc-toolkit ${VERSION}\n`) throw new Error(`${file} prints ${printed}`);
  const types = await succeed(file, ["codegen", "examples/shop.schema.json", "--out", "-"]);
  if (!types.includes("export type Types")) throw new Error(`${file} made no types: ${types}`);
}

async function main(): Promise<number> {
  const target = hostTarget(process.platform, process.arch);
  if (target === undefined) throw new Error("No executable is made for this system");
  const names = ["", "deno"].map((engine) => archiveName(target, VERSION, engine || undefined));
  const found = (await readdir(DIST)).filter((name) => names.includes(name));
  if (!found.includes(names[0]!)) throw new Error(`${DIST} has no ${names[0]}`);
  for (const name of found) {
    await using folder = await tempFolder();
    await succeed(TAR, ["-xf", join(DIST, name), "-C", folder.path]);
    const file = folder.at(archiveFolder(target, VERSION), executableName(target));
    // An appended payload can break a signature, which only macOS detects. Deno appends the program of an Intel
    // executable after its signature: that one is only run.
    const isSigned = process.platform === "darwin" &&
      !(name === names[1] && target.arch === "x64");
    if (isSigned) await succeed("codesign", ["--verify", "--strict", file]);
    await tryExecutable(file);
    process.stdout.write(`${name}: runs${isSigned ? ", its signature is whole" : ""}\n`);
  }
  await using folder = await tempFolder();
  await using server = await serveFolder(DIST);
  const env = {
    ...{ PYRPC_DOWNLOAD_URL: server.url, http_proxy: undefined, HTTP_PROXY: undefined },
    // As in a window of its own: the workflow's PowerShell 7 passes its modules on, which Windows PowerShell cannot load.
    PSModulePath: undefined,
  };
  const to = folder.at("the bin");
  if (isWindows) {
    const file = join(DIST, "install.ps1");
    const script = ["-NoProfile", "-ExecutionPolicy", "Bypass", "-File", file, "-To", to];
    // Windows PowerShell 5.1, then PowerShell 7 over the first installation.
    for (const shell of ["powershell", "pwsh"]) {
      process.stdout.write(await succeed(shell, script, { env }));
    }
    // As in the README, to the default folder.
    const piped = `irm ${server.url}/install.ps1 | iex`;
    const local = { ...env, LOCALAPPDATA: folder.at("local") };
    await succeed("powershell", ["-NoProfile", "-Command", piped], { env: local });
    await tryExecutable(folder.at("local/Programs/pyrpc/pyrpc.exe"));
    await tryExecutable(join(to, "pyrpc-toolkit.exe"));
    // Updates while the installed one runs, whose file can only be renamed.
    const running = spawn(join(to, "pyrpc.exe"), [
      ...["mock", join(ROOT, "examples/shop.schema.json"), "--port", "0"],
    ], { stdio: ["ignore", "ignore", "pipe"] });
    try {
      await once(running.stderr, "data");
      for (const shell of ["powershell", "pwsh"]) await succeed(shell, script, { env });
    } finally {
      running.kill();
    }
  } else {
    process.stdout.write(
      await succeed("sh", [join(DIST, "install.sh"), "--to", to], { env }),
    );
    await tryExecutable(join(to, "pyrpc-toolkit"));
  }
  await tryExecutable(join(to, executableName(target)));
  return ExitCode.Ok;
}

process.exitCode = await main();

#!/usr/bin/env node
import { spawn } from "node:child_process";
import { createRequire } from "node:module";
import { constants } from "node:os";

const { platform, arch } = process;
const require = createRequire(import.meta.url);
const file = platform === "win32" ? "pyrpc.exe" : "pyrpc";
// Package managers that do not know "libc" install both: what Node itself was built for decides.
const isMusl = platform === "linux" &&
  process.report?.getReport().header.glibcVersionRuntime === undefined;
const name = `@pyrpc/cli-${platform}-${arch}${isMusl ? "-musl" : ""}`;

let path;
try {
  path = require.resolve(`${name}/${file}`);
} catch {
  process.stderr.write(
    `error: ${name} is not installed, which holds the executable for this system\n` +
      '  fix: Install without "--no-optional", or use @pyrpc/client, whose pyrpc needs no executable\n',
  );
  process.exit(3);
}

const child = spawn(path, process.argv.slice(2), { stdio: "inherit" });
// A signal sent to this process alone is forwarded; the terminal's Ctrl+C reaches both. On Windows every signal comes from the
// console and reaches both, and `kill` would end the executable before it has written its files.
for (
  const signal of ["SIGINT", "SIGTERM", "SIGHUP", ...(platform === "win32" ? ["SIGBREAK"] : [])]
) {
  process.on(signal, () => {
    if (signal !== "SIGINT" && platform !== "win32") child.kill(signal);
  });
}
child.on("error", (error) => {
  process.stderr.write(`error: ${path} cannot be started: ${error.message}\n`);
  process.exit(70);
});
child.on("exit", (code, signal) => {
  process.exit(code ?? 128 + (constants.signals[signal] ?? 0));
});

import { Buffer } from "node:buffer";
import { lstat, readdir, readFile } from "node:fs/promises";
import { join, relative } from "node:path";
import { PassThrough } from "node:stream";
import { PYRPC } from "../../commands/mod.ts";
import { runCli as runApplication } from "../../lib/cli/mod.ts";
import { ExitCode } from "../../lib/errors.ts";
import {
  type Console,
  type EndSignal,
  type OutputStream,
  systemClock,
} from "../../lib/runtime/mod.ts";
import { tempFolder } from "./temp_folder.ts";

/** The world that one run of the application sees. */
export interface RunCliOptions {
  /** Files of the working folder, by path. */
  readonly files?: Readonly<Record<string, string | Uint8Array>>;
  /** A working folder of the caller's own, which is left as the command leaves it. @default a temporary one */
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** Standard input. @default "" */
  readonly stdin?: string | Uint8Array;
  /** True if all three streams are a terminal. @default false */
  readonly terminal?: boolean;
  /** True if the npm package `@pyrpc/client` runs. @default false */
  readonly isClientPackage?: boolean;
  /** The command as it was called. @default "pyrpc" */
  readonly commandName?: string;
  /** Receives a function that sends signals to the running command. The run fails if a signal comes before it is handled. */
  readonly onStart?: (signal: (name: EndSignal) => void) => void;
  /** Receives standard error as it is written. */
  readonly onStderr?: (text: string) => void;
}

/** The result of one run. */
export interface CliResult {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
  /** Files that the command made or changed; a removed one is `null`. */
  readonly files: Readonly<Record<string, string | null>>;
  /** All of it to compare at once, with what differs from run to run replaced: `<cwd>`, `<n> ms`. */
  readonly block: string;
}

/**
 * Runs the application in this process with a Console made for it.
 *
 * @example
 * ```ts
 * import { runCli } from "./run_cli.ts";
 *
 * const { code, stdout } = await runCli(["version"]);
 * ```
 */
export async function runCli(
  args: readonly string[],
  options: RunCliOptions = {},
): Promise<CliResult> {
  await using folder = await tempFolder(options.cwd === undefined ? options.files : {});
  const cwd = options.cwd ?? folder.path;
  const before = await readTree(cwd);
  const stdout = captured(options.terminal ?? false);
  const stderr = captured(options.terminal ?? false, options.onStderr);
  const listeners = new Set<(signal: EndSignal) => void>();
  let unhandled: EndSignal | undefined;
  let ended = false;
  const console: Console = {
    stdin: inputOf(options.stdin ?? "", options.terminal ?? false),
    stdout,
    stderr,
    env: { NO_COLOR: "1", ...options.env },
    cwd,
    isClientPackage: options.isClientPackage ?? false,
    commandName: options.commandName ?? "pyrpc",
    now: () => Date.now(),
    random: () => Math.random(),
    ...systemClock,
    onSignal(handler) {
      listeners.add(handler);
      // It ends anyway, so that later tests do not share a folder or a port with it.
      if (unhandled !== undefined) handler(unhandled);
      return () => void listeners.delete(handler);
    },
  };
  options.onStart?.((name) => {
    if (listeners.size === 0 && !ended) unhandled = name;
    for (const listener of listeners) listener(name);
  });
  const code = await runApplication(PYRPC, args, console);
  ended = true;
  // The system would have ended the process at once, and nothing would have been closed or written.
  if (unhandled !== undefined) throw new Error(`${unhandled} came before it was handled`);
  const files = changes(before, await readTree(cwd));
  const result = { code, stdout: stdout.text(), stderr: stderr.text(), files };
  return { ...result, block: normalise(blockOf(result), cwd) };
}

function captured(
  isTerminal: boolean,
  onText: (text: string) => void = () => undefined,
): OutputStream & { text(): string } {
  const chunks: Uint8Array[] = [];
  return {
    write(chunk) {
      chunks.push(typeof chunk === "string" ? Buffer.from(chunk) : chunk);
      onText(String(chunk));
    },
    isTerminal,
    columns: 80,
    text: () => Buffer.concat(chunks).toString("utf8"),
  };
}

function inputOf(content: string | Uint8Array, isTerminal: boolean): Console["stdin"] {
  const bytes = Buffer.from(content as string);
  return {
    isTerminal,
    readAll: (maxBytes) =>
      bytes.length > maxBytes
        ? Promise.reject(new RangeError(`Standard input is larger than ${maxBytes} bytes`))
        : Promise.resolve(bytes),
    get stream() {
      const stream = new PassThrough();
      stream.end(bytes);
      return Object.assign(stream, { isTTY: isTerminal }) as unknown as NodeJS.ReadStream;
    },
  };
}

async function readTree(root: string): Promise<Map<string, string>> {
  const tree = new Map<string, string>();
  const visit = async (folder: string): Promise<void> => {
    for (const name of await readdir(folder)) {
      const path = join(folder, name);
      const status = await lstat(path);
      if (status.isDirectory()) await visit(path);
      else if (status.isFile()) {
        tree.set(relative(root, path).replaceAll("\\", "/"), await readFile(path, "utf8"));
      }
    }
  };
  await visit(root);
  return tree;
}

function changes(
  before: ReadonlyMap<string, string>,
  after: ReadonlyMap<string, string>,
): Record<string, string | null> {
  const changed: Record<string, string | null> = {};
  for (const name of [...new Set([...before.keys(), ...after.keys()])].sort()) {
    const content = after.get(name) ?? null;
    if (content !== (before.get(name) ?? null)) changed[name] = content;
  }
  return changed;
}

function blockOf({ code, stdout, stderr, files }: Omit<CliResult, "block">): string {
  const name = Object.entries(ExitCode).find(([, value]) => value === code)?.[0] ?? "?";
  const parts = [`exit: ${code} ${name}`];
  if (stdout !== "") parts.push(`stdout:\n${indent(stdout)}`);
  if (stderr !== "") parts.push(`stderr:\n${indent(stderr)}`);
  for (const [path, content] of Object.entries(files)) {
    parts.push(content === null ? `removed: ${path}` : `file ${path}:\n${indent(content)}`);
  }
  return `${parts.join("\n")}\n`;
}

function indent(text: string): string {
  return text.replace(/\n$/, "").split("\n").map((line) => line === "" ? "" : `  ${line}`)
    .join("\n");
}

// Replaces what differs between two equal runs.
function normalise(text: string, cwd: string): string {
  return text
    .replaceAll(cwd, "<cwd>")
    .replace(/http:\/\/(127\.0\.0\.1|localhost):\d+/g, "http://$1:<port>")
    .replace(/\b\d+(\.\d+)? ?ms\b/g, "<n> ms");
}

import { defined } from "../../defined.ts";
import { ExitCode } from "../../errors.ts";
import type { Console } from "../../runtime/mod.ts";
import type { LoadContext, LoadedSource, LoadOptions } from "../../source/mod.ts";
import { plainText, styleFor } from "../../terminal/mod.ts";
import {
  flagNeeds,
  malformedHeader,
  notAHeaderValue,
  reservedHeader,
  variableNotSet,
} from "../errors.ts";
import {
  argument,
  duration,
  file,
  type FlagValues,
  grouped,
  integer,
  LONGEST_TIMEOUT,
  optionalArgument,
  repeatable,
  size,
  text,
  toggle,
} from "./builders.ts";

/** The flags of every command with a SOURCE. */
export const SOURCE_FLAGS = grouped("Source", {
  // Read by `sourceOptions`: the error of a failed parse would print the secret in it.
  header: repeatable(
    text('Send this header, "Name: value"; repeatable', { alias: "H", placeholder: "header" }),
  ),
  tokenEnv: text("Send the bearer token in this environment variable", { placeholder: "NAME" }),
  timeout: duration("Maximum time to wait, such as 5, 500ms or 2m (default: 30)", {
    unit: "s",
    min: 1,
    max: LONGEST_TIMEOUT,
  }),
  retries: integer("Retries after a failure, with growing pauses (default: 0)", {
    min: 0,
    max: 999,
  }),
  caFile: file("Trust the certificate authorities in this PEM file"),
  clientCert: file("Client certificate (PEM)"),
  clientKey: file("Private key (PEM) of --client-cert"),
  maxSize: size("Reject larger documents (default: 64MiB)", { max: 2 ** 30 }),
  python: file("Python interpreter for a module", { placeholder: "path" }),
  verbose: toggle("Print the full traceback if a module cannot be imported"),
});

/** The values of {@link SOURCE_FLAGS}. */
export type SourceFlags = FlagValues<typeof SOURCE_FLAGS>;

const SOURCE_BRIEF = "Schema file, URL, Python module, or - for standard input";

/** The argument that names where the contract comes from. */
export const SOURCE_ARGUMENT = argument("SOURCE", SOURCE_BRIEF);

/** {@link SOURCE_ARGUMENT} of commands that can do without. */
export const OPTIONAL_SOURCE_ARGUMENT = optionalArgument("SOURCE", SOURCE_BRIEF);

/** The options and context of `loadSource`, from the flags and the console. @throws ToolError exit code 2 */
export function sourceOptions(
  flags: SourceFlags,
  console: Console,
): { options: LoadOptions; context: LoadContext } {
  const { tokenEnv, caFile, clientCert, clientKey, python, verbose } = flags;
  if (clientKey !== undefined && clientCert === undefined) {
    throw flagNeeds("--client-key", "a certificate", "Add --client-cert FILE");
  }
  return {
    options: {
      headers: (flags.header ?? []).map(parseHeader),
      token: tokenEnv === undefined ? undefined : readToken(tokenEnv, console),
      ...defined({ timeoutMs: flags.timeout, retries: flags.retries, maxBytes: flags.maxSize }),
      caFile,
      clientCert,
      clientKey,
      python,
      verbose,
      // Bytes: the output of the user's own program is not escaped.
      onOutput: (text) => console.stderr.write(new TextEncoder().encode(text)),
    },
    context: console,
  };
}

/**
 * Prints the warnings of a loaded contract.
 *
 * @returns the exit code of the command: 1 instead of 0 if procedures had to be left out.
 */
export function reportSource(
  console: Console,
  { warnings = [], problems = [] }: LoadedSource,
  code: ExitCode = ExitCode.Ok,
): ExitCode {
  const style = styleFor(console.stderr, console.env);
  for (const line of [...warnings, ...problems]) {
    console.stderr.write(`${style.yellow("warning:")} ${plainText(line)}\n`);
  }
  return problems.length > 0 && code === ExitCode.Ok ? ExitCode.No : code;
}

/** Prints why the types do not match a module, although they match its schema. */
export function reportFacts(console: Console, { facts = [] }: LoadedSource): void {
  const style = styleFor(console.stderr, console.env);
  for (const { code, subject, message } of facts) {
    const line = plainText(`${code}  ${subject}: ${message}`);
    console.stderr.write(`${style.yellow("warning:")} ${line}\n`);
  }
}

function readToken(name: string, console: Console): string {
  const token = /^[A-Za-z_]\w*$/.test(name) ? console.env[name]?.trim() : undefined;
  if (token === undefined || token === "") throw variableNotSet("--token-env", name);
  if (/[^\x21-\x7e]/.test(token)) throw notAHeaderValue(`The token in "${name}"`);
  return token;
}

// The text may be a secret: no error repeats more than the name.
function parseHeader(text: string): readonly [string, string] {
  const [, name, value] = /^([!#$%&'*+.^_`|~\w-]+)\s*:\s*(.*)$/s.exec(text) ?? [];
  if (name === undefined || value === undefined) throw malformedHeader();
  if (/[^\t\x20-\x7e\x80-\xff]/.test(value)) throw notAHeaderValue(`The header "${name}"`);
  if (/^(host|content-length|transfer-encoding|connection)$/i.test(name)) {
    throw reservedHeader(name);
  }
  return [name, value.trim()];
}

import type { TypedFlagParameter } from "@stricli/core";
import { ExitCode, usageError } from "../../errors.ts";
import type { LoadContext, LoadedSource, LoadOptions } from "../../source/mod.ts";
import type { Console } from "../../runtime/mod.ts";
import { plainText, styleFor } from "../../terminal/mod.ts";
import type { CliContext } from "../define.ts";

/** The flags of every command that takes a SOURCE. */
export interface SourceFlags {
  /** As typed: read by {@link sourceOptions}, because a parse error of the flag parser would show the secret in it. */
  readonly header?: readonly string[];
  readonly tokenEnv?: string;
  readonly timeout?: number;
  readonly retries?: number;
  readonly caFile?: string;
  readonly clientCert?: string;
  readonly clientKey?: string;
  readonly maxSize?: number;
  readonly python?: string;
  readonly verbose?: boolean;
}

type FlagsOf<T> = { readonly [K in keyof T]-?: TypedFlagParameter<T[K], CliContext> };

/** {@link SourceFlags} as data, to be spread into a command's flags. */
export const SOURCE_FLAGS: FlagsOf<SourceFlags> = {
  header: {
    kind: "parsed",
    parse: String,
    brief: 'Send this header ("Name: value"); can be given several times',
    variadic: true,
    optional: true,
    placeholder: "header",
  },
  tokenEnv: {
    kind: "parsed",
    parse: String,
    brief: "Send the bearer token in this environment variable",
    optional: true,
    placeholder: "NAME",
  },
  timeout: {
    kind: "parsed",
    parse: parseDuration,
    brief: "Give up after this many seconds (30); 500ms and 2m also work",
    optional: true,
    placeholder: "seconds",
  },
  retries: {
    kind: "parsed",
    parse: parseCount,
    brief: "Try again this many times, with growing pauses (0)",
    optional: true,
    placeholder: "count",
  },
  caFile: {
    kind: "parsed",
    parse: String,
    brief: "Trust the certificate authorities in this PEM file",
    optional: true,
    placeholder: "file",
  },
  clientCert: {
    kind: "parsed",
    parse: String,
    brief: "Show this certificate (PEM) to the server",
    optional: true,
    placeholder: "file",
  },
  clientKey: {
    kind: "parsed",
    parse: String,
    brief: "The private key (PEM) of --client-cert",
    optional: true,
    placeholder: "file",
  },
  maxSize: {
    kind: "parsed",
    parse: parseSize,
    brief: "Refuse documents larger than this (64MiB)",
    optional: true,
    placeholder: "size",
  },
  python: {
    kind: "parsed",
    parse: String,
    brief: "The Python interpreter for a module",
    optional: true,
    placeholder: "path",
  },
  verbose: {
    kind: "boolean",
    brief: "Show the whole traceback when a module cannot be imported",
    optional: true,
    withNegated: false,
  },
};

/** The one positional parameter that names where the contract comes from. */
export const SOURCE_PARAMETER = {
  brief: "Schema file, URL, Python module, or - for standard input",
  placeholder: "SOURCE",
  parse: String,
} as const;

/** What `lib/source` wants, from the flags and the console. @throws ToolError exit code 2 */
export function sourceOptions(
  flags: SourceFlags,
  console: Console,
): { options: LoadOptions; context: LoadContext } {
  if (flags.clientKey !== undefined && flags.clientCert === undefined) {
    throw usageError("--client-key without a certificate", "Give --client-cert as well");
  }
  return {
    options: {
      headers: (flags.header ?? []).map(parseHeader),
      token: flags.tokenEnv === undefined ? undefined : readToken(flags.tokenEnv, console),
      ...(flags.timeout === undefined ? {} : { timeoutMs: flags.timeout }),
      ...(flags.retries === undefined ? {} : { retries: flags.retries }),
      ...(flags.maxSize === undefined ? {} : { maxBytes: flags.maxSize }),
      caFile: flags.caFile,
      clientCert: flags.clientCert,
      clientKey: flags.clientKey,
      python: flags.python,
      verbose: flags.verbose,
      onOutput: (text) => console.stderr.write(text),
    },
    context: console,
  };
}

/**
 * Says what is odd about a loaded contract.
 *
 * @returns the command's exit code, given what it would be else: 1 where procedures had to be left out.
 */
export function reportSource(
  console: Console,
  { notices = [], problems = [] }: LoadedSource,
  code: ExitCode = ExitCode.Ok,
): ExitCode {
  const style = styleFor(console.stderr, console.env);
  for (const line of [...notices, ...problems]) {
    console.stderr.write(`${style.yellow("warning:")} ${plainText(line)}\n`);
  }
  return problems.length > 0 && code === ExitCode.Ok ? ExitCode.No : code;
}

function readToken(name: string, console: Console): string {
  const token = /^[A-Za-z_]\w*$/.test(name) ? console.env[name]?.trim() : undefined;
  if (token === undefined || token === "") {
    throw usageError(
      // Who gives the token instead of the name must not see it in a log.
      /^[A-Z_][A-Z\d_]*$/.test(name)
        ? `The environment variable "${name}" is not set`
        : "The environment variable that --token-env names is not set",
      "--token-env takes the name of the variable that holds the token, not the token",
    );
  }
  if (/[^\x21-\x7e]/.test(token)) {
    throw usageError(`The token in "${name}" has characters that no header can carry`);
  }
  return token;
}

// The text may be a secret: no error repeats more than the name.
function parseHeader(text: string): readonly [string, string] {
  const [, name, value] = /^([!#$%&'*+.^_`|~\w-]+)\s*:\s*(.*)$/s.exec(text) ?? [];
  if (name === undefined || value === undefined) {
    throw usageError("A header cannot be read", "--header is written as 'Name: value'");
  }
  if (/[^\t\x20-\x7e\x80-\xff]/.test(value)) {
    throw usageError(`The header "${name}" has characters that no header can carry`);
  }
  if (/^(host|content-length|transfer-encoding|connection)$/i.test(name)) {
    throw usageError(`The header "${name}" is made by the request itself`);
  }
  return [name, value.trim()];
}

function parseDuration(text: string): number {
  const [, amount, unit = "s"] = /^(\d+(?:\.\d+)?)(ms|s|m)?$/.exec(text) ?? [];
  const milliseconds = Number(amount) * { ms: 1, s: 1000, m: 60_000 }[unit as "ms" | "s" | "m"];
  // Timers of every runtime end at 2^31 - 1.
  if (!(milliseconds >= 1 && milliseconds < 2 ** 31)) {
    throw new SyntaxError(`Expected seconds such as 5, 0.5, 500ms or 2m, found "${text}"`);
  }
  return milliseconds;
}

function parseCount(text: string): number {
  if (!/^\d{1,3}$/.test(text)) throw new SyntaxError(`Expected a whole number, found "${text}"`);
  return Number(text);
}

function parseSize(text: string): number {
  const [, amount, unit = ""] = /^(\d+(?:\.\d+)?)\s*(?:([kmg])i?b?|b)?$/i.exec(text) ?? [];
  const bytes = Math.floor(
    Number(amount) * ({ k: 2 ** 10, m: 2 ** 20, g: 2 ** 30 }[unit.toLowerCase()] ?? 1),
  );
  if (!(bytes >= 1 && bytes <= 2 ** 30)) {
    throw new SyntaxError(`Expected a size such as 10MiB, up to 1GiB, found "${text}"`);
  }
  return bytes;
}

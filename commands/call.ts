import { ExitCode, ToolError, usageError } from "../lib/errors.ts";
import { indentJson, parseJson, stringifyJson } from "../lib/json/mod.ts";
import type { Procedure } from "../lib/contract/mod.ts";
import type { CallAnswer, LoadContext, LoadOptions } from "../lib/source/mod.ts";
import type { Console } from "../lib/runtime/mod.ts";
import { plainText, styleFor } from "../lib/terminal/mod.ts";
import { type CallArguments, paramsText, readArguments, readData } from "./_call_arguments.ts";
import { findProcedure } from "./_contract_source.ts";
import { curlCommand } from "./_curl.ts";
import {
  type CommandContext,
  defineCommand,
  type FlagValues,
  repeatedArgument,
  SOURCE_FLAGS,
  sourceOptions,
  text,
  toggle,
} from "../lib/cli/mod.ts";

const FLAGS = {
  data: text("Params as one JSON list or object; - reads stdin", { placeholder: "json" }),
  check: toggle("Validate the arguments before sending the call", { default: true }),
  curl: toggle("Print the equivalent curl command instead of calling"),
  json: toggle("Print result or error as one JSON object"),
  ...SOURCE_FLAGS,
};

type Flags = FlagValues<typeof FLAGS>;

type CallError = (CallAnswer & { ok: false })["error"];

/** `pyrpc call`: one call of one procedure. */
export const callCommand = defineCommand({
  summary: "Call a procedure of a running backend",
  description:
    "Arguments are given in their order, or all by name as key=value. Each is JSON, or plain text where the schema takes\n" +
    "a text. They are checked against the server's schema before anything is sent. The result is printed as JSON; a call\n" +
    "that fails prints its error and ends with exit code 1.",
  examples: [
    { command: "pyrpc call http://localhost:8000 add 1 2", does: "arguments in their order" },
    {
      command: "pyrpc call http://localhost:8000 greet name=Ada",
      does: "arguments by name",
    },
    {
      command: "pyrpc call http://localhost:8000 save --data - < params.json",
      does: "params from standard input: a list, or an object by name",
    },
    {
      command: "pyrpc call http://localhost:8000 add 1 2 --curl",
      does: "print the same call for curl, send nothing",
    },
  ],
  flags: FLAGS,
  args: [
    repeatedArgument(
      "SOURCE NAME ARGUMENT",
      "URL of the server, the procedure, and its arguments: json… or key=value…",
      { minimum: 2 },
    ),
  ],
  run,
});

async function run(
  { console }: CommandContext,
  flags: Flags,
  source: string,
  name: string,
  ...args: string[]
): Promise<ExitCode> {
  if (name === "") throw usageError("The procedure's name is empty");
  if (flags.data !== undefined && args.length > 0) {
    throw usageError("Arguments and --data exclude each other");
  }
  const { options, context } = sourceOptions(flags, console);
  await requireServer(source, context);
  const { callServer } = await import("../lib/source/mod.ts");
  const given = flags.data === undefined
    ? readArguments(args)
    : readData(await dataText(flags.data, console, options));
  const procedure = flags.check ? await describe(source, name, options, context) : undefined;
  const { params, error } = await prepare(given, procedure);
  if (error !== undefined) {
    report(console, flags, name, { ok: false, error });
    if (!flags.json) {
      console.stderr.write("  nothing was sent; --no-check sends it all the same\n");
    }
    return ExitCode.No;
  }
  const call = { procedure: name, params };
  if (flags.curl) {
    console.stdout.write(`${await curlCommand(source, call, flags)}\n`);
    return ExitCode.Ok;
  }
  const answer = await callServer(source, call, options, context);
  report(console, flags, name, answer);
  return answer.ok ? ExitCode.Ok : ExitCode.No;
}

async function requireServer(source: string, { cwd }: LoadContext): Promise<void> {
  const { classifySource } = await import("../lib/source/mod.ts");
  const { kind } = classifySource(source, cwd);
  if (kind === "url") return;
  const what = { file: "a file", stdin: "standard input", module: "a Python module" }[kind];
  throw usageError(
    `Only a running server can be called, and SOURCE is ${what}`,
    "Give the server's URL, as in http://localhost:8000",
  );
}

async function dataText(data: string, console: Console, options: LoadOptions): Promise<string> {
  if (data !== "-") return data;
  const maxBytes = options.maxBytes ?? 64 * 2 ** 20;
  try {
    const bytes = await console.stdin.readAll(maxBytes);
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch (error) {
    if (error instanceof RangeError) {
      throw usageError("Standard input is too large for --data", "--max-size allows more");
    }
    if (error instanceof TypeError) throw usageError("Standard input is not UTF-8");
    throw error;
  }
}

async function describe(
  source: string,
  name: string,
  options: LoadOptions,
  context: LoadContext,
): Promise<Procedure> {
  const { loadSource } = await import("../lib/source/mod.ts");
  const { contract, where } = await loadSource(source, options, context);
  try {
    return findProcedure(contract, name, where);
  } catch (error) {
    if (!(error instanceof ToolError)) throw error;
    throw new ToolError({
      code: error.code,
      message: error.message,
      where,
      exitCode: error.exitCode,
      fix: [...error.fix, '"pyrpc inspect" lists them; --no-check calls it all the same'],
    });
  }
}

async function prepare(
  given: CallArguments,
  procedure: Procedure | undefined,
): Promise<{ params: string; error: CallError | undefined }> {
  if (procedure === undefined) return { params: paramsText(given, undefined), error: undefined };
  try {
    return await checked(given, procedure);
  } catch (error) {
    // What `JSON.parse` took and the checking reader does not: a thousand levels.
    if (!(error instanceof SyntaxError)) throw error;
    throw usageError("The arguments are nested too deeply");
  }
}

async function checked(
  given: CallArguments,
  procedure: Procedure,
): Promise<{ params: string; error: CallError | undefined }> {
  const { compileCall, compileSchema } = await import("../lib/validate/mod.ts");
  // What Pydantic takes at the server is taken here: "1" for a number, say.
  const mode = { mode: "lax" } as const;
  // A text such as `42` is JSON and a text: the schema says which of them is meant.
  const takes = (name: string, json: string) => {
    const parameter = procedure.parameters.find((each) => each.name === name);
    return parameter === undefined ||
      compileSchema(parameter.schema, mode).check(parseJson(json)) === undefined;
  };
  const params = paramsText(given, {
    names: procedure.parameters.map(({ name }) => name),
    takes,
  });
  const result = compileCall(procedure, mode).checkCall(parseJson(params));
  if (result.ok) return { params, error: undefined };
  const { code, message, data } = result.error;
  return { params, error: { code, message, data: stringifyJson(data) } };
}

function report(console: Console, { json }: Flags, procedure: string, answer: CallAnswer): void {
  if (json) {
    const text = answer.ok
      ? `{"ok":true,"result":${answer.result}}`
      : `{"ok":false,"error":{"code":${answer.error.code},"message":${
        JSON.stringify(answer.error.message)
      },"data":${answer.error.data}}}`;
    console.stdout.write(`${indentJson(text)}\n`);
    return;
  }
  if (answer.ok) {
    // Escapes inside of JSON texts: what is printed is the same value, and harmless for a terminal.
    console.stdout.write(`${plainText(indentJson(answer.result))}\n`);
    return;
  }
  const style = styleFor(console.stderr, console.env);
  const { code, message, data } = answer.error;
  const lines = [
    `${style.red(style.bold("error:"))} ${plainText(`${procedure}: ${message}`)} (${code})`,
  ];
  if (data !== "null" && data !== "{}") {
    lines.push(...indentJson(data).split("\n").map((line) => `  ${plainText(line)}`));
  }
  console.stderr.write(`${lines.join("\n")}\n`);
}

import {
  type CommandContext,
  defineCommand,
  type FlagValues,
  mutuallyExclusive,
  repeatedArgument,
  SOURCE_FLAGS,
  sourceOptions,
  text,
  toggle,
} from "../../lib/cli/mod.ts";
import { emptyProcedureName } from "../../lib/contract/mod.ts";
import { ExitCode } from "../../lib/errors.ts";
import { indentJson } from "../../lib/json/mod.ts";
import type { Console } from "../../lib/runtime/mod.ts";
import type { CallAnswer } from "../../lib/source/mod.ts";
import { plainText, styleFor } from "../../lib/terminal/mod.ts";

const FLAGS = {
  data: text("Params as one JSON list or object; - reads stdin", { placeholder: "json" }),
  check: toggle("Validate the arguments before sending the call", { default: true }),
  curl: toggle("Print the equivalent curl command instead of calling"),
  json: toggle("Print result or error as one JSON object"),
  ...SOURCE_FLAGS,
};

type Flags = FlagValues<typeof FLAGS>;

/** `pyrpc call`: calls one procedure of a running server. */
export const callCommand = defineCommand({
  summary: "Call a procedure of a running backend",
  description:
    "Arguments are given in their order, or all by name as key=value. Each is JSON, or plain text for a string; @file sends\n" +
    "the content of a file, as Base64 if the parameter declares it (a quoted '\"@text\"' is text). Arguments are\n" +
    "validated against the server's schema before anything is sent. The result is printed as JSON; a call that fails\n" +
    "prints its error and exits with code 1.",
  examples: [
    { command: "pyrpc call http://localhost:8000 add 1 2", does: "arguments in their order" },
    {
      command: "pyrpc call http://localhost:8000 greet name=Ada",
      does: "arguments by name",
    },
    {
      command: "pyrpc call http://localhost:8000 upload name=logo content=@logo.png",
      does: "the content of a file",
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
  procedure: string,
  ...args: string[]
): Promise<ExitCode> {
  const { data, check: validates } = flags;
  if (procedure === "") throw emptyProcedureName();
  if (data !== undefined && args.length > 0) throw mutuallyExclusive("Arguments", "--data");
  const { options, context } = sourceOptions(flags, console);
  const { curlCommand, prepareCall } = await import("../../lib/call/mod.ts");
  const request = { source, procedure, args, data, validates };
  const prepared = await prepareCall(request, options, context);
  if (!prepared.ok) {
    report(console, flags, procedure, prepared);
    if (!flags.json) console.stderr.write("  nothing was sent; --no-check sends it anyway\n");
    return ExitCode.No;
  }
  if (flags.curl) {
    console.stdout.write(`${curlCommand(source, prepared.call, flags)}\n`);
    return ExitCode.Ok;
  }
  const { callServer } = await import("../../lib/source/mod.ts");
  const answer = await callServer(source, prepared.call, options, context);
  report(console, flags, procedure, answer);
  return answer.ok ? ExitCode.Ok : ExitCode.No;
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
    // Escapes control characters inside JSON texts, which are the same values then.
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

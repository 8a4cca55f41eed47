import { dirname, join } from "node:path";
import { ExitCode, ToolError, usageError } from "../lib/errors.ts";
import {
  CLIENT_SCHEMA_URL,
  type Distribution,
  editJson,
  fieldOf,
  findUpwards,
  readJsonFile,
  writeConfigFile,
} from "../lib/project/mod.ts";
import { type Console, isInteractive } from "../lib/runtime/mod.ts";
import { plainText, styleFor } from "../lib/terminal/mod.ts";
import { openPrompter } from "../lib/cli/mod.ts";

const CLIENT_FILE = "pyrpc-client.json";
const DEFAULT_URL = "http://localhost:8000";

/** The flags that {@link setUpClient} looks at. */
export interface ClientSetupFlags {
  readonly distribution?: Distribution;
  readonly serverUrl?: string;
  readonly reconfigure: boolean;
  readonly yes: boolean;
  /** The command that was asked for comes next: nothing is said about what to do then. @default false */
  readonly goesOn?: boolean;
}

interface ClientAnswers {
  readonly distribution: Distribution;
  readonly serverUrl: string | undefined;
}

/** What a request to a server said: undefined when it answered as a pyRPC server does, else why not. */
export type ServerTest = (url: string, console: Console) => Promise<string | undefined>;

/**
 * The setup of a client project: asks how types are distributed and, for a server, where it is, tries the address, and
 * writes `pyrpc-client.json` beside the nearest `package.json`.
 *
 * @returns the exit code
 * @throws ToolError `SETUP_NEEDED` (exit 2) where nobody can be asked
 */
export async function setUpClient(
  console: Console,
  flags: ClientSetupFlags,
  test: ServerTest = testServer,
): Promise<ExitCode> {
  const style = styleFor(console.stderr, console.env);
  const say = (line: string) => console.stderr.write(`${line}\n`);
  const existing = await findUpwards(console.cwd, CLIENT_FILE);
  const given = flags.distribution !== undefined || flags.serverUrl !== undefined;
  if (existing !== undefined && !flags.reconfigure && !given) {
    say(`${plainText(existing)} is there already; --reconfigure asks its questions again`);
    return ExitCode.Ok;
  }
  const present = existing === undefined ? {} : await presentAnswers(existing);
  const known = {
    distribution: flags.distribution ??
      (flags.serverUrl === undefined ? undefined : "server" as const),
    serverUrl: flags.serverUrl,
  };
  if (known.serverUrl !== undefined) checkUrl(known.serverUrl);
  if (known.serverUrl !== undefined && flags.distribution === "workspace") {
    throw usageError(
      "--server-url has no use with --distribution workspace",
      "The backend writes the types then; leave one of the two flags out",
    );
  }
  const complete = known.distribution === "workspace" ||
    (known.distribution === "server" &&
      (known.serverUrl !== undefined || present.serverUrl !== undefined || flags.yes));
  const answers: ClientAnswers = complete && known.distribution !== undefined
    ? {
      distribution: known.distribution,
      serverUrl: known.distribution === "workspace"
        ? undefined
        : known.serverUrl ?? present.serverUrl ?? DEFAULT_URL,
    }
    : await askClient(console, flags, { known, present, test });

  if (complete && answers.serverUrl !== undefined) {
    const problem = await test(answers.serverUrl, console);
    if (problem !== undefined) {
      say(`${style.yellow("warning:")} ${plainText(answers.serverUrl)}: ${plainText(problem)}`);
    }
  }
  const path = existing ?? join(await manifestFolder(console.cwd) ?? console.cwd, CLIENT_FILE);
  const text = existing === undefined
    ? formatClient(answers)
    : editJson((await readJsonFile(existing)).text, [
      { path: ["distribution"], value: answers.distribution },
      ...(answers.serverUrl === undefined
        ? []
        : [{ path: ["server_url"], value: answers.serverUrl }]),
    ]);
  await writeConfigFile(path, text);
  say(`${style.green("✓")} Wrote ${plainText(path)} (${answers.distribution} mode)`);
  for (const line of text.trimEnd().split("\n")) say(`  ${style.dim(plainText(line))}`);
  say("");
  if (flags.goesOn) return ExitCode.Ok;
  say(
    answers.distribution === "server"
      ? `Next: ${style.bold("npx pyrpc sync")}`
      : `Next: ${style.bold("pyrpc dev")} on the backend; it writes the types into this project`,
  );
  return ExitCode.Ok;
}

/** The text of a new `pyrpc-client.json`. */
function formatClient({ distribution, serverUrl }: ClientAnswers): string {
  const document = {
    $schema: CLIENT_SCHEMA_URL,
    distribution,
    ...(serverUrl === undefined ? {} : { server_url: serverUrl }),
  };
  return `${JSON.stringify(document, null, 2)}\n`;
}

async function presentAnswers(
  path: string,
): Promise<{ distribution?: string; serverUrl?: string }> {
  const file = await readJsonFile(path);
  const distribution = fieldOf(file, "distribution")?.value;
  const serverUrl = fieldOf(file, "server_url")?.value;
  return {
    ...(typeof distribution === "string" ? { distribution } : {}),
    ...(typeof serverUrl === "string" ? { serverUrl } : {}),
  };
}

async function askClient(
  console: Console,
  flags: ClientSetupFlags,
  { known, present, test }: {
    known: { distribution: Distribution | undefined; serverUrl: string | undefined };
    present: { distribution?: string; serverUrl?: string };
    test: ServerTest;
  },
): Promise<ClientAnswers> {
  if (flags.yes || !isInteractive(console)) {
    throw new ToolError({
      code: "SETUP_NEEDED",
      message: "The client is not set up here: --distribution not known, and nobody can be asked",
      fix: [
        "Give the answers:  pyrpc init --client --distribution server --server-url http://localhost:8000",
        "or, where the backend writes the types:  pyrpc init --client --distribution workspace",
      ],
      exitCode: ExitCode.Usage,
    });
  }
  const prompter = await openPrompter(console);
  try {
    prompter.intro("pyRPC Setup", "Let's configure the client of a pyRPC backend.");
    const distribution = known.distribution ??
      await prompter.select("How are types distributed?", [
        { value: "workspace", explanation: "(default): pyrpc dev on the backend writes them here" },
        { value: "server", explanation: ": fetched from a running server with npx pyrpc sync" },
      ], present.distribution === "server" ? "server" : "workspace");
    if (distribution === "workspace") {
      prompter.outro("That is all");
      return { distribution, serverUrl: undefined };
    }
    let serverUrl = present.serverUrl ?? DEFAULT_URL;
    while (true) {
      serverUrl = await prompter.text(
        "Server URL",
        serverUrl,
        async (answer) => urlProblem(answer),
      );
      const problem = await prompter.during(
        `Asking ${plainText(serverUrl)}`,
        test(serverUrl, console),
      );
      if (problem === undefined) break;
      prompter.note(problem);
      if (await prompter.confirm("Use this address all the same?", false)) break;
    }
    prompter.outro("That is all");
    return { distribution, serverUrl };
  } finally {
    prompter.close();
  }
}

function urlProblem(text: string): string | undefined {
  if (!URL.canParse(text)) return `"${text}" is no URL, such as ${DEFAULT_URL}`;
  const { protocol } = new URL(text);
  return protocol === "http:" || protocol === "https:"
    ? undefined
    : `The URL must begin with http:// or https://, found "${protocol}"`;
}

function checkUrl(text: string): void {
  const problem = urlProblem(text);
  if (problem !== undefined) throw usageError(`--server-url: ${problem}`);
}

/** The folder of the nearest `package.json` outside `node_modules`. */
export async function manifestFolder(cwd: string): Promise<string | undefined> {
  let from = cwd;
  while (true) {
    const manifest = await findUpwards(from, "package.json");
    if (manifest === undefined) return undefined;
    const folder = dirname(manifest);
    if (!/[/\\]node_modules([/\\]|$)/.test(folder)) return folder;
    from = dirname(folder);
  }
}

// Exactly the request that "sync" makes, so that what works here works there.
async function testServer(url: string, console: Console): Promise<string | undefined> {
  const { loadSource } = await import("../lib/source/mod.ts");
  try {
    await loadSource(url, { timeoutMs: 5_000 }, console);
    return undefined;
  } catch (error) {
    if (error instanceof ToolError) return error.message;
    throw error;
  }
}

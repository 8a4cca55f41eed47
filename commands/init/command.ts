import {
  choice,
  defineCommand,
  emptyValue,
  type FlagValues,
  notSupportedWith,
  onlyFor,
  optionalArgument,
  SETUP_FLAGS,
  setupContext,
  spelled,
  toggle,
  url,
} from "../../lib/cli/mod.ts";
import { ExitCode, ToolError } from "../../lib/errors.ts";
import type { ExampleName } from "../../lib/example_projects/mod.ts";
import type { Distribution } from "../../lib/project/mod.ts";
import type { Console } from "../../lib/runtime/mod.ts";
import { commandIn, makeFolderCommand } from "../../lib/shell_word.ts";
import { plainText, type Style, styleFor } from "../../lib/terminal/mod.ts";

// Not the table of lib/example_projects: the flags are declared before the library is loaded.
const EXAMPLE_NAMES = [
  "fastapi-react",
  "django-vue",
  "vitest",
] as const satisfies readonly ExampleName[];

const FLAGS = {
  ...SETUP_FLAGS,
  force: toggle("Accept a client without package.json; with --example, replace files"),
  client: toggle("Set up a client project instead"),
  serverUrl: url("With --client: address of the pyRPC server"),
  saveScript: toggle("With --client: add a postinstall script that sets up and syncs"),
  optional: toggle("With --client: exit 0 if a question needs a terminal"),
  example: choice("Copy a complete example project instead", EXAMPLE_NAMES),
  dryRun: toggle("With --example: write nothing; print what would be written"),
  json: toggle("With --example: print the result as JSON"),
};

type InitFlags = FlagValues<typeof FLAGS>;

/** `pyrpc init`: writes `pyrpc.json`, or `pyrpc-client.json` on the client's side. */
export const initCommand = defineCommand({
  summary: "Set up a backend (pyrpc.json) or a client (pyrpc-client.json)",
  description:
    `Asks which framework the backend uses, which Python module contains its procedures, and how types reach
the client; defaults are detected from the project's files. Without a terminal, pass every answer as a flag.`,
  examples: [
    { command: "pyrpc init", does: "ask three or four questions, write pyrpc.json" },
    {
      command: "pyrpc init --yes --distribution server",
      does: "accept detected values, without questions",
    },
    {
      command: "pyrpc init --reconfigure",
      does: "ask again, with the current answers as defaults",
    },
    { command: "pyrpc init --client", does: "set up the other side: pyrpc-client.json" },
    {
      command: "pyrpc init --client --save-script",
      does: "also set up and sync after each install",
    },
    {
      command: "pyrpc init --example fastapi-react shop",
      does: "copy a complete project to the folder shop",
    },
  ],
  flags: FLAGS,
  args: [
    optionalArgument("FOLDER", "With --example: folder to copy to (default: the current one)"),
  ],
  async run({ console }, flags, folder) {
    checkExampleFlags(flags, folder);
    if (flags.example !== undefined) {
      const { initExample } = await import("./example.ts");
      const { example: name, force, dryRun, json } = flags;
      const mode = dryRun ? "dry-run" : "write";
      return await initExample(console, { name, folder, force, mode }, { json });
    }
    if (flags.client) return await initClient(console, flags);
    checkProjectFlags(flags);
    const { setUpProject } = await import("../../lib/setup/mod.ts");
    const { framework, entry, distribution, clientRoot, reconfigure, yes } = flags;
    const { project, stored } = await setUpProject({
      command: "pyrpc init",
      given: { framework, entry, distribution, clientRoot },
      reconfigure,
      acceptsDetected: yes,
      force: flags.force,
    }, setupContext(console, "full"));
    const print = (line: string) => console.stderr.write(`${line}\n`);
    if (stored === "written") {
      print(`\nNext: ${styleFor(console.stderr, console.env).bold("pyrpc dev")}`);
    } else if (stored === "none" && project.path !== undefined) {
      print(`${plainText(project.path)} is complete; --reconfigure asks its questions again`);
    }
    for (const warning of project.warnings) print(`note: ${plainText(warning)}`);
    if (project.framework === "django") await reportUnjoinedRoutes(project.folder, print);
    return ExitCode.Ok;
  },
});

/** Flags that answer questions; an example asks none. */
const ANSWERS = [
  "framework",
  "entry",
  "clientRoot",
  "distribution",
  "reconfigure",
  "client",
  "serverUrl",
  "saveScript",
  "optional",
] as const satisfies readonly (keyof InitFlags)[];

function checkExampleFlags(flags: InitFlags, folder: string | undefined): void {
  const { example, dryRun, json } = flags;
  if (example !== undefined) {
    const given = ANSWERS.find((name) => flags[name] !== undefined && flags[name] !== false);
    if (given !== undefined) throw notSupportedWith(spelled(given), "--example");
    if (folder === "") throw emptyValue("FOLDER", `pyrpc init --example ${example} shop`);
    return;
  }
  if (folder !== undefined) {
    const named = EXAMPLE_NAMES.find((name) => name === folder);
    throw onlyFor(
      "FOLDER",
      "--example",
      named === undefined
        ? `Set up that folder: ${makeFolderCommand(folder)} ${commandIn(folder, "pyrpc init")}`
        : `pyrpc init --example ${named}`,
    );
  }
  const [fix] = EXAMPLE_NAMES.map((name) => `pyrpc init --example ${name}`);
  if (dryRun) throw onlyFor("--dry-run", "--example", `${fix} --dry-run`);
  if (json) throw onlyFor("--json", "--example", `${fix} --json`);
}

async function reportUnjoinedRoutes(
  folder: string,
  print: (line: string) => void,
): Promise<void> {
  const { unjoinedMounts } = await import("../../lib/project/mod.ts");
  const files = await unjoinedMounts(folder);
  if (files.length === 0) return;
  const { JOIN_ROUTES, JOINED_ROUTES } = await import("../../lib/django_urls.ts");
  print(
    `note: ${
      plainText(files.join(", "))
    }: outside of pyrpc dev, Django's adapter refuses GET /rpc with 405`,
  );
  print(`${JOIN_ROUTES}\n\n${JOINED_ROUTES.join("\n")}`);
}

function checkProjectFlags({ saveScript, optional, serverUrl }: InitFlags): void {
  const client = "pyrpc init --client";
  if (saveScript) throw onlyFor("--save-script", "--client", `${client} --save-script`);
  if (optional) throw onlyFor("--optional", "--client", `${client} --optional`);
  if (serverUrl !== undefined) {
    throw onlyFor("--server-url", "--client", `${client} --server-url ${serverUrl}`);
  }
}

async function initClient(console: Console, flags: InitFlags): Promise<ExitCode> {
  const { INSTALL_SCRIPT, saveInstallScript, setUpClient } = await import(
    "../../lib/setup/mod.ts"
  );
  const { distribution, serverUrl, reconfigure, yes } = flags;
  const print = (line: string) => console.stderr.write(`${line}\n`);
  try {
    const answers = await setUpClient(
      { distribution, serverUrl, reconfigure, acceptsDefaults: yes },
      setupContext(console),
    );
    if (answers !== undefined) print(nextStep(answers, styleFor(console.stderr, console.env)));
  } catch (error) {
    if (!flags.optional || !(error instanceof ToolError) || error.code === "USAGE") throw error;
    const reason = plainText(error.message.replace(/\s+/g, " "));
    print(`pyrpc init: ${reason}; skipped (--optional)`);
    return ExitCode.Ok;
  }
  if (flags.saveScript) {
    print(
      saveInstallScript(console.cwd)
        ? `package.json: postinstall runs "${INSTALL_SCRIPT}"`
        : `package.json already runs "pyrpc sync" after each installation`,
    );
  }
  return ExitCode.Ok;
}

function nextStep({ distribution }: { distribution: Distribution }, style: Style): string {
  return distribution === "server"
    ? `Next: ${style.bold("npx pyrpc sync")}`
    : `Next: ${style.bold("pyrpc dev")} on the backend; it writes the types into this project`;
}

import { defineCommand, type FlagValues, SETUP_FLAGS, toggle, url } from "../lib/cli/mod.ts";
import { ExitCode, ToolError, usageError } from "../lib/errors.ts";
import { findUpwards, PROJECT_FILE } from "../lib/project/mod.ts";
import type { Console } from "../lib/runtime/mod.ts";
import { plainText } from "../lib/terminal/mod.ts";
import { setUpClient } from "./_client_setup.ts";
import { ensureProject } from "./_setup.ts";

const FLAGS = {
  ...SETUP_FLAGS,
  client: toggle("Set up a client project instead"),
  serverUrl: url("With --client: address of the pyRPC server"),
  saveScript: toggle("With --client: add a postinstall script that sets up and syncs"),
  optional: toggle("With --client: exit 0 without questions if there is no terminal"),
};

type InitFlags = FlagValues<typeof FLAGS>;

/** `pyrpc init`: writes `pyrpc.json`, or `pyrpc-client.json` on the client's side. */
export const initCommand = defineCommand({
  summary: "Set up a backend (pyrpc.json) or a client (pyrpc-client.json)",
  description:
    `Asks which framework the backend uses, which Python module holds its procedures, and how types reach
the client; defaults come from looking at the project. Without a terminal every answer is a flag.`,
  examples: [
    { command: "pyrpc init", does: "ask three or four questions, write pyrpc.json" },
    {
      command: "pyrpc init --yes --distribution server",
      does: "take what is detected, without questions",
    },
    {
      command: "pyrpc init --reconfigure",
      does: "ask again, with the present answers as defaults",
    },
    { command: "pyrpc init --client", does: "set up the other side: pyrpc-client.json" },
    {
      command: "pyrpc init --client --save-script",
      does: "and let everybody who clones and installs be asked as well",
    },
  ],
  flags: FLAGS,
  async run({ console }, flags) {
    if (flags.client) return await initClient(console, flags);
    if (flags.saveScript || flags.optional) {
      throw usageError("--save-script and --optional belong to --client", "pyrpc init --client …");
    }
    if (flags.serverUrl !== undefined) {
      throw usageError("--server-url belongs to --client", "pyrpc init --client --server-url URL");
    }
    const given = [flags.framework, flags.entry, flags.distribution].some((flag) =>
      flag !== undefined
    ) || (flags.clientRoot?.length ?? 0) > 0;
    const before = await findUpwards(console.cwd, PROJECT_FILE);
    const project = await ensureProject(console, flags, { command: "pyrpc init", report: "full" });
    if (before !== undefined && !given && !flags.reconfigure && project.values.length > 0) {
      // Nothing was open: say what holds instead of asking again.
      console.stderr.write(
        `${plainText(before)} is complete; --reconfigure asks its questions again\n`,
      );
    }
    for (const notice of project.notices) console.stderr.write(`note: ${plainText(notice)}\n`);
    return ExitCode.Ok;
  },
});

/** What the project's own `postinstall` runs: a dependency's has no terminal to ask on. */
const INSTALL_SCRIPT = "pyrpc init --client --optional && pyrpc sync --optional";

async function initClient(console: Console, flags: InitFlags): Promise<ExitCode> {
  let code: ExitCode;
  try {
    code = await setUpClient(console, flags);
  } catch (error) {
    if (!flags.optional || !(error instanceof ToolError) || error.code === "USAGE") throw error;
    const what = error.message.replace(/\s+/g, " ");
    console.stderr.write(`pyrpc init: ${plainText(what)}; going on without (--optional)\n`);
    return ExitCode.Ok;
  }
  if (code === ExitCode.Ok && flags.saveScript) await saveScript(console);
  return code;
}

async function saveScript(console: Console): Promise<void> {
  const { applyPlan, findClient, planSyncScript } = await import("../lib/delivery/mod.ts");
  const client = findClient(console.cwd).found;
  if (client === undefined) {
    throw usageError("--save-script needs a client project", "Run it where the package.json is");
  }
  const plan = planSyncScript(client.root, INSTALL_SCRIPT);
  if (plan !== undefined) applyPlan(plan);
  console.stderr.write(
    plan === undefined
      ? `package.json runs "pyrpc sync" after each installation already\n`
      : `package.json: postinstall runs "${INSTALL_SCRIPT}"\n`,
  );
}

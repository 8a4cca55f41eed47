import { ExitCode, usageError } from "../lib/errors.ts";
import { findUpwards, PROJECT_FILE } from "../lib/config/mod.ts";
import { plainText } from "../lib/terminal/mod.ts";
import { setUpClient } from "./_client_setup.ts";
import { defineCommand } from "./_define.ts";
import { ensureProject, SETUP_FLAGS, type SetupFlags } from "./_setup.ts";

interface InitFlags extends SetupFlags {
  readonly client: boolean;
  readonly serverUrl?: string;
}

/** `pyrpc init`: writes `pyrpc.json`, or `pyrpc-client.json` on the client's side. */
export const initCommand = defineCommand<InitFlags>({
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
  ],
  parameters: {
    flags: {
      ...SETUP_FLAGS,
      client: {
        kind: "boolean",
        brief: "Set up a client project instead",
        default: false,
        withNegated: false,
      },
      serverUrl: {
        kind: "parsed",
        parse: String,
        brief: "With --client: address of the pyRPC server",
        placeholder: "url",
        optional: true,
      },
    },
    aliases: { y: "yes" },
  },
  async run(console, flags) {
    if (flags.client) return await setUpClient(console, flags);
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

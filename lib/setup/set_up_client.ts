import { dirname, join } from "node:path";
import {
  CLIENT_CONFIG_FILE,
  type Distribution,
  findBackendOfClient,
  findUpwards,
  manifestFolder,
  writeConfigFile,
  writtenPath,
} from "../project/mod.ts";
import {
  type ClientAnswers,
  formatClientFile,
  type PresentAnswers,
  readClientAnswers,
  updateClientFile,
} from "./client_file.ts";
import { askClientQuestions, NO_BACKEND } from "./client_questions.ts";
import type { SetupContext } from "./context.ts";
import { clientSetupNeeded, invalidServerUrl, serverUrlWithWorkspace } from "./errors.ts";
import { withPrompter } from "./prompter.ts";
import { DEFAULT_SERVER_URL, type ServerTest, serverUrlProblem, testServer } from "./server_url.ts";

/** Options of {@link setUpClient}. */
export interface ClientSetup {
  readonly distribution?: Distribution | undefined;
  readonly serverUrl?: string | undefined;
  /** True to ask all questions again. @default false */
  readonly reconfigure?: boolean;
  /** True to accept defaults without questions (`--yes`). @default false */
  readonly acceptsDefaults?: boolean;
}

/**
 * Sets up a client project: writes `pyrpc-client.json` beside the nearest `package.json`. Asks for answers that are
 * missing and tests the server.
 *
 * @returns the answers that were written, or undefined if the client is already set up
 * @throws ToolError `SETUP_NEEDED` (exit code 2) without a terminal, `INTERRUPTED` if the user leaves a question
 */
export async function setUpClient(
  options: ClientSetup,
  context: SetupContext,
  test: ServerTest = testServer,
): Promise<ClientAnswers | undefined> {
  checkGiven(options);
  const { cwd, onEvent } = context;
  const existing = await findUpwards(cwd, CLIENT_CONFIG_FILE);
  const isGiven = (options.distribution ?? options.serverUrl) !== undefined;
  if (existing !== undefined && !options.reconfigure && !isGiven) {
    onEvent({ kind: "client_exists", path: existing });
    return undefined;
  }
  const present = existing === undefined ? {} : await readClientAnswers(existing);
  const answers = givenAnswers(options, present);
  if (answers?.serverUrl !== undefined) {
    const { serverUrl: url } = answers;
    const reason = await test(url, context);
    if (reason !== undefined) onEvent({ kind: "server_failed", url, reason });
  }
  const path = existing ?? join(await manifestFolder(cwd) ?? cwd, CLIENT_CONFIG_FILE);
  const backend = await findBackendOfClient(dirname(path));
  if (answers?.distribution === "workspace" && backend === undefined) {
    onEvent({ kind: "no_backend", reason: NO_BACKEND });
  }
  const all = answers ?? await ask(options, { present, backend }, context, test);
  const text = existing === undefined
    ? formatClientFile(all)
    : await updateClientFile(existing, all);
  await writeConfigFile(path, text);
  onEvent({ kind: "client_written", path, text, distribution: all.distribution });
  return all;
}

function checkGiven({ distribution, serverUrl }: ClientSetup): void {
  if (serverUrl === undefined) return;
  const problem = serverUrlProblem(serverUrl);
  if (problem !== undefined) throw invalidServerUrl(problem);
  if (distribution === "workspace") throw serverUrlWithWorkspace();
}

// Undefined if a question is open.
function givenAnswers(
  { distribution, serverUrl, acceptsDefaults }: ClientSetup,
  present: PresentAnswers,
): ClientAnswers | undefined {
  if (distribution === "workspace") return { distribution, serverUrl: undefined };
  if ((distribution ?? serverUrl) === undefined) return undefined;
  const fallback = acceptsDefaults ? DEFAULT_SERVER_URL : undefined;
  const url = serverUrl ?? present.serverUrl ?? fallback;
  return url === undefined ? undefined : { distribution: "server", serverUrl: url };
}

async function ask(
  { distribution, acceptsDefaults }: ClientSetup,
  { present, backend }: { readonly present: PresentAnswers; readonly backend: string | undefined },
  { cwd, env, openPrompter }: SetupContext,
  test: ServerTest,
): Promise<ClientAnswers> {
  if (acceptsDefaults || openPrompter === undefined) throw clientSetupNeeded();
  return await withPrompter(
    openPrompter,
    (prompter) =>
      askClientQuestions(prompter, {
        distribution,
        present,
        backend: backend === undefined ? undefined : writtenPath(cwd, backend),
        test: (url) => test(url, { cwd, env }),
      }),
  );
}

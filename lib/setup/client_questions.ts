import type { Distribution } from "../project/mod.ts";
import type { ClientAnswers, PresentAnswers } from "./client_file.ts";
import type { Choice, Prompter } from "./prompter.ts";
import { DEFAULT_SERVER_URL, serverUrlProblem } from "./server_url.ts";

const CHOICES: readonly Choice<Distribution>[] = [
  { value: "workspace", explanation: "(default): pyrpc dev on the backend writes them here" },
  { value: "server", explanation: ": fetched from a running server with npx pyrpc sync" },
];

/** Options of {@link askClientQuestions}. */
export interface ClientQuestions {
  /** The distribution, if it is known: it is not asked for then. */
  readonly distribution: Distribution | undefined;
  /** Values of the present file, which are the defaults. */
  readonly present: PresentAnswers;
  /** Tests a server's URL. Returns the problem, or undefined. */
  readonly test: (url: string) => Promise<string | undefined>;
}

/** Asks about a client. */
export async function askClientQuestions(
  prompter: Prompter,
  { distribution: given, present, test }: ClientQuestions,
): Promise<ClientAnswers> {
  prompter.intro("pyRPC Setup", "Let's configure the client of a pyRPC backend.");
  const initial = present.distribution === "server" ? "server" : "workspace";
  const distribution = given ??
    await prompter.select("How are types distributed?", CHOICES, initial);
  const serverUrl = distribution === "server"
    ? await askServerUrl(prompter, present.serverUrl ?? DEFAULT_SERVER_URL, test)
    : undefined;
  prompter.outro("That is all");
  return { distribution, serverUrl };
}

async function askServerUrl(
  prompter: Prompter,
  initial: string,
  test: ClientQuestions["test"],
): Promise<string> {
  let serverUrl = initial;
  while (true) {
    serverUrl = await prompter.text(
      "Server URL",
      serverUrl,
      (answer) => Promise.resolve(serverUrlProblem(answer)),
    );
    const problem = await prompter.during(`Asking ${serverUrl}`, test(serverUrl));
    if (problem === undefined) return serverUrl;
    prompter.note(problem);
    if (await prompter.confirm("Use this address anyway?", false)) return serverUrl;
  }
}

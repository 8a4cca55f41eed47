import { type Distribution, DISTRIBUTIONS } from "../project/mod.ts";
import type { ClientAnswers, PresentAnswers } from "./client_file.ts";
import type { Choice, Prompter } from "./prompter.ts";
import { DEFAULT_SERVER_URL, serverUrlProblem } from "./server_url.ts";

/** The choices; each names what happens and what it needs. */
function choicesFor(backend: string | undefined): readonly Choice<Distribution>[] {
  return [
    {
      value: "workspace",
      explanation: backend === undefined
        ? ": pyrpc dev on the backend writes them here; its pyrpc.json must list this folder"
        : `: pyrpc dev on the backend writes them here, as configured in ${backend}`,
    },
    {
      value: "server",
      explanation: ": npx pyrpc sync fetches them from the backend; it has to be running",
    },
  ];
}

/** Options of {@link askClientQuestions}. */
export interface ClientQuestions {
  /** The distribution, if it is known: it is not asked for then. */
  readonly distribution: Distribution | undefined;
  /** Values of the present file, which are the defaults. */
  readonly present: PresentAnswers;
  /** The display path of the `pyrpc.json` that names this client. */
  readonly backend: string | undefined;
  /** Tests a server's URL. Returns the problem, or undefined. */
  readonly test: (url: string) => Promise<string | undefined>;
}

/** Asks about a client. */
export async function askClientQuestions(
  prompter: Prompter,
  { distribution: given, present, backend, test }: ClientQuestions,
): Promise<ClientAnswers> {
  prompter.intro("pyRPC Setup", "Let's configure the client of a pyRPC backend.");
  const distribution = given ?? await askDistribution(prompter, present, backend);
  const serverUrl = distribution === "server"
    ? await askServerUrl(prompter, present.serverUrl ?? DEFAULT_SERVER_URL, test)
    : undefined;
  prompter.outro("Done");
  return { distribution, serverUrl };
}

async function askDistribution(
  prompter: Prompter,
  present: PresentAnswers,
  backend: string | undefined,
): Promise<Distribution> {
  const usual = backend === undefined ? "server" : "workspace";
  let initial = DISTRIBUTIONS.find((value) => value === present.distribution) ?? usual;
  while (true) {
    const distribution = await prompter.select(
      "How are types distributed?",
      choicesFor(backend),
      initial,
    );
    if (distribution === "server" || backend !== undefined) return distribution;
    prompter.note(NO_BACKEND);
    if (await prompter.confirm("Use workspace anyway?", false)) return distribution;
    initial = "server";
  }
}

/** No `pyrpc.json` names the client. */
export const NO_BACKEND =
  "No pyrpc.json in a parent or sibling folder lists this client, so nothing would write its types. " +
  "Set up the backend first, in its folder: pyrpc init --distribution workspace --client-root FOLDER-OF-THIS-CLIENT";

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

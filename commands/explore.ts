import {
  argument,
  defineCommand,
  EXPLORE_ORIGINS,
  PROXY_FLAGS,
  SERVING_FLAGS,
  SOURCE_FLAGS,
  toggle,
} from "../lib/cli/mod.ts";
import type { Console } from "../lib/runtime/mod.ts";

const { explorer: _, ...UPSTREAM_FLAGS } = PROXY_FLAGS;

const FLAGS = {
  open: toggle("Open the explorer in the browser"),
  ...UPSTREAM_FLAGS,
  ...SERVING_FLAGS,
  ...SOURCE_FLAGS,
};

/** `pyrpc explore`: serves the explorer for an upstream server. */
export const exploreCommand = defineCommand({
  summary: "Browse, call and trace a server's procedures in the browser",
  description:
    "Serves the explorer at /explorer and forwards its calls to the server at URL, which need not allow CORS. Also shows\n" +
    "the calls of other clients that use this address.",
  examples: [
    {
      command: "pyrpc explore http://localhost:8000 --port 9000",
      does: "open http://localhost:9000",
    },
    { command: "pyrpc explore http://localhost:8000 --open", does: "open the browser, too" },
  ],
  flags: FLAGS,
  args: [argument("URL", "The upstream server")],
  async run({ console }, flags, url) {
    const { consoleView, serveMock } = await import("../lib/mock_session/mod.ts");
    const explorer = true;
    const text = consoleView(console, { ...flags, title: "pyrpc explore", explorer });
    const view: typeof text = flags.open
      ? {
        ...text,
        listening(urls, ...rest) {
          text.listening(urls, ...rest);
          void openExplorer(urls[0] ?? "", console).then((isOpen) => {
            if (!isOpen) text.warn("no browser could be opened: open the address of the explorer");
          });
        },
      }
      : text;
    const fixed = { watch: false, lax: false, random: false, register: false };
    const options = { ...flags, ...fixed, explorer, proxy: url, source: url };
    return view.served(await serveMock({ ...options, origins: EXPLORE_ORIGINS }, console, view));
  },
});

async function openExplorer(url: string, { env }: Console): Promise<boolean> {
  const { openInBrowser } = await import("../lib/process/mod.ts");
  return await openInBrowser(new URL("/explorer", url).href, env);
}

import type { Console } from "../lib/runtime/mod.ts";
import {
  defineCommand,
  EXPLORE_ORIGINS,
  PROXY_FLAGS,
  type ProxyFlags,
  SERVING_FLAGS,
  type ServingFlags,
  SOURCE_FLAGS,
  type SourceFlags,
} from "../lib/cli/mod.ts";

interface Flags extends SourceFlags, ServingFlags, Omit<ProxyFlags, "explorer"> {}

const { explorer: _, ...FLAGS } = PROXY_FLAGS;

/** `pyrpc explore`: the explorer's page before a real server. */
export const exploreCommand = defineCommand<Flags, [url: string]>({
  summary: "See, try and watch the procedures of a real server in a browser",
  description:
    "Serves the explorer at /explorer, and passes its calls on to the server at URL: upstream's adapters send no CORS\n" +
    "headers under FastAPI, so a page of another origin could not call them. Calls of others that come through are shown too.",
  examples: [
    {
      command: "pyrpc explore http://localhost:8000 --port 9000",
      does: "open http://localhost:9000",
    },
  ],
  parameters: {
    flags: { ...FLAGS, ...SERVING_FLAGS, ...SOURCE_FLAGS },
    positional: {
      kind: "tuple",
      parameters: [{ brief: "The real server", placeholder: "URL", parse: String }],
    },
  },
  async run(console: Console, flags: Flags, url: string) {
    const { runMock } = await import("./_run_mock.ts");
    return await runMock(
      console,
      {
        ...flags,
        proxy: url,
        explorer: true,
        watch: false,
        lax: false,
        random: false,
        register: false,
      },
      url,
      { title: "pyrpc explore", origins: EXPLORE_ORIGINS },
    );
  },
});

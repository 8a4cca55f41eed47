import {
  argument,
  defineCommand,
  EXPLORE_ORIGINS,
  PROXY_FLAGS,
  SERVING_FLAGS,
  SOURCE_FLAGS,
} from "../lib/cli/mod.ts";

const { explorer: _, ...UPSTREAM_FLAGS } = PROXY_FLAGS;

const FLAGS = { ...UPSTREAM_FLAGS, ...SERVING_FLAGS, ...SOURCE_FLAGS };

/** `pyrpc explore`: the explorer's page before a real server. */
export const exploreCommand = defineCommand({
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
  flags: FLAGS,
  args: [argument("URL", "The upstream server")],
  async run({ console }, flags, url) {
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

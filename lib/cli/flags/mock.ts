import {
  file,
  type FlagValues,
  grouped,
  repeatable,
  shellCommand,
  text,
  toggle,
  url,
} from "./builders.ts";
import { NATS_FLAGS } from "./nats.ts";
import { depth } from "./openrpc.ts";
import { REGISTER_FLAGS } from "./register.ts";
import { SELECTION_FLAGS } from "./selection.ts";
import { SERVING_FLAGS } from "./serving.ts";
import { SOURCE_FLAGS } from "./source.ts";

/** Accepts values that Pydantic converts; a flag of all servers with handlers. */
export const LAX_FLAG = toggle('Accept values that Pydantic converts, such as "1" for an int');

/** Runs a command line beside the server: a flag of the servers for tests. */
export const EXEC_FLAG = shellCommand(
  "Run a command with PYRPC_SERVER_URL set; exit with its exit code",
);

/** The flags of proxies. */
export const PROXY_FLAGS = {
  explorer: toggle("Serve the explorer at /explorer", { default: true }),
  record: file("Write the calls and their answers to this file of examples"),
  recordAppend: toggle("Add to the recording of --record instead of replacing it"),
  recordSecrets: toggle("Keep passwords, tokens and the like in recordings and dumps"),
  forwardCookies: toggle("Forward cookies to an upstream server that is not on this machine"),
  openrpcDepth: depth("Levels of recursive types in the answer to rpc.discover"),
  failOnViolation: toggle("Exit 1 at the end if the upstream server violated its contract"),
};

/** The values of {@link PROXY_FLAGS}. */
export type ProxyFlags = FlagValues<typeof PROXY_FLAGS>;

/** Every flag of `pyrpc mock`. */
export const MOCK_FLAGS = {
  handlers: file("Answer with the functions that this TypeScript or JavaScript file exports"),
  examples: file("Answer with the examples in this JSON or YAML file, where they exist"),
  exec: EXEC_FLAG,
  watch: toggle("Reload SOURCE when it changes; errors keep the previous contract"),
  proxy: url("Forward calls without handler or example to this upstream server"),
  ...grouped("Answer", {
    lax: LAX_FLAG,
    seed: text("Seed for the generated values"),
    random: toggle("Generate different values for each call"),
    latency: repeatable(
      text("Delay in milliseconds: 200, 100-400, add=100-400; repeatable", { placeholder: "rule" }),
    ),
    error: repeatable(
      text("Failures: procedure=code:probability:message, as add=-32603:0.1; repeatable", {
        placeholder: "rule",
      }),
    ),
    dump: file("Write one answer per procedure to this folder and exit", {
      placeholder: "folder",
    }),
  }),
  ...PROXY_FLAGS,
  ...SERVING_FLAGS,
  ...grouped("NATS", {
    listen: repeatable(url("Also answer at this subject, nats://host/subject; repeatable")),
    ...NATS_FLAGS,
  }),
  ...REGISTER_FLAGS,
  ...SELECTION_FLAGS,
  ...SOURCE_FLAGS,
};

/** The values of {@link MOCK_FLAGS}. */
export type MockFlags = FlagValues<typeof MOCK_FLAGS>;

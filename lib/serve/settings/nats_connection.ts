import { readFile } from "node:fs/promises";
import { resolve } from "node:path";
import { defined } from "../../defined.ts";
import type { Console } from "../../runtime/mod.ts";
import type {
  ListenAddress,
  NatsConnectionOptions,
  NatsCredentials,
  NatsEvent,
} from "../../server/mod.ts";
import { natsCredentialsUnused, natsFileUnreadable } from "../errors.ts";

/** Settings of a connection to a NATS server, as they are given on the command line. */
export interface NatsSettings {
  readonly natsCreds?: string;
  readonly caFile?: string;
  readonly clientCert?: string;
  readonly clientKey?: string;
}

/** Prints events of the connection. */
export interface NatsReporter {
  note(text: string): void;
  warn(text: string): void;
}

/** Reads credentials and certificates for the NATS servers among `addresses`; `undefined` without one. @throws ToolError */
export async function natsConnection(
  settings: NatsSettings,
  addresses: readonly ListenAddress[],
  console: Pick<Console, "cwd" | "env">,
  reporter: NatsReporter,
): Promise<NatsConnectionOptions | undefined> {
  if (addresses.every(({ transport }) => transport !== "nats")) {
    if (settings.natsCreds === undefined) return undefined;
    throw natsCredentialsUnused();
  }
  const read = (path: string) => readText(resolve(console.cwd, path));
  const readOptional = async (path: string | undefined) =>
    path === undefined ? undefined : await read(path);
  const credentials = await findCredentials(settings.natsCreds, console.env, read);
  const { caFile, clientCert, clientKey = clientCert } = settings;
  return {
    ...defined({ credentials }),
    tls: defined({
      ca: await readOptional(caFile),
      cert: await readOptional(clientCert),
      key: await readOptional(clientKey),
    }),
    onEvent: (event) => report(event, reporter),
  };
}

async function findCredentials(
  flag: string | undefined,
  env: Console["env"],
  read: (path: string) => Promise<string>,
): Promise<NatsCredentials | undefined> {
  const { NATS_CREDS, NATS_TOKEN, NATS_USER, NATS_PASSWORD } = env;
  const file = flag ?? NATS_CREDS;
  if (file) return { creds: await read(file) };
  if (NATS_TOKEN) return { token: NATS_TOKEN };
  if (NATS_USER) return { user: NATS_USER, password: NATS_PASSWORD ?? "" };
  return undefined;
}

function report(event: NatsEvent, reporter: NatsReporter): void {
  switch (event.kind) {
    case "disconnected":
      return reporter.warn(`NATS: ${event.server} is disconnected, trying again`);
    case "reconnected":
      return reporter.note(`NATS: reconnected to ${event.server}`);
    case "error":
      return reporter.warn(`NATS: ${event.message}`);
  }
}

async function readText(path: string): Promise<string> {
  try {
    return await readFile(path, "utf8");
  } catch (error) {
    throw natsFileUnreadable(path, error);
  }
}

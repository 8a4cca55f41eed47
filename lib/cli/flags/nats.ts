import { readFile } from "node:fs/promises";
import { resolve } from "node:path";
import type { TypedFlagParameter } from "@stricli/core";
import { ExitCode, ToolError, usageError } from "../../errors.ts";
import type { Console } from "../../runtime/mod.ts";
import type {
  ListenAddress,
  NatsConnectionOptions,
  NatsCredentials,
  NatsEvent,
} from "../../server/mod.ts";
import type { CliContext } from "../define.ts";
import type { SourceFlags } from "./source.ts";
import type { Reporter } from "../output/reporter.ts";

/** What commands that serve over NATS take besides `--listen`. */
export interface NatsFlags {
  readonly natsCreds?: string;
}

/** {@link NatsFlags} as data. */
export const NATS_FLAGS: {
  readonly natsCreds: TypedFlagParameter<string | undefined, CliContext>;
} = {
  natsCreds: {
    kind: "parsed",
    parse: String,
    brief: "Log in at the NATS server with this .creds file; else NATS_CREDS, NATS_TOKEN, " +
      "NATS_USER and NATS_PASSWORD are asked",
    optional: true,
    placeholder: "file",
  },
};

/** How the NATS servers of `descriptions` are connected to; nothing where there is none. @throws ToolError */
export async function natsConnection(
  flags: NatsFlags & Pick<SourceFlags, "caFile" | "clientCert" | "clientKey">,
  descriptions: readonly ListenAddress[],
  console: Console,
  say: Reporter,
): Promise<{ readonly nats?: NatsConnectionOptions }> {
  if (descriptions.every(({ transport }) => transport !== "nats")) {
    if (flags.natsCreds === undefined) return {};
    throw usageError("--nats-creds is only for --listen nats://host/subject");
  }
  const read = (path: string) => readText(resolve(console.cwd, path));
  const credentials = await findCredentials(flags.natsCreds, console.env, read);
  const { caFile, clientCert, clientKey = clientCert } = flags;
  return {
    nats: {
      ...(credentials === undefined ? {} : { credentials }),
      tls: {
        ...(caFile === undefined ? {} : { ca: await read(caFile) }),
        ...(clientCert === undefined ? {} : { cert: await read(clientCert) }),
        ...(clientKey === undefined ? {} : { key: await read(clientKey) }),
      },
      onEvent: (event) => tell(event, say),
    },
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

function tell(event: NatsEvent, say: Reporter): void {
  switch (event.kind) {
    case "disconnected":
      return say.warn(`NATS: ${event.server} is gone, trying again`);
    case "reconnected":
      return say.note(`NATS: back at ${event.server}`);
    case "error":
      return say.warn(`NATS: ${event.message}`);
  }
}

async function readText(path: string): Promise<string> {
  try {
    return await readFile(path, "utf8");
  } catch (error) {
    throw new ToolError({
      code: "NATS_FILE_UNREADABLE",
      message: `Cannot read a file for NATS: ${(error as Error).message}`,
      where: path,
      exitCode: ExitCode.Config,
      cause: error,
    });
  }
}

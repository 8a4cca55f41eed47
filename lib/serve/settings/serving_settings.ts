import { resolve } from "node:path";
import { defined } from "../../defined.ts";
import { type AllowedOrigins, allowedOrigins, type OriginPolicy } from "../../origins.ts";
import { findCorsOrigins } from "../../project/mod.ts";
import { DEFAULT_MESSAGE_LIMITS, type MessageLimits } from "../../rpc/mod.ts";
import type { Console } from "../../runtime/mod.ts";
import {
  anyAuthenticator,
  type Authenticator,
  basicAuthenticator,
  certificateWarnings,
  type HttpLimits,
  type ListenAddress,
  loadPasswords,
  loadTls,
  type TlsFiles,
  type TlsOptions,
  tokenAuthenticator,
} from "../../server/mod.ts";
import { credentialsNeedHeaders, tlsNeedsBoth, tokenVariableNotSet } from "../errors.ts";

/** Settings of every listener, as they are given on the command line. Paths are relative to the working folder. */
export interface ServingOptions {
  readonly corsOrigin?: readonly string[];
  readonly allowedHost?: readonly string[];
  readonly tlsKey?: string;
  readonly tlsCert?: string;
  readonly tlsCa?: string;
  readonly sslKeyfile?: string;
  readonly sslCertfile?: string;
  readonly sslCafile?: string;
  readonly authTokenEnv?: string;
  readonly authBasicFile?: string;
  readonly maxBody?: number;
  readonly maxBatch?: number;
  readonly maxDepth?: number;
  readonly maxConnections?: number;
  readonly headersTimeout?: number;
  readonly requestTimeout?: number;
  readonly idleTimeout?: number;
}

/** {@link ServingOptions} with the files and variables that they name read. */
export interface ServingSettings {
  readonly origins: AllowedOrigins;
  readonly limits: Partial<HttpLimits>;
  readonly messageLimits: MessageLimits;
  readonly allowedHosts?: readonly string[];
  readonly tls?: TlsOptions;
  readonly authenticator?: Authenticator;
  /** Texts about certificates that are not valid. */
  readonly warnings: readonly string[];
}

/** Reads keys, certificates, passwords, tokens and the configured origins. @throws ToolError */
export async function loadServingSettings(
  options: ServingOptions,
  console: Pick<Console, "cwd" | "env" | "now">,
  policy: OriginPolicy,
): Promise<ServingSettings> {
  const { maxBody, maxConnections, headersTimeout, requestTimeout, idleTimeout } = options;
  const { maxBatch, maxDepth } = DEFAULT_MESSAGE_LIMITS;
  const configuredOrigins = policy === "any" ? [] : await findCorsOrigins(console.cwd);
  const authenticator = await authenticatorOf(options, console);
  const files = tlsFiles(options, console.cwd);
  const tls = files === undefined ? undefined : await loadTls(files);
  return {
    warnings: files === undefined || tls === undefined
      ? []
      : certificateWarnings(files, tls, console.now()),
    origins: allowedOrigins(policy, options.corsOrigin, configuredOrigins),
    limits: defined({ maxBody, maxConnections, headersTimeout, requestTimeout, idleTimeout }),
    messageLimits: {
      maxBatch: options.maxBatch ?? maxBatch,
      maxDepth: options.maxDepth ?? maxDepth,
    },
    ...defined({
      allowedHosts: options.allowedHost,
      tls,
      authenticator,
    }),
  };
}

async function authenticatorOf(
  { authTokenEnv, authBasicFile }: ServingOptions,
  { cwd, env }: Pick<Console, "cwd" | "env">,
): Promise<Authenticator | undefined> {
  const authenticators: Authenticator[] = [];
  if (authTokenEnv !== undefined) {
    const token = env[authTokenEnv]?.trim();
    if (token === undefined || token === "") throw tokenVariableNotSet(authTokenEnv);
    authenticators.push(tokenAuthenticator(token));
  }
  if (authBasicFile !== undefined) {
    authenticators.push(basicAuthenticator(await loadPasswords(resolve(cwd, authBasicFile))));
  }
  return authenticators.length === 0 ? undefined : anyAuthenticator(authenticators);
}

function tlsFiles(options: ServingOptions, cwd: string): TlsFiles | undefined {
  const key = options.tlsKey ?? options.sslKeyfile;
  const cert = options.tlsCert ?? options.sslCertfile;
  const ca = options.tlsCa ?? options.sslCafile;
  if (key === undefined && cert === undefined && ca === undefined) return undefined;
  if (key === undefined || cert === undefined) throw tlsNeedsBoth();
  return {
    key: resolve(cwd, key),
    cert: resolve(cwd, cert),
    ca: ca === undefined ? undefined : resolve(cwd, ca),
  };
}

/** Refuses tokens and passwords on transports without headers. @throws ToolError `USAGE` */
export function refuseAuthenticator(
  { authenticator }: Pick<ServingSettings, "authenticator">,
  addresses: readonly ListenAddress[],
): void {
  const transports = addresses.map(({ transport }) => transport)
    .filter((transport) => transport !== "http" && transport !== "ws");
  if (authenticator === undefined || transports.length === 0) return;
  throw credentialsNeedHeaders(transports.includes("nats"));
}

/** A warning for an address that other machines can reach. */
export function reachableWarning(
  host: string,
  { authenticator }: Pick<ServingSettings, "authenticator">,
): string {
  const who = authenticator === undefined ? "anyone who reaches it" : "anyone who can log in";
  return `Listening on ${host}: ${who} can call it, not only this machine`;
}

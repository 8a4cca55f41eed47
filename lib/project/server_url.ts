import { isServerUrl } from "../rpc_url.ts";
import { environmentUrlInvalid } from "./errors.ts";

/** The environment variable with the address of the server. It has precedence over `pyrpc-client.json`. */
export const SERVER_URL_VARIABLE = "PYRPC_SERVER_URL";

/**
 * Returns the address of the server in the environment.
 *
 * Only an address: as a SOURCE, another word would be a Python module, which is code that runs.
 *
 * @throws ToolError `SERVER_URL_INVALID`
 */
export function serverUrlOfEnvironment(
  env: Readonly<Record<string, string | undefined>>,
): string | undefined {
  const url = env[SERVER_URL_VARIABLE];
  if (url === undefined || url === "") return undefined;
  if (isServerUrl(url)) return url;
  throw environmentUrlInvalid(SERVER_URL_VARIABLE);
}

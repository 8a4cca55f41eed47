import { CLIENT_CONFIG_FILE } from "./client_config.ts";
import { corsOriginsOf } from "./cors_origins.ts";
import { findUpwards } from "./find_file.ts";
import { readJsonFile } from "./json_file.ts";
import { PROJECT_FILE } from "./project_file.ts";

/** The `cors_origins` of the nearest `pyrpc.json` and `pyrpc-client.json`, in a folder or above it. */
export async function findCorsOrigins(from: string): Promise<readonly string[]> {
  const origins: string[] = [];
  for (const name of [PROJECT_FILE, CLIENT_CONFIG_FILE]) {
    const path = await findUpwards(from, name);
    if (path === undefined) continue;
    origins.push(...corsOriginsOf(await readJsonFile(path)).map(({ value }) => value));
  }
  return origins;
}

import * as fs from "node:fs";
import { dirname, join } from "node:path";
import { CLIENT_FILE } from "../client/mod.ts";
import { readNamedClient, upwards } from "./client_project.ts";

const LOCK_FILES = [
  ["pnpm-lock.yaml", "pnpm add"],
  ["pnpm-workspace.yaml", "pnpm add"],
  ["yarn.lock", "yarn add"],
  ["bun.lock", "bun add"],
  ["bun.lockb", "bun add"],
] as const;

/** The command that installs what a client needs to call the backend; undefined if it has a client already. */
export function missingClient(root: string, types: string): string | undefined {
  const { manifest, workspace } = readNamedClient(root);
  if (manifest === undefined) return undefined;
  const isListed = [...manifest.dependencies].some((name) =>
    /^@pyrpc\/(client|react|next|vue|svelte)$/.test(name)
  );
  if (isListed || fs.existsSync(join(dirname(types), CLIENT_FILE))) return undefined;
  for (const folder of upwards(root)) {
    if (fs.existsSync(join(folder, "node_modules", "@pyrpc", "client"))) return undefined;
    if (folder === workspace) break;
  }
  const command =
    LOCK_FILES.find(([file]) =>
      [root, workspace].some((folder) => fs.existsSync(join(folder, file)))
    )?.[1] ?? "npm install";
  return `${command} @pyrpc/client`;
}

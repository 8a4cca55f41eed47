import { mkdir, readFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { valueOf } from "../json/mod.ts";
import { programCommand } from "../process/workers/mod.ts";
import {
  editJson,
  fieldOf,
  MCP_CONFIGS,
  MCP_ENTRY,
  type McpClient,
  parseJsonFile,
  writeConfigFile,
} from "../project/mod.ts";
import type { Console } from "../runtime/mod.ts";
import { clientConfigUnreadable } from "./errors.ts";

/** An entry in a client's configuration. */
export interface InstalledEntry {
  /** Absolute path of the configuration. */
  readonly path: string;
  /** The whole configuration with the entry. */
  readonly text: string;
  /** True if the configuration has the same entry already. */
  readonly isCurrent: boolean;
}

/**
 * Plans the entry of this executable in a client's configuration of a project; other entries and comments stay.
 *
 * @throws ToolError if the configuration is not a JSON object
 */
export async function planEntry(
  client: McpClient,
  { cwd, program }: Pick<Console, "cwd" | "program">,
  args: readonly string[],
): Promise<InstalledEntry> {
  const { file, servers } = MCP_CONFIGS[client];
  const path = join(cwd, file);
  const before = await readFile(path, "utf8").catch(() => undefined);
  const text = before === undefined || before.trim() === "" ? "{}\n" : before;
  const list = fieldOf(parseJsonFile(path, text), servers);
  const present = list === undefined ? undefined : valueOf(list.node);
  if (
    present !== undefined &&
    (typeof present !== "object" || present === null || Array.isArray(present))
  ) {
    throw clientConfigUnreadable(path, servers);
  }
  // The absolute path of this executable: `pyrpc` may be the command of pyrpc-core.
  const [command, ...rest] = programCommand(program ?? "");
  const type = client === "vscode" ? { type: "stdio" } : {};
  // Members that the user added stay, such as `env`.
  const { url: _, type: __, command: ___, args: ____, ...own } = entryOf(present);
  const value = { ...type, command, args: [...rest, ...args], ...own };
  const after = editJson(text, [{ path: [servers, MCP_ENTRY], value }]);
  return { path, text: after, isCurrent: after === before };
}

function entryOf(servers: unknown): Record<string, unknown> {
  const entry = (servers as Record<string, unknown> | undefined)?.[MCP_ENTRY];
  return typeof entry === "object" && entry !== null ? { ...entry } : {};
}

/** Writes a planned entry. @throws ToolError */
export async function writeEntry({ path, text, isCurrent }: InstalledEntry): Promise<void> {
  if (isCurrent) return;
  await mkdir(dirname(path), { recursive: true });
  await writeConfigFile(path, text);
}

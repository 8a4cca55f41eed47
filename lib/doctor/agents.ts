import { existsSync } from "node:fs";
import { isAbsolute, join } from "node:path";
import { isProgram, programsOnPath } from "../process/mod.ts";
import {
  fieldOf,
  MCP_CLIENTS,
  MCP_CONFIGS,
  MCP_ENTRY,
  type McpClient,
  readJsonFile,
} from "../project/mod.ts";
import type { LoadContext } from "../source/mod.ts";
import { type Diagnosis, runProbe } from "./diagnosis.ts";

/** Probes the entries of `pyrpc mcp` in the configurations of coding agents. */
export async function probeAgents(
  { cwd, env }: Pick<LoadContext, "cwd" | "env">,
): Promise<readonly Diagnosis[]> {
  const diagnoses: Diagnosis[] = [];
  for (const client of MCP_CLIENTS) {
    const { file } = MCP_CONFIGS[client];
    if (!existsSync(join(cwd, file))) continue;
    const { diagnoses: found } = await runProbe("mcp", async () => {
      const diagnosis = await probeClient(client, cwd, env);
      return { diagnoses: diagnosis === undefined ? [] : [diagnosis] };
    });
    diagnoses.push(...found);
  }
  return diagnoses;
}

async function probeClient(
  client: McpClient,
  cwd: string,
  env: LoadContext["env"],
): Promise<Diagnosis | undefined> {
  const { file, servers } = MCP_CONFIGS[client];
  const config = await readJsonFile(join(cwd, file));
  const list = fieldOf(config, servers);
  const entry = list === undefined ? undefined : fieldOf(config, MCP_ENTRY, list);
  if (entry === undefined) return undefined;
  const command = fieldOf(config, "command", entry)?.value;
  const fix = [`pyrpc mcp --install ${client}`];
  if (typeof command !== "string" || command === "") {
    return { check: "mcp", status: "broken", message: `${file} has no command for pyrpc`, fix };
  }
  if (!await exists(command, env)) {
    return {
      check: "mcp",
      status: "broken",
      message: `${file} names ${command}, which is missing`,
      fix,
    };
  }
  // The command of pyrpc-core has the same name and arguments, but is another server.
  if (!isAbsolute(command)) {
    const message = `${file} runs whatever ${command} is first on PATH`;
    return { check: "mcp", status: "warning", message, fix };
  }
  return { check: "mcp", status: "ok", message: `${file} runs ${command}` };
}

async function exists(command: string, env: LoadContext["env"]): Promise<boolean> {
  if (isAbsolute(command)) return await isProgram(command);
  return (await programsOnPath(command, env).next()).done === false;
}

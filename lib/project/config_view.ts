import { hideCredentials } from "../hide_credentials.ts";
import { SERVER_URL_VARIABLE } from "./server_url.ts";
import { findBelow, findUpwards } from "./find_file.ts";
import { CLIENT_CONFIG_FILE } from "./client_config.ts";
import { fieldNames, fieldOf, readJsonFile } from "./json_file.ts";
import { loadProject } from "./load_project.ts";
import type { EffectiveValue } from "./project.ts";
import { PROJECT_FILE, type ProjectFormat } from "./project_file.ts";
import type { SettingSources } from "./project_settings.ts";

/** The effective settings of a project and their origins. */
export interface ConfigView {
  /** Absolute path of the file, or null. */
  readonly file: string | null;
  readonly format: ProjectFormat | null;
  readonly complete: boolean;
  /** Folders directly below that have a `pyrpc.json`; empty if this folder or one above has its own. */
  readonly below: readonly string[];
  readonly values: readonly EffectiveValue[];
  readonly clients: readonly string[];
  readonly warnings: readonly string[];
  readonly client: { readonly file: string; readonly values: readonly EffectiveValue[] } | null;
}

/** Reads the effective settings of the backend and the client in a folder. */
export async function viewConfig(options: SettingSources): Promise<ConfigView> {
  const path = await findUpwards(options.cwd, PROJECT_FILE);
  const state = await loadProject(options);
  const client = await viewClient(options);
  const below = path === undefined ? await findBelow(options.cwd, PROJECT_FILE) : [];
  if (state.kind === "incomplete") {
    return {
      file: path ?? null,
      format: state.file?.format ?? null,
      complete: false,
      below,
      values: state.values,
      clients: [],
      warnings: [],
      client,
    };
  }
  const { format, values, clients, warnings } = state.project;
  return {
    file: path ?? null,
    format: path === undefined ? null : format,
    complete: true,
    below,
    values,
    clients: clients.map(({ root }) => root),
    warnings,
    client,
  };
}

async function viewClient({ cwd, env }: SettingSources): Promise<ConfigView["client"]> {
  const path = await findUpwards(cwd, CLIENT_CONFIG_FILE);
  if (path === undefined) return null;
  const file = await readJsonFile(path);
  const values = fieldNames(file).filter((name) => name !== "$schema").flatMap((name) => {
    const field = fieldOf(file, name);
    if (field === undefined) return [];
    const { value, node, position } = field;
    const shown = typeof value === "string" || typeof value === "number"
      ? value
      : file.text.slice(node.offset, node.offset + node.length);
    return [{
      name,
      value: typeof shown === "string" ? hideCredentials(shown) : shown,
      from: `${CLIENT_CONFIG_FILE}:${position.line}`,
    }];
  });
  const serverUrl = env[SERVER_URL_VARIABLE];
  if (!serverUrl) return { file: path, values };
  const override = {
    name: "server_url",
    value: hideCredentials(serverUrl),
    from: `environment ${SERVER_URL_VARIABLE}`,
  };
  return { file: path, values: [...values.filter(({ name }) => name !== "server_url"), override] };
}

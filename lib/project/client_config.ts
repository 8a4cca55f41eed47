import { dirname } from "node:path";
import { narrowSelection, type Selection } from "../contract/mod.ts";
import { type ClientTarget, readTarget } from "./client_target.ts";
import { distributionMissing, serverUrlMissing } from "./errors.ts";
import { findUpwards } from "./find_file.ts";
import {
  elementsOf,
  fieldOf,
  type JsonField,
  type JsonFile,
  readJsonFile,
  textOf,
  wrongChoice,
  wrongValue,
} from "./json_file.ts";
import type { Distribution } from "./project_file.ts";
import { selectionIn } from "./selection.ts";
import { refuseMisspelled } from "./unknown_members.ts";

/** The name of a client's configuration file. */
export const CLIENT_CONFIG_FILE = "pyrpc-client.json";

/** One backend of a client. */
export interface ClientServer {
  /** The name for `--server`; undefined if the file has one backend only. */
  readonly name: string | undefined;
  readonly url: string;
  readonly target: ClientTarget | undefined;
  /** The procedures whose types the client gets. */
  readonly selection: Selection;
}

/** The content of a `pyrpc-client.json`. */
export interface ClientConfig {
  /** Absolute path of the file. */
  readonly path: string;
  /** Its folder; paths in the file are relative to it. */
  readonly folder: string;
  readonly distribution: Distribution;
  /** The target in a file with one backend. */
  readonly target: ClientTarget | undefined;
  /** The procedures whose types the client gets, whatever the backend. */
  readonly selection: Selection;
  /** Never empty with `server` distribution. */
  readonly servers: readonly ClientServer[];
}

/** Options of {@link readClientConfig}. */
export interface ClientConfigOptions {
  /** The URL to use if the file has no `server_url`. */
  readonly serverUrl?: string | undefined;
}

/** Reads the nearest `pyrpc-client.json` in a folder or above it; undefined if there is no such file. */
export async function findClientConfig(
  from: string,
  options: ClientConfigOptions = {},
): Promise<ClientConfig | undefined> {
  const path = await findUpwards(from, CLIENT_CONFIG_FILE);
  return path === undefined ? undefined : await readClientConfig(path, options);
}

const CLIENT_MEMBERS = [
  "$schema",
  "distribution",
  "server_url",
  "servers",
  "target",
  "include",
  "exclude",
  "cors_origins",
];

/**
 * Reads a `pyrpc-client.json`. Unknown members are ignored.
 *
 * @throws ToolError exit code 3, with line and column
 */
export async function readClientConfig(
  path: string,
  { serverUrl }: ClientConfigOptions = {},
): Promise<ClientConfig> {
  const file = await readJsonFile(path);
  refuseMisspelled(file, CLIENT_MEMBERS);
  const folder = dirname(path);
  const distribution = readDistribution(file);
  const targetField = fieldOf(file, "target");
  const target = targetField && readTarget(file, targetField, folder);
  const url = fieldOf(file, "server_url");
  const list = fieldOf(file, "servers");
  const selection = selectionIn(file);
  const base = { path, folder, distribution, target, selection };
  if (list !== undefined) {
    const servers = readServers(file, list, { folder, selection });
    if (url !== undefined) {
      throw wrongValue(file, url, 'absent if "servers" is set', "Move it into the list");
    }
    return { ...base, servers };
  }
  if (url === undefined) {
    if (serverUrl !== undefined) {
      return { ...base, servers: [{ name: undefined, url: serverUrl, target, selection }] };
    }
    if (distribution === "server") throw serverUrlMissing(path);
    return { ...base, servers: [] };
  }
  return { ...base, servers: [{ name: undefined, url: readUrl(file, url), target, selection }] };
}

function readDistribution(file: JsonFile): Distribution {
  const field = fieldOf(file, "distribution");
  if (field === undefined) throw distributionMissing(file.path);
  const { value } = field;
  if (value !== "workspace" && value !== "server") {
    throw wrongChoice(file, field, ["workspace", "server"]);
  }
  return value;
}

function readServers(
  file: JsonFile,
  list: JsonField,
  { folder, selection }: Pick<ClientConfig, "folder" | "selection">,
): ClientServer[] {
  const elements = elementsOf(file, list);
  if (elements === undefined || elements.length === 0) {
    throw wrongValue(file, list, 'a list of { "name", "server_url", "target" }');
  }
  const names = new Set<string>();
  const targets = new Set<string>();
  return elements.map((element) => {
    if (element.node.type !== "object") {
      throw wrongValue(file, element, 'an object with "name", "server_url" and "target"');
    }
    const name = fieldOf(file, "name", element);
    const url = fieldOf(file, "server_url", element) ?? fieldOf(file, "url", element);
    if (name === undefined) throw wrongValue(file, element, 'an object with a "name"');
    if (url === undefined) throw wrongValue(file, element, 'an object with a "server_url"');
    const text = textOf(file, name, "a name");
    if (!/^[\w.-]+$/.test(text)) {
      throw wrongValue(file, name, "a name of letters, digits, dots and dashes");
    }
    if (names.has(text)) throw wrongValue(file, name, "a name of its own");
    names.add(text);
    const given = fieldOf(file, "target", element);
    const target = given === undefined
      ? { kind: "package" as const, name: `@pyrpc/${text.toLowerCase()}-types` }
      : readTarget(file, given, folder);
    const key = JSON.stringify(target);
    if (targets.has(key)) {
      throw wrongValue(file, given ?? name, "a unique target: another server has the same one");
    }
    targets.add(key);
    return {
      name: text,
      url: readUrl(file, url),
      target,
      selection: narrowSelection(selection, selectionIn(file, element)),
    };
  });
}

function readUrl(file: JsonFile, field: JsonField): string {
  const expected = "a URL such as http://localhost:8000";
  const text = textOf(file, field, expected);
  if (!URL.canParse(text) || !/^https?:$/.test(new URL(text).protocol)) {
    throw wrongValue(file, field, expected);
  }
  return text;
}

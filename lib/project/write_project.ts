import { readFile, stat } from "node:fs/promises";
import { parse } from "jsonc-parser";
import { defined } from "../defined.ts";
import { configNotReadable } from "./errors.ts";
import { editJson, fieldOf, type JsonEdit } from "./json_file.ts";
import type { SetupAnswers } from "./project.ts";
import type { ProjectFile } from "./project_file.ts";
import { writeConfigFile } from "./write_file.ts";

const SCHEMA_BASE = "https://raw.githubusercontent.com/pyrpc/toolkit/main/schemas";

/** The URL of the JSON Schema of `pyrpc.json`, which new files name. */
export const PROJECT_SCHEMA_URL = `${SCHEMA_BASE}/pyrpc.schema.json`;
/** The URL of the JSON Schema of `pyrpc-client.json`. */
export const CLIENT_SCHEMA_URL = `${SCHEMA_BASE}/pyrpc-client.schema.json`;

/** Formats a new `pyrpc.json`. Server distribution has no client root. */
export function formatProject(answers: SetupAnswers): string {
  const { framework, entry, distribution } = answers;
  const document = {
    $schema: PROJECT_SCHEMA_URL,
    version: 1,
    ...defined({ framework, entrypoint: entry }),
    ...(distribution === "server" ? {} : clientRootMember(answers)),
    ...defined({ distribution }),
  };
  return `${JSON.stringify(document, null, 2)}\n`;
}

function clientRootMember({ clientRoot }: SetupAnswers): { client_root?: string | string[] } {
  if (clientRoot === undefined || clientRoot.length === 0) return {};
  const [only] = clientRoot;
  return { client_root: clientRoot.length === 1 && only !== undefined ? only : [...clientRoot] };
}

/** Returns the text of a v1 file with answers stored; the rest stays as it is, byte for byte. */
export function updateProject(file: ProjectFile, answers: SetupAnswers): string {
  const edits: JsonEdit[] = [];
  const set = (name: string, value: unknown) => {
    if (value !== undefined) edits.push({ path: [name], value });
  };
  if (fieldOf(file.file, "version") === undefined) set("version", 1);
  if (answers.framework !== file.framework?.value) set("framework", answers.framework);
  if (answers.entry !== file.entrypoint?.value) set("entrypoint", answers.entry);
  if (answers.distribution !== file.distribution?.value) set("distribution", answers.distribution);
  const present = file.clients?.map(({ value }) => value);
  if (
    answers.clientRoot !== undefined &&
    JSON.stringify(answers.clientRoot) !== JSON.stringify(present)
  ) {
    const key = fieldOf(file.file, "client_root") === undefined &&
        fieldOf(file.file, "clients") !== undefined
      ? "clients"
      : "client_root";
    const members = answers.clientRoot.map((root) => memberOf(file, root) ?? root);
    set(key, key === "client_root" && members.length === 1 ? members[0] : members);
  }
  return edits.length === 0 ? file.file.text : editJson(file.file.text, edits);
}

// A client with its target and procedures stays as it is written.
function memberOf({ file, clients = [] }: ProjectFile, root: string): unknown {
  const node = clients.find(({ value }) => value === root)?.node;
  return node === undefined
    ? undefined
    : parse(file.text.slice(node.offset, node.offset + node.length));
}

/** Stores answers in a v1 file, or creates one. @returns true if the file was written */
export async function saveProject(
  path: string,
  file: ProjectFile | undefined,
  answers: SetupAnswers,
): Promise<boolean> {
  const text = file === undefined ? formatProject(answers) : updateProject(file, answers);
  if (file !== undefined && text === file.file.text) return false;
  await writeConfigFile(path, text);
  return true;
}

/** Replaces a file of a later format by a v1 file. @returns the path of the copy of the old file */
export async function convertProject(file: ProjectFile, answers: SetupAnswers): Promise<string> {
  const { path } = file.file;
  const copy = await freeName(`${path}.${file.format === "legacy" ? "0.10" : "0.13"}`);
  const old = await readFile(path).catch((error) => {
    throw configNotReadable(path, error);
  });
  await writeConfigFile(copy, old, path);
  await writeConfigFile(path, formatProject(answers));
  return copy;
}

async function freeName(stem: string): Promise<string> {
  for (let number = 1;; number++) {
    const name = number === 1 ? stem : `${stem}.${number}`;
    const taken = await stat(name).then(() => true, () => false);
    if (!taken) return name;
  }
}

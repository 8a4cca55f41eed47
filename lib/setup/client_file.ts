import { defined } from "../defined.ts";
import {
  CLIENT_SCHEMA_URL,
  type Distribution,
  editJson,
  fieldOf,
  readJsonFile,
} from "../project/mod.ts";

/** The answers about a client. */
export interface ClientAnswers {
  readonly distribution: Distribution;
  /** The URL of the server; undefined with workspace distribution. */
  readonly serverUrl: string | undefined;
}

/** The text of a new `pyrpc-client.json`. */
export function formatClientFile({ distribution, serverUrl }: ClientAnswers): string {
  const document = defined({ $schema: CLIENT_SCHEMA_URL, distribution, server_url: serverUrl });
  return `${JSON.stringify(document, null, 2)}\n`;
}

/** The text of an existing `pyrpc-client.json` with answers stored. */
export async function updateClientFile(
  path: string,
  { distribution, serverUrl }: ClientAnswers,
): Promise<string> {
  const edits = [{ path: ["distribution"], value: distribution }];
  const { text } = await readJsonFile(path);
  if (serverUrl === undefined) return editJson(text, edits);
  return editJson(text, [...edits, { path: ["server_url"], value: serverUrl }]);
}

/** Values of a `pyrpc-client.json`, for the defaults of the questions. */
export interface PresentAnswers {
  readonly distribution?: string;
  readonly serverUrl?: string;
}

/** Reads the answers of an existing file. */
export async function readClientAnswers(path: string): Promise<PresentAnswers> {
  const file = await readJsonFile(path);
  const text = (name: string) => {
    const value = fieldOf(file, name)?.value;
    return typeof value === "string" ? value : undefined;
  };
  return defined({ distribution: text("distribution"), serverUrl: text("server_url") });
}

import { jsonObject, valueDigest } from "./own_json.ts";

/** The file of a folder of dumped answers that names them, so that a later dump replaces no other file and no edited one. */
export const DUMP_MANIFEST = ".pyrpc-dump.json";

/** Digests of the files that a dump wrote, by their names. */
export type DumpManifest = ReadonlyMap<string, string>;

/** Reads a manifest; `undefined` where the text is none. */
export function parseDumpManifest(text: string): DumpManifest | undefined {
  const files = jsonObject(text)?.["files"];
  if (typeof files !== "object" || files === null) return undefined;
  return new Map(
    Object.entries(files).filter((entry): entry is [string, string] =>
      typeof entry[1] === "string"
    ),
  );
}

/** The manifest after a dump of these files; names in `before` that it did not write stay. */
export function formatDumpManifest(
  before: DumpManifest,
  files: readonly { readonly path: string; readonly content: string }[],
): string {
  const digests = new Map(before);
  for (const { path, content } of files) digests.set(path, valueDigest(content));
  const sorted = Object.fromEntries([...digests].sort(([a], [b]) => a < b ? -1 : 1));
  return `${JSON.stringify({ writtenBy: "pyrpc mock --dump", files: sorted }, null, 2)}\n`;
}

/** Returns true if the file is as a dump wrote it. */
export function isDumped(manifest: DumpManifest, path: string, present: string): boolean {
  return manifest.get(path) === valueDigest(present);
}

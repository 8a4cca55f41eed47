import { jsonObject, valueDigest } from "../proxy/mod.ts";

/** The file that lists the dumped answers of a folder, so that a later dump replaces only files that it wrote itself. */
export const DUMP_MANIFEST = ".pyrpc-dump.json";

/** Digests of the files that a dump wrote, by their names. */
export type DumpManifest = ReadonlyMap<string, string>;

/** Reads a manifest; `undefined` if the text is not one. */
export function parseDumpManifest(text: string): DumpManifest | undefined {
  const files = jsonObject(text)?.["files"];
  if (typeof files !== "object" || files === null) return undefined;
  return new Map(
    Object.entries(files).filter((entry): entry is [string, string] =>
      typeof entry[1] === "string"
    ),
  );
}

/** The manifest after a dump of these files; names in `before` that the dump did not write stay. */
export function formatDumpManifest(
  before: DumpManifest,
  files: readonly { readonly path: string; readonly content: string }[],
): string {
  const digests = new Map(before);
  for (const { path, content } of files) digests.set(path, valueDigest(content));
  const sorted = Object.fromEntries([...digests].sort(([a], [b]) => a < b ? -1 : 1));
  return `${JSON.stringify({ writtenBy: "pyrpc mock --dump", files: sorted }, null, 2)}\n`;
}

/** Returns true if a dump wrote the file and it has not changed since. */
export function isDumped(manifest: DumpManifest, path: string, present: string): boolean {
  return manifest.get(path) === valueDigest(present);
}

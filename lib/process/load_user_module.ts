import { Buffer } from "node:buffer";
import { mkdtemp, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { ToolError } from "../errors.ts";
import { removeQuietly } from "../remove_quietly.ts";
import { handlersNotFound, handlersNotHere, handlersNotLoaded } from "./errors.ts";

/** A loaded module of the user. */
export interface UserModule {
  readonly exports: Readonly<Record<string, unknown>>;
}

interface BunLog {
  readonly message?: string;
  readonly position?: {
    readonly file: string;
    readonly line: number;
    readonly column: number;
    readonly lineText: string;
  } | null;
}

interface BunBuild {
  build(options: {
    readonly entrypoints: readonly string[];
    readonly target: "bun";
    readonly format: "esm";
    readonly throw: false;
    readonly sourcemap: "external";
    readonly define: Readonly<Record<string, string>>;
  }): Promise<{
    readonly success: boolean;
    readonly logs: readonly BunLog[];
    readonly outputs: readonly { readonly kind: string; text(): Promise<string> }[];
  }>;
}

/**
 * Imports the current version of a user's TypeScript or JavaScript file, even if it was imported before.
 *
 * Bun (and the executable) bundles it first, so that relative and package imports work from any folder, and changes of
 * imported files are loaded. Deno imports the file itself. Node below 22 accepts JavaScript only. An executable made by
 * `deno compile` cannot load files from outside.
 *
 * @throws ToolError `HANDLERS_NOT_FOUND`, `HANDLERS_NOT_LOADED`, `HANDLERS_NOT_HERE`.
 */
export async function loadUserModule(path: string): Promise<UserModule> {
  const status = await stat(path).catch(() => undefined);
  if (status === undefined || !status.isFile()) throw handlersNotFound(path, status !== undefined);
  try {
    const bun = (globalThis as { Bun?: BunBuild }).Bun;
    if (bun !== undefined) return { exports: await importBundled(bun, path) };
  } catch (error) {
    throw error instanceof ToolError ? error : handlersNotLoaded(path, error);
  }
  const deno = (globalThis as { Deno?: { build: { standalone?: boolean } } }).Deno;
  if (deno?.build.standalone === true) throw handlersNotHere(path);
  const isTypeScript = /\.[cm]?tsx?$/.test(path);
  if (deno === undefined && isTypeScript && !nodeStripsTypes()) {
    throw handlersNotLoaded(
      path,
      new Error("This version of Node accepts JavaScript only"),
      "Write the file in JavaScript, or use the executable, Bun, Deno, or Node 22.18 or later",
    );
  }
  try {
    // A query makes it another module: the cache never drops the old one.
    const url = `${pathToFileURL(path).href}?v=${status.mtimeMs}-${loads++}`;
    return { exports: await import(url) as Record<string, unknown> };
  } catch (error) {
    throw handlersNotLoaded(path, error);
  }
}

let loads = 0;

async function importBundled(bun: BunBuild, path: string): Promise<Record<string, unknown>> {
  const url = JSON.stringify(pathToFileURL(path).href);
  const folder = JSON.stringify(dirname(path));
  const file = JSON.stringify(path);
  const built = await bun.build({
    entrypoints: [path],
    target: "bun",
    format: "esm",
    throw: false,
    sourcemap: "external",
    // The bundle is elsewhere, but the module must find the files beside its source.
    define: {
      "import.meta.url": url,
      "import.meta.dirname": folder,
      "import.meta.dir": folder,
      "import.meta.filename": file,
      "import.meta.path": file,
      "__dirname": folder,
      "__filename": file,
    },
  });
  const [text, map] = await Promise.all(
    ["entry-point", "sourcemap"].map((kind) =>
      built.outputs.find((output) => output.kind === kind)?.text()
    ),
  );
  if (!built.success || text === undefined || map === undefined) {
    throw new Error(built.logs.map(logLine).join("\n") || "it cannot be bundled");
  }
  const bundleFolder = await mkdtemp(join(tmpdir(), "pyrpc-handlers-"));
  try {
    const bundle = join(bundleFolder, "handlers.mjs");
    await writeFile(bundle, `${text}\n${inlineMap(map)}\n`, { mode: 0o600 });
    return await import(pathToFileURL(bundle).href) as Record<string, unknown>;
  } finally {
    removeQuietly(bundleFolder);
  }
}

/** Formats the source map as a comment, with which Bun names the user's files in stack traces. */
function inlineMap(text: string): string {
  const map = JSON.parse(text) as { readonly sources: readonly string[] };
  // Bun's paths are relative to the working folder, but are resolved beside the bundle.
  const sources = map.sources.map((source) => resolve(source));
  const encoded = Buffer.from(JSON.stringify({ ...map, sources })).toString("base64");
  return `//# sourceMappingURL=data:application/json;base64,${encoded}`;
}

function logLine(log: BunLog): string {
  const { message = String(log), position } = log;
  if (!position?.file) return message;
  return `${position.file}:${position.line}:${position.column}: ${message}\n  ${position.lineText.trim()}`;
}

function nodeStripsTypes(): boolean {
  const features = (globalThis as { process?: { features?: { typescript?: unknown } } }).process
    ?.features;
  return features?.typescript !== undefined && features.typescript !== false;
}

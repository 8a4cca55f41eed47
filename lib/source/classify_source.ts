import { statSync } from "node:fs";
import { resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { defined } from "../defined.ts";
import { fileNotFound, notASource, sourceIsDirectory, unsupportedScheme } from "./errors.ts";

/** A SOURCE argument by its kind. */
export type ClassifiedSource =
  | { readonly kind: "stdin" }
  | { readonly kind: "url"; readonly url: string }
  /** `path` is absolute and exists. */
  | { readonly kind: "file"; readonly path: string }
  /** `module` as in Python's `import`; `app` is the attribute behind the colon. */
  | { readonly kind: "module"; readonly module: string; readonly app?: string };

const NAME = String.raw`[\p{ID_Start}_][\p{ID_Continue}]*`;
const MODULE = new RegExp(
  `^(${NAME}(?:\\.${NAME})*)(?::(${NAME}(?:\\.${NAME})*(?:\\(.*\\))?))?$`,
  "u",
);
const SCHEME = /^([a-z][a-z0-9+.-]+):\/\//i;
const HOST_AND_PORT = /^(?:[\w-]+(?:\.[\w-]+)*|\[[0-9a-f:]+\]):\d{1,5}(?:\/|$)/i;

/**
 * Decides the kind of a SOURCE argument: `-` is standard input; `http://…` and `https://…` are URLs; an existing path
 * is a file; a slash or the ending `.json` means a file that does not exist; `pkg.mod`, `pkg.mod:app` and `pkg.mod:create_app()` are
 * Python modules.
 *
 * @throws ToolError for everything else, with a suggestion
 */
export function classifySource(source: string, cwd: string): ClassifiedSource {
  if (source === "-") return { kind: "stdin" };
  const scheme = SCHEME.exec(source)?.[1]?.toLowerCase();
  if (scheme === "http" || scheme === "https") return { kind: "url", url: source };
  if (scheme !== undefined && scheme !== "file") throw unsupportedScheme(scheme);
  const path = scheme === "file" ? filePath(source) : resolve(cwd, source);

  const module = MODULE.exec(source);
  const status = source === "" ? undefined : statusOf(path);
  // A package's folder has the same name as the module: `app` is the module, `./app` is the folder.
  if (status !== undefined && !(status.isDirectory() && module !== null)) {
    if (status.isDirectory()) throw sourceIsDirectory(source);
    if (/\.pyw?$/i.test(source)) throw notASource(source, moduleOfFile(source));
    return { kind: "file", path };
  }
  if (module?.[2]?.endsWith(")")) return moduleSource(module);
  if (/\.pyw?$/i.test(source)) throw fileNotFound(source, `Is it the module "${dotted(source)}"`);
  if (HOST_AND_PORT.test(source)) throw notASource(source, `Use a full URL: http://${source}`);
  if (scheme === "file" || /[\\/]/.test(source) || /\.jsonc?$/i.test(source)) {
    throw fileNotFound(source);
  }
  if (module === null) throw notASource(source);
  return moduleSource(module);
}

function moduleSource([, module = "", app]: RegExpExecArray): ClassifiedSource {
  return { kind: "module", module, ...defined({ app }) };
}

function filePath(source: string): string {
  try {
    return fileURLToPath(source);
  } catch {
    throw notASource(
      source,
      "A file URL has three slashes and an absolute path: file:///folder/schema.json",
    );
  }
}

function statusOf(path: string) {
  try {
    return statSync(path);
  } catch {
    // Missing, or below a path that is not a folder: it cannot be read either way.
    return undefined;
  }
}

function moduleOfFile(source: string): string {
  return `That is a Python source file: use its module name, "${dotted(source)}"`;
}

function dotted(source: string): string {
  return source.replace(/\.pyw?$/i, "").replace(/^(?:\.?[\\/])+/, "").replace(/[\\/]+/g, ".");
}

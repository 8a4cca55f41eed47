import { ExitCode } from "../errors.ts";
import { type Contract, parseContract } from "../contract/mod.ts";
import { classifySource } from "./classify_source.ts";
import type { HttpContext, HttpOptions } from "../http/mod.ts";
import { parseDocument } from "./parse_document.ts";
import { readBoundedFile, readBoundedStdin } from "./read_input.ts";

/** How a SOURCE is loaded; the flags that every command with one has. */
export interface LoadOptions extends HttpOptions {
  /** The Python interpreter for a module. */
  readonly python?: string | undefined;
  /** Whether an error in a module shows the whole traceback. */
  readonly verbose?: boolean | undefined;
  /** What a module prints while it is imported, in pieces as they come. @default dropped */
  readonly onOutput?: (text: string) => void;
}

/** What loading needs of the outside world; a `Console` is one. */
export interface LoadContext extends HttpContext {
  readonly stdin: { readAll(maxBytes: number): Promise<Uint8Array> };
}

/** A contract and where it came from. */
export interface LoadedSource {
  readonly kind: "file" | "stdin" | "url" | "module";
  readonly contract: Contract;
  /** For people: an absolute path, a URL without secrets, `standard input` or a module. */
  readonly where: string;
  /** The server's, for the next conditional request. */
  readonly etag?: string;
  /** What is odd without being an error, each one line. */
  readonly notices?: readonly string[];
  /** Procedures that a module has and the contract has not, each one line: the answer is not whole. */
  readonly problems?: readonly string[];
}

const DEFAULT_MAX_BYTES = 64 * 2 ** 20;

/**
 * Loads a contract from what a user gives as SOURCE: a schema file, `-` for standard input, a server's URL, or a Python
 * module. See `classifySource` for how they are told apart.
 *
 * @throws ToolError exit code 2 for a source that has no meaning, 3 for a file, 4 for Python, 5 for a server.
 */
export async function loadSource(
  source: string,
  options: LoadOptions,
  context: LoadContext,
): Promise<LoadedSource> {
  const classified = classifySource(source, context.cwd);
  const maxBytes = options.maxBytes ?? DEFAULT_MAX_BYTES;
  switch (classified.kind) {
    case "url": {
      const { loadUrl } = await import("./load_url.ts");
      const loaded = await loadUrl(classified.url, options, context);
      if ("notModified" in loaded) {
        throw new Error("A server answered 304 to an unconditional request");
      }
      return loaded;
    }
    case "module": {
      const { loadModule } = await import("./module/mod.ts");
      return await loadModule(classified, options, context);
    }
    case "stdin": {
      const where = "standard input";
      const bytes = await readBoundedStdin(context.stdin, maxBytes);
      return { kind: "stdin", where, contract: fromBytes(bytes, where) };
    }
    case "file": {
      const bytes = await readBoundedFile(classified.path, maxBytes);
      return { kind: "file", where: classified.path, contract: fromBytes(bytes, classified.path) };
    }
  }
}

/**
 * Like {@link loadSource} for a URL that is asked again and again: `undefined` when the server says, by the ETag of the
 * last answer, that nothing has changed.
 */
export async function loadSourceIfChanged(
  source: string,
  etag: string | undefined,
  options: LoadOptions,
  context: LoadContext,
): Promise<LoadedSource | undefined> {
  const classified = classifySource(source, context.cwd);
  if (classified.kind !== "url" || etag === undefined) {
    return await loadSource(source, options, context);
  }
  const { loadUrl } = await import("./load_url.ts");
  const loaded = await loadUrl(classified.url, options, context, etag);
  return "notModified" in loaded ? undefined : loaded;
}

function fromBytes(bytes: Uint8Array, where: string): Contract {
  return parseContract(parseDocument(bytes, { where, exitCode: ExitCode.Config }), { where });
}

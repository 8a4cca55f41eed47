import { ExitCode } from "../errors.ts";
import { classifySource } from "./classify_source.ts";
import { decodeDocument, type DecodeDocumentOptions } from "./parse_document.ts";
import { parseSource } from "./parse_source.ts";
import { readBoundedFile, readBoundedStdin } from "./read_input.ts";
import type { LoadContext, LoadedSource, LoadOptions } from "./types.ts";

const DEFAULT_MAX_BYTES = 64 * 2 ** 20;

/**
 * Loads a contract from a SOURCE argument: a schema file, `-` for standard input, a server's URL, or a Python module.
 * `classifySource` decides which of them it is.
 *
 * @throws ToolError exit code 2 for a malformed source, 3 for a file, 4 for Python, 5 for a server
 */
export async function loadSource(
  source: string,
  options: LoadOptions,
  context: LoadContext,
): Promise<LoadedSource> {
  const classified = classifySource(source, context.cwd);
  const maxBytes = options.maxBytes ?? DEFAULT_MAX_BYTES;
  const parsing = { exitCode: ExitCode.Config, marksFloats: options.marksFloats ?? false };
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
      const options = { ...parsing, where };
      const text = await textOf(readBoundedStdin(context.stdin, maxBytes), options);
      return { kind: "stdin", where, ...parseSource(text, options) };
    }
    case "file": {
      const where = classified.path;
      const options = { ...parsing, where };
      const text = await textOf(readBoundedFile(classified.path, maxBytes), options);
      return { kind: "file", where, ...parseSource(text, options) };
    }
  }
}

// A function of its own, so that nothing refers to the bytes any more when their text is parsed.
async function textOf(
  bytes: Promise<Uint8Array>,
  options: DecodeDocumentOptions,
): Promise<string> {
  return decodeDocument(await bytes, options);
}

/**
 * Like {@link loadSource}, for polling a URL.
 *
 * @returns undefined if the contract has not changed since the answer with this ETag
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

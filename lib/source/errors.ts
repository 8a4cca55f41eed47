import { ExitCode, formatBytes, type SourcePosition, ToolError } from "../errors.ts";

export { fileUnreadable, serverError } from "../errors.ts";

/** SOURCE is a URL of a scheme that is not spoken. */
export function unsupportedScheme(scheme: string): ToolError {
  return new ToolError({
    code: "SOURCE_SCHEME",
    message: `Cannot load a contract over "${scheme}:"`,
    fix: "Give an http:// or https:// URL, a file, - for standard input, or a Python module",
    exitCode: ExitCode.Usage,
  });
}

/** SOURCE has none of the shapes that a source can have. */
export function notASource(source: string, fix?: string): ToolError {
  return new ToolError({
    code: "SOURCE_UNKNOWN",
    message: `Not a file, URL or Python module: ${JSON.stringify(source)}`,
    fix: fix ??
      "Give a schema file, an http:// or https:// URL, - for standard input, or a module such as app.main",
    exitCode: ExitCode.Usage,
  });
}

/** SOURCE is written as a file and there is none. */
export function fileNotFound(source: string, fix?: string): ToolError {
  return new ToolError({
    code: "SOURCE_FILE_MISSING",
    message: `File not found: ${JSON.stringify(source)}`,
    fix: fix ?? 'Check the path, or make the file: "pyrpc pull URL -o schema.json"',
    exitCode: ExitCode.Config,
  });
}

/** SOURCE is a folder. */
export function sourceIsDirectory(source: string): ToolError {
  return new ToolError({
    code: "SOURCE_IS_FOLDER",
    message: `Expected a schema file, found a folder: ${JSON.stringify(source)}`,
    fix: "Give the schema file inside it, or the Python module as in app.main",
    exitCode: ExitCode.Config,
  });
}

/** The document is larger than the bound. */
export function documentTooLarge(where: string, maxBytes: number, exitCode: ExitCode): ToolError {
  return new ToolError({
    code: "SOURCE_TOO_LARGE",
    message: `The document is larger than ${formatBytes(maxBytes)}`,
    where,
    fix: "Is this the right source? --max-size allows more",
    exitCode,
  });
}

/** The document holds nothing. */
export function documentEmpty(where: string, exitCode: ExitCode): ToolError {
  return new ToolError({
    code: "SOURCE_EMPTY",
    message: "Expected a contract as JSON, found an empty document",
    where,
    fix: "Give what GET /rpc of a pyRPC server answers",
    exitCode,
  });
}

/** The document is not UTF-8; `offset` is that of the first wrong byte. */
export function notUtf8(where: string, found: string, exitCode: ExitCode): ToolError {
  return new ToolError({
    code: "SOURCE_NOT_UTF8",
    message: `Expected JSON in UTF-8, found ${found}`,
    where,
    fix: "Save the document as UTF-8",
    exitCode,
  });
}

/** The document is not JSON, or not JSON that can be read safely. */
export function notJson(
  { where, problem, position, exitCode, code = "SOURCE_NOT_JSON", fix }: {
    where: string;
    problem: string;
    position?: SourcePosition | undefined;
    exitCode: ExitCode;
    code?: string;
    fix?: string;
  },
): ToolError {
  return new ToolError({ code, message: problem, where, position, fix, exitCode });
}

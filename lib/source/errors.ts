import { ExitCode, formatBytes, serverError, type SourcePosition, ToolError } from "../errors.ts";

/** SOURCE is a URL with an unsupported scheme. */
export function unsupportedScheme(scheme: string): ToolError {
  return new ToolError({
    code: "SOURCE_SCHEME",
    message: `Cannot load a contract over "${scheme}:"`,
    fix: "Use an http:// or https:// URL, a file, - for standard input, or a Python module",
    exitCode: ExitCode.Usage,
  });
}

/** SOURCE is not a file, URL or module. */
export function notASource(source: string, fix?: string): ToolError {
  return new ToolError({
    code: "SOURCE_UNKNOWN",
    message: `Not a file, URL or Python module: ${JSON.stringify(source)}`,
    fix: fix ??
      "Use a schema file, an http:// or https:// URL, - for standard input, or a module such as app.main",
    exitCode: ExitCode.Usage,
  });
}

/** SOURCE is a path, and the file does not exist. */
export function fileNotFound(source: string, fix?: string): ToolError {
  return new ToolError({
    code: "SOURCE_FILE_MISSING",
    message: `File not found: ${JSON.stringify(source)}`,
    fix: fix ?? 'Check the path, or create the file: "pyrpc pull URL -o schema.json"',
    exitCode: ExitCode.Config,
  });
}

/** SOURCE is a folder. */
export function sourceIsDirectory(source: string): ToolError {
  return new ToolError({
    code: "SOURCE_IS_FOLDER",
    message: `Expected a schema file, found a folder: ${JSON.stringify(source)}`,
    fix: "Use the schema file in it, or a Python module such as app.main",
    exitCode: ExitCode.Config,
  });
}

/** The document is larger than the limit. */
export function documentTooLarge(where: string, maxBytes: number, exitCode: ExitCode): ToolError {
  return new ToolError({
    code: "SOURCE_TOO_LARGE",
    message: `The document is larger than ${formatBytes(maxBytes)}`,
    where,
    fix: "Check the source, or raise the limit with --max-size",
    exitCode,
  });
}

/** The document is empty. */
export function documentEmpty(where: string, exitCode: ExitCode): ToolError {
  return new ToolError({
    code: "SOURCE_EMPTY",
    message: "Expected a contract as JSON, found an empty document",
    where,
    fix: "Use the response of a pyRPC server to GET /rpc",
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

/** The server answered `GET /rpc` with a web page; `body` is its beginning. */
export function answeredWithHtml(where: string, body: readonly string[]): ToolError {
  return serverError({
    code: "SERVER_NOT_JSON",
    message: "Expected a contract as JSON, but the server answered with HTML (status 200)",
    where,
    details: body,
    fix: "Check that this is the backend's address, not the frontend's: pyRPC answers at /rpc",
  });
}

/** The server answered a call with something that is not a pyRPC answer; `details` show its beginning. */
export function notACallAnswer(where: string, details: readonly string[]): ToolError {
  return serverError({
    code: "SERVER_NOT_PYRPC",
    message: "Expected a response to a call (id, result, error), found something else",
    where,
    details,
    fix: "Check the URL, and that pyRPC is mounted there",
  });
}

/** An error of a document with lines of the answer that contained it. */
export function withAnswer(error: ToolError, details: readonly string[]): ToolError {
  const { code, message, where, fix, position } = error;
  const exitCode = ExitCode.Server;
  return new ToolError({ code, message, where, fix, position, details, exitCode, cause: error });
}

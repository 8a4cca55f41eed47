import { ExitCode, ToolError } from "../errors.ts";

/** Two functions under one name. */
export function duplicateMethod(name: string): ToolError {
  return new ToolError({
    code: "SERVER_METHOD_TWICE",
    message: `Name "${name}" is already registered`,
    fix: "Give one of the two functions another name.",
    exitCode: ExitCode.Config,
  });
}

/** A function without a name and none given. */
export function methodHasNoName(): ToolError {
  return new ToolError({
    code: "SERVER_METHOD_NAMELESS",
    message: "A function without a name cannot be called from outside",
    fix: "Name it: addMethod(fn, name).",
    exitCode: ExitCode.Config,
  });
}

/** A schema that is no JSON Schema and cannot state one. */
export function schemaStatesNothing(where: string, cause?: unknown): ToolError {
  return new ToolError({
    code: "SERVER_SCHEMA_UNKNOWN",
    message: "A schema is no JSON Schema and cannot state one",
    where,
    fix: "Use JSON Schema, or a library whose schemas state it, such as Zod 4.2 or later.",
    details: cause instanceof Error ? [cause.message] : [],
    exitCode: ExitCode.Config,
    cause,
  });
}

/** The address cannot be listened on. */
export function cannotListen(url: string, error: NodeJS.ErrnoException): ToolError {
  const taken = error.code === "EADDRINUSE";
  return new ToolError({
    code: taken ? "SERVER_ADDRESS_TAKEN" : "SERVER_CANNOT_LISTEN",
    message: taken ? "Something else listens there already" : `Cannot listen: ${error.message}`,
    where: url,
    fix: !taken
      ? undefined
      : url.startsWith("unix:")
      ? "Choose another path, or remove what is there"
      : "Choose another port with --port; 0 takes any free one",
    exitCode: ExitCode.Server,
    cause: error,
  });
}

/** A handlers file without anything that can be called. */
export function handlersExportNothing(where: string): ToolError {
  return new ToolError({
    code: "HANDLERS_EMPTY",
    message: "The handlers file exports no function and no described procedure",
    where,
    fix: "Export a function by the procedure's name: export function add(a, b) { return a + b; }",
    exitCode: ExitCode.Config,
  });
}

/** Key, certificate or authority cannot be read or do not go together. */
export function tlsUnusable(where: string, cause: unknown): ToolError {
  return new ToolError({
    code: "SERVER_TLS_UNUSABLE",
    message: `TLS cannot be set up: ${cause instanceof Error ? cause.message : String(cause)}`,
    where,
    fix: "Key and certificate are PEM files that belong to one another.",
    exitCode: ExitCode.Config,
    cause,
  });
}

/** The file of names and passwords cannot be used. */
export function passwordsUnusable(where: string, problem: string): ToolError {
  return new ToolError({
    code: "SERVER_PASSWORDS_UNUSABLE",
    message: `The file of names and passwords cannot be used: ${problem}`,
    where,
    fix: "One name:password a line; empty lines and lines that begin with # are skipped.",
    exitCode: ExitCode.Config,
  });
}

/** The NATS server is away, is none, or does not let us in. */
export function natsUnreachable(url: string, error: Error): ToolError {
  const isLogin = error.name === "AuthorizationError" ||
    /authoriz|authenticat/i.test(error.message);
  return new ToolError({
    code: isLogin ? "SERVER_NATS_REFUSED" : "SERVER_NATS_UNREACHABLE",
    message: isLogin
      ? `The NATS server does not let us in: ${error.message}`
      : `Cannot connect to the NATS server: ${error.message}`,
    where: url,
    fix: isLogin
      ? "Set NATS_CREDS (a file), NATS_TOKEN, or NATS_USER and NATS_PASSWORD, or give --nats-creds FILE."
      : "Start the server, or check host, port and --ca-file.",
    exitCode: ExitCode.Server,
    cause: error,
  });
}

/** The NATS server does not let us subscribe. */
export function natsRefused(url: string, error: Error): ToolError {
  return new ToolError({
    code: "SERVER_NATS_REFUSED",
    message: `The NATS server does not let us serve the subject: ${error.message}`,
    where: url,
    fix:
      "Ask for permission to subscribe to the subject and to SUBJECT.schema, and to publish to _INBOX.>.",
    exitCode: ExitCode.Server,
    cause: error,
  });
}

/** The text of a `.creds` file holds no credentials. */
export function natsCredentialsUnusable(error: Error): ToolError {
  return new ToolError({
    code: "SERVER_NATS_CREDENTIALS",
    message: `The credentials for NATS cannot be used: ${error.message}`,
    fix: "A .creds file holds a JWT and the seed of its key, as nsc writes it.",
    exitCode: ExitCode.Config,
    cause: error,
  });
}

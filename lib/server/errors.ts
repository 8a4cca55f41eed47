import { platform } from "node:os";
import { ExitCode, ToolError, usageError } from "../errors.ts";

/** The address cannot be listened on. */
export function cannotListen(
  url: string,
  error: NodeJS.ErrnoException,
  system: string = platform(),
): ToolError {
  const taken = error.code === "EADDRINUSE";
  return new ToolError({
    code: taken ? "SERVER_ADDRESS_TAKEN" : "SERVER_CANNOT_LISTEN",
    message: taken ? "Another program already listens there" : `Cannot listen: ${error.message}`,
    where: url,
    fix: !taken
      ? system === "win32" && url.startsWith("unix:")
        ? "Use a named pipe: unix:\\\\.\\pipe\\pyrpc"
        : undefined
      : url.startsWith("unix:")
      ? "Choose another path, or remove what is there"
      : "Choose another port with --port; 0 selects a free one",
    exitCode: ExitCode.Server,
    cause: error,
  });
}

/** Key, certificate or authority cannot be read or do not match. */
export function tlsUnusable(
  where: string,
  cause: unknown,
  fix = "Key and certificate must be PEM files that belong together",
): ToolError {
  return new ToolError({
    code: "SERVER_TLS_UNUSABLE",
    message: `TLS cannot be set up: ${cause instanceof Error ? cause.message : String(cause)}`,
    where,
    fix,
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
    fix: "One name:password per line; empty lines and lines that begin with # are skipped",
    exitCode: ExitCode.Config,
  });
}

/** The NATS server cannot be reached or refuses the login. */
export function natsUnreachable(url: string, error: Error): ToolError {
  const isLogin = error.name === "AuthorizationError" ||
    /authoriz|authenticat/i.test(error.message);
  return new ToolError({
    code: isLogin ? "SERVER_NATS_REFUSED" : "SERVER_NATS_UNREACHABLE",
    message: isLogin
      ? `The NATS server rejected the credentials: ${error.message}`
      : `Cannot connect to the NATS server: ${error.message}`,
    where: url,
    fix: isLogin
      ? "Set NATS_CREDS (a file), NATS_TOKEN, or NATS_USER and NATS_PASSWORD, or pass --nats-creds FILE"
      : "Start the server, or check host, port and --ca-file",
    exitCode: ExitCode.Server,
    cause: error,
  });
}

/** The NATS server refuses the subscription. */
export function natsRefused(url: string, error: Error): ToolError {
  return new ToolError({
    code: "SERVER_NATS_REFUSED",
    message: `The NATS server refused the subscription to the subject: ${error.message}`,
    where: url,
    fix:
      "Ask for permission to subscribe to the subject and to SUBJECT.schema, and to publish to _INBOX.>",
    exitCode: ExitCode.Server,
    cause: error,
  });
}

/** The text of a `.creds` file does not contain credentials. */
export function natsCredentialsUnusable(error: Error): ToolError {
  return new ToolError({
    code: "SERVER_NATS_CREDENTIALS",
    message: `The credentials for NATS cannot be used: ${error.message}`,
    fix: "A .creds file contains a JWT and the seed of its key, as written by nsc",
    exitCode: ExitCode.Config,
    cause: error,
  });
}

/** The URL of `--listen` is not an address to listen on; `shown` contains no secret. */
export function notAListenUrl(shown: string): ToolError {
  return usageError(
    `Cannot listen on "${shown}"`,
    "Write http://127.0.0.1:8000/rpc, ws://127.0.0.1:8001/ws, tcp://127.0.0.1:4000?framing=length, " +
      "unix:///tmp/rpc.sock, zmq://127.0.0.1:5555, nats://127.0.0.1:4222/subject or stdio:",
  );
}

/** The URL of a NATS subject cannot be used; `shown` contains no secret. */
export function notANatsUrl(shown: string): ToolError {
  return usageError(
    `Cannot serve at "${shown}"`,
    "Write nats://host:4222/subject or nats+tls://host/subject, with ?queue=NAME for a queue group " +
      "of another name; subject and name are words with dots between them",
  );
}

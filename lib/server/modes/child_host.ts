import type { ChildProcess } from "node:child_process";
import { Socket } from "node:net";
import type { Duplex } from "node:stream";
import type { ConnectionInfo, ServeConnection } from "../connection.ts";
import { settledWithin } from "../settled_within.ts";
import {
  type ConnectionHost,
  type HostedEnd,
  type HostReports,
  isOver,
  isPlainSocket,
  type PlainConnectionInfo,
  plainInfo,
} from "./mode.ts";
import { reporter, type ReportOne } from "./reporter.ts";
import { joinStreams } from "./port_stream.ts";
import { stdioConnection } from "./stdio_mode.ts";

interface ToChild {
  readonly kind: "serve";
  readonly info: PlainConnectionInfo;
  /** Whether the socket itself comes with this message; otherwise the bytes come through standard input. */
  readonly handsOver: boolean;
}

type FromChild = { readonly kind: "ready" } | {
  readonly kind: "report";
  readonly reports: HostReports;
};

/**
 * A child process as a host of one connection. A plain socket is handed over (Node, Deno and Bun can, the executable as well), so that
 * the child alone reads and writes it; anything else (TLS, WebSocket) stays here and its bytes go through pipes.
 *
 * @param child started with `stdio: ["pipe", "pipe", …, "ipc"]`
 */
export function childHost(
  child: ChildProcess,
  { onReports }: { readonly onReports?: ((reports: HostReports) => void) | undefined } = {},
): ConnectionHost {
  let isAlive = true;
  let connections = 0;
  let failure = "";
  // A socket that is sent before the child listens is lost on some runtimes.
  const ready = new Promise<void>((resolve) => {
    child.on("message", (given: unknown) => {
      const message = given as FromChild | null;
      if (message?.kind === "ready") resolve();
      else if (message?.kind === "report") onReports?.(message.reports);
    });
  });
  const ended = new Promise<void>((resolve) => {
    child.on("error", (error) => failure = error.message);
    child.on("exit", (code, signal) => {
      isAlive = false;
      // Ctrl+C at a terminal interrupts children as well, perhaps before this process hears of it.
      if (code !== 0 && signal !== "SIGINT" && failure === "") {
        failure = signal === null
          ? `the child ended with code ${code}`
          : `the child was ended by ${signal}`;
      }
      resolve();
    });
    child.on("error", () => {
      // A program that cannot be started has no exit.
      if (child.pid === undefined) {
        isAlive = false;
        resolve();
      }
    });
  });
  child.stdin?.on("error", () => {});
  child.stdout?.on("error", () => {});

  return {
    get connections() {
      return connections;
    },
    get isAlive() {
      return isAlive;
    },
    async serve(connection, info): Promise<HostedEnd> {
      if (!isAlive) {
        connection.destroy();
        return { reason: "died", message: failure };
      }
      connections++;
      const plain = plainInfo(info);
      const onAbort = () => void child.kill("SIGTERM");
      info.signal.addEventListener("abort", onAbort, { once: true });
      await Promise.race([ready, ended]);
      if (!isAlive || isOver(connection)) {
        connection.destroy();
      } else if (isPlainSocket(connection)) {
        child.send(
          { kind: "serve", info: plain, handsOver: true } satisfies ToChild,
          connection,
          (error) => {
            if (error !== null && error !== undefined) child.kill("SIGKILL");
          },
        );
        await ended;
        connection.destroy();
      } else {
        child.send({ kind: "serve", info: plain, handsOver: false } satisfies ToChild);
        const pipes = stdioConnection(child.stdout!, child.stdin!);
        pipes.on("finish", () => child.stdin!.end());
        const joined = joinStreams(connection, pipes);
        // What the child wrote last may come after its end.
        const output = new Promise<void>((resolve) => child.stdout!.once("end", resolve));
        await ended;
        await settledWithin([output], 1000);
        pipes.push(null);
        if (!connection.writableEnded) connection.end();
        const timer = setTimeout(() => connection.destroy(), 1000);
        pipes.destroy();
        await joined;
        clearTimeout(timer);
      }
      info.signal.removeEventListener("abort", onAbort);
      connections--;
      return failure === "" ? { reason: "closed" } : { reason: "died", message: failure };
    },
    async close() {
      if (isAlive) child.kill("SIGKILL");
      await ended;
    },
  };
}

/** What a child has of its parent: messages, each perhaps with a socket, and the end. */
export interface ParentLink {
  /** Resolves when the message has left. */
  send(message: unknown): Promise<void>;
  onMessage(handler: (message: unknown, socket: unknown) => void): void;
  onEnd(handler: () => void): void;
  /** This process's standard streams, which carry the bytes where no socket is handed over. */
  readonly input: NodeJS.ReadStream;
  readonly output: NodeJS.WriteStream;
}

/** The other side: serves in this child the one connection that its parent hands in, then resolves. The caller ends the process. */
export function serveInChild(
  parent: ParentLink,
  build: (report: ReportOne) => Promise<ServeConnection>,
): Promise<void> {
  let sent: Promise<unknown> = Promise.resolve();
  const reports = reporter((reports) => {
    sent = Promise.all([sent, parent.send({ kind: "report", reports } satisfies FromChild)]);
  });
  const serving = build(reports.add);
  serving.catch(() => {});
  return new Promise((resolve, reject) => {
    // Without a parent there is nothing to serve.
    parent.onEnd(resolve);
    parent.onMessage((given, socket) => {
      const message = given as ToChild | null;
      if (message?.kind !== "serve") return;
      const connection = message.handsOver
        ? socket
        : stdioConnection(parent.input, parent.output, { endsWithOutput: true });
      if (!isDuplex(connection)) return resolve();
      connection.on("error", () => {});
      if (connection instanceof Socket) connection.setNoDelay(true);
      const info: ConnectionInfo = { ...message.info, signal: new AbortController().signal };
      serving.then((serve) => isOver(connection) ? undefined : serve(connection, info)).then(() =>
        ended(connection)
      ).then(
        () => {
          // The process ends with its connection: what it has to tell leaves first.
          reports.flush();
          return sent.then(() => resolve());
        },
      ).catch(reject);
    });
  });
}

function isDuplex(value: unknown): value is Duplex {
  return typeof value === "object" && value !== null && "write" in value;
}

/** Resolves when what was written has left. */
function ended(connection: Duplex): Promise<void> {
  if (connection.destroyed || connection.writableFinished) return Promise.resolve();
  return new Promise((resolve) => {
    connection.once("close", resolve);
    connection.once("finish", resolve);
    connection.end();
  });
}

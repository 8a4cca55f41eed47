import { Socket } from "node:net";
import type { Duplex } from "node:stream";
import type { ConnectionInfo, ServeConnection } from "../connection.ts";
import type { FromChild, ToChild } from "./child_messages.ts";
import { isOver } from "./mode.ts";
import { type ReportOne, reportQueue } from "./report_queue.ts";
import { stdioConnection } from "./stdio_mode.ts";

/** A child's link to its parent: messages, which may carry a socket. */
export interface ParentLink {
  /** Resolves when the message was sent. */
  send(message: unknown): Promise<void>;
  onMessage(handler: (message: unknown, socket: unknown) => void): void;
  /** Standard streams of this process, which carry the bytes if no socket is handed over. */
  readonly input: NodeJS.ReadStream;
  readonly output: NodeJS.WriteStream;
}

/** Serves in this child the one connection that its parent hands over, then resolves. The caller ends the process. */
export function serveInChild(
  parent: ParentLink,
  build: (report: ReportOne) => Promise<ServeConnection>,
): Promise<void> {
  let sent: Promise<unknown> = Promise.resolve();
  const reports = reportQueue((reports) => {
    sent = Promise.all([sent, parent.send({ kind: "report", reports } satisfies FromChild)]);
  });
  const serving = build(reports.add);
  serving.catch(() => {});
  return new Promise((resolve, reject) => {
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
          // The process ends with its connection: reports are sent first.
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

/** Resolves when all output was sent. */
function ended(connection: Duplex): Promise<void> {
  if (connection.destroyed || connection.writableFinished) return Promise.resolve();
  return new Promise((resolve) => {
    connection.once("close", resolve);
    connection.once("finish", resolve);
    connection.end();
  });
}

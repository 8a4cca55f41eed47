import type { ChildProcess } from "node:child_process";
import type { Socket } from "node:net";
import type { Duplex } from "node:stream";
import type { ConnectionInfo } from "../connection.ts";
import { settledWithin } from "../settled_within.ts";
import type { FromChild, ToChild } from "./child_messages.ts";
import {
  type ConnectionHost,
  type HostedEnd,
  type HostReports,
  isOver,
  isPlainSocket,
  type PlainConnectionInfo,
  plainInfo,
} from "./mode.ts";
import { joinStreams } from "./port_stream.ts";
import { stdioConnection } from "./stdio_mode.ts";

/** Options of {@link childHost}. */
export interface ChildHostOptions {
  readonly onReports?: ((reports: HostReports) => void) | undefined;
}

/**
 * Makes a child process the host of one connection. A plain socket is handed over, so that the child alone reads and
 * writes it; any other connection (TLS, WebSocket) stays here and its bytes go through pipes.
 *
 * @param child started with `stdio: ["pipe", "pipe", …, "ipc"]`
 */
export function childHost(child: ChildProcess, options: ChildHostOptions = {}): ConnectionHost {
  return new ChildHost(child, options);
}

const CLOSE_MS = 1000;

class ChildHost implements ConnectionHost {
  readonly #child: ChildProcess;
  /** The child listens: a socket that is sent earlier is lost on some engines. */
  readonly #ready: Promise<void>;
  readonly #ended: Promise<void>;
  #isAlive = true;
  #connections = 0;
  #failure = "";

  constructor(child: ChildProcess, { onReports }: ChildHostOptions) {
    this.#child = child;
    this.#ready = new Promise((resolve) => {
      child.on("message", (given: unknown) => {
        const message = given as FromChild | null;
        if (message?.kind === "ready") resolve();
        else if (message?.kind === "report") onReports?.(message.reports);
      });
    });
    this.#ended = this.#watchEnd();
    child.stdin?.on("error", () => {});
    child.stdout?.on("error", () => {});
  }

  get connections(): number {
    return this.#connections;
  }

  get isAlive(): boolean {
    return this.#isAlive;
  }

  async serve(connection: Duplex, info: ConnectionInfo): Promise<HostedEnd> {
    if (!this.#isAlive) {
      connection.destroy();
      return { reason: "died", message: this.#failure };
    }
    this.#connections++;
    const plain = plainInfo(info);
    const onAbort = () => void this.#child.kill("SIGTERM");
    info.signal.addEventListener("abort", onAbort, { once: true });
    await Promise.race([this.#ready, this.#ended]);
    if (!this.#isAlive || isOver(connection)) connection.destroy();
    else if (isPlainSocket(connection)) await this.#handOver(connection, plain);
    else await this.#forward(connection, plain);
    info.signal.removeEventListener("abort", onAbort);
    this.#connections--;
    const message = this.#failure;
    return message === "" ? { reason: "closed" } : { reason: "died", message };
  }

  async close(): Promise<void> {
    if (this.#isAlive) this.#child.kill("SIGKILL");
    await this.#ended;
  }

  /** Hands the socket to the child, which alone reads and writes it. */
  async #handOver(socket: Socket, info: PlainConnectionInfo): Promise<void> {
    const message: ToChild = { kind: "serve", info, handsOver: true };
    this.#child.send(message, socket, (error) => {
      if (error !== null && error !== undefined) this.#child.kill("SIGKILL");
    });
    await this.#ended;
    socket.destroy();
  }

  /** Forwards the bytes of the connection through the child's standard streams. */
  async #forward(connection: Duplex, info: PlainConnectionInfo): Promise<void> {
    const { stdin, stdout } = this.#child;
    if (stdin === null || stdout === null) throw new TypeError("The child has no pipes");
    const message: ToChild = { kind: "serve", info, handsOver: false };
    this.#child.send(message);
    const pipes = stdioConnection(stdout, stdin);
    pipes.on("finish", () => stdin.end());
    const joined = joinStreams(connection, pipes);
    // The child's last output may arrive after its end.
    const output = new Promise<void>((resolve) => stdout.once("end", resolve));
    await this.#ended;
    await settledWithin([output], CLOSE_MS);
    pipes.push(null);
    if (!connection.writableEnded) connection.end();
    const timer = setTimeout(() => connection.destroy(), CLOSE_MS);
    pipes.destroy();
    await joined;
    clearTimeout(timer);
  }

  #watchEnd(): Promise<void> {
    const child = this.#child;
    return new Promise((resolve) => {
      child.on("exit", (code, signal) => {
        this.#isAlive = false;
        // Ctrl+C at a terminal interrupts children too, perhaps before this process receives it.
        if (code !== 0 && signal !== "SIGINT" && this.#failure === "") {
          this.#failure = signal === null
            ? `the child exited with code ${code}`
            : `the child was terminated by ${signal}`;
        }
        resolve();
      });
      child.on("error", (error) => {
        this.#failure = error.message;
        // A program that cannot be started emits no exit.
        if (child.pid === undefined) {
          this.#isAlive = false;
          resolve();
        }
      });
    });
  }
}

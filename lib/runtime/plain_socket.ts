import { Buffer } from "node:buffer";

/** A TCP connection for small messages there and back. */
export interface PlainSocket {
  /** Whether something may be written; true while it is being opened. */
  readonly isOpen: boolean;
  /** Whether all that was written is with the system. */
  readonly isDrained: boolean;
  /** Writes text of which every character is a byte. */
  write(data: string): void;
  /** Ends it at once. Nothing is told any more. */
  destroy(): void;
}

/** Who a connection's bytes are for. */
export interface PlainSocketEvents {
  /** Told of bytes, which are valid during the call only. */
  onBytes(chunk: Buffer): void;
  /** Told that the connection has ended, or could not be opened; once at least. */
  onEnd(error?: Error): void;
}

/** Opens a connection. */
export type OpenPlainSocket = (
  host: string,
  port: number,
  events: PlainSocketEvents,
) => PlainSocket;

/** What of Bun's sockets is used here. */
interface BunSocket {
  write(data: string | Buffer, encoding?: "latin1"): number;
  setNoDelay(on: boolean): void;
  terminate(): void;
}

interface BunConnect {
  connect(options: {
    readonly hostname: string;
    readonly port: number;
    readonly socket: {
      readonly binaryType: "buffer";
      open(socket: BunSocket): void;
      data(socket: BunSocket, chunk: Buffer): void;
      drain(socket: BunSocket): void;
      end(socket: BunSocket): void;
      close(socket: BunSocket, error?: Error): void;
      error(socket: BunSocket, error: Error): void;
      connectError(socket: BunSocket, error: Error): void;
    };
  }): Promise<unknown>;
}

/**
 * The engine's own way to open connections, where it has one that costs less than `node:net`, which puts a stream between
 * the system and us.
 */
export function ownPlainSockets(): OpenPlainSocket | undefined {
  const { Bun } = globalThis as unknown as { readonly Bun?: BunConnect };
  return Bun === undefined
    ? undefined
    : (host, port, events) => new OwnSocket(Bun, host, port, events);
}

class OwnSocket implements PlainSocket {
  #socket: BunSocket | undefined;
  #isEnded = false;
  /** What the system does not take yet: Bun keeps nothing of it. */
  #waiting: Buffer[] = [];

  constructor(bun: BunConnect, host: string, port: number, events: PlainSocketEvents) {
    const ended = (error?: Error) => {
      if (this.#isEnded) return;
      this.#isEnded = true;
      this.#waiting = [];
      events.onEnd(error);
      this.#socket?.terminate();
    };
    bun.connect({
      hostname: host,
      port,
      socket: {
        binaryType: "buffer",
        open: (socket) => {
          this.#socket = socket;
          if (this.#isEnded) return socket.terminate();
          socket.setNoDelay(true);
          this.#flush(socket);
        },
        data: (_, chunk) => {
          if (!this.#isEnded) events.onBytes(chunk);
        },
        drain: (socket) => this.#flush(socket),
        end: () => ended(),
        close: (_, error) => ended(error ?? undefined),
        error: (_, error) => ended(error),
        connectError: (_, error) => ended(error),
      },
    }).catch(ended);
  }

  get isOpen(): boolean {
    return !this.#isEnded;
  }

  get isDrained(): boolean {
    return this.#waiting.length === 0;
  }

  write(data: string): void {
    if (this.#isEnded) return;
    const socket = this.#socket;
    if (socket === undefined || this.#waiting.length > 0) {
      this.#waiting.push(Buffer.from(data, "latin1"));
      return;
    }
    const taken = Math.max(0, socket.write(data, "latin1"));
    if (taken < data.length) this.#waiting.push(Buffer.from(data.slice(taken), "latin1"));
  }

  destroy(): void {
    this.#isEnded = true;
    this.#waiting = [];
    this.#socket?.terminate();
  }

  #flush(socket: BunSocket): void {
    while (this.#waiting.length > 0 && !this.#isEnded) {
      const next = this.#waiting[0]!;
      const taken = Math.max(0, socket.write(next));
      if (taken < next.length) {
        this.#waiting[0] = next.subarray(taken);
        return;
      }
      this.#waiting.shift();
    }
  }
}

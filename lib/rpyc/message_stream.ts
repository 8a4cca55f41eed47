/** The byte stream of a connection as messages, with back-pressure. */
import type { Duplex } from "node:stream";
import { FrameReader } from "./channel.ts";
import { malformedMessage } from "./errors.ts";
import { type Message, readMessage } from "./message.ts";
import type { RpycLimits } from "./options.ts";

/** Unread output of a client in bytes above which no further messages are read from it. */
const MAX_UNREAD_OUTPUT = 1024 * 1024;
/** Milliseconds to flush the last messages before the stream is destroyed. */
const FLUSH_TIMEOUT = 1000;

/** Options of {@link MessageStream}. */
export interface MessageStreamInit {
  readonly limits: RpycLimits;
  /** Number of requests in the queue. */
  readonly queued: () => number;
  /** Number of requests to the client without a reply. The stream must be read to receive the replies. */
  readonly awaited: () => number;
  readonly onMessage: (message: Message) => void;
  /** Called when the stream ends or fails. */
  readonly onEnd: (error?: unknown) => void;
}

/** Reads and writes messages. Stops reading while the queue or the output buffer is full. */
export class MessageStream {
  readonly #stream: Duplex;
  readonly #init: MessageStreamInit;
  readonly #reader: FrameReader;
  #isOpen = true;
  #isPaused = false;
  #stall: ReturnType<typeof setTimeout> | undefined;
  /** Ends a connection whose client sends nothing, which would hold a worker. */
  #silence: ReturnType<typeof setTimeout> | undefined;

  constructor(stream: Duplex, init: MessageStreamInit) {
    this.#stream = stream;
    this.#init = init;
    this.#reader = new FrameReader(init.limits.maxMessageSize);
    stream.on("error", (error) => init.onEnd(error));
    stream.on("close", () => init.onEnd());
    stream.on("end", () => init.onEnd());
    stream.on("drain", () => this.resume());
  }

  get isOpen(): boolean {
    return this.#isOpen;
  }

  /** Begins to read messages. */
  start(): void {
    // A client that disconnected before the connection was created causes no further event.
    if (this.#stream.destroyed || this.#stream.readableEnded) return this.#init.onEnd();
    const { handshakeTimeout } = this.#init.limits;
    if (handshakeTimeout > 0) {
      this.#silence = setTimeout(
        () => this.#init.onEnd(malformedMessage(`no byte for ${handshakeTimeout} ms`)),
        handshakeTimeout,
      );
    }
    this.#stream.on("data", (chunk: Uint8Array) => this.#onData(chunk));
    // The authenticator may have paused the stream.
    this.#stream.resume();
  }

  /** Writes the frame of a message; does nothing after {@link close}. */
  write(frame: Uint8Array): void {
    if (this.#isOpen) this.#stream.write(frame);
  }

  /** Continues reading if the queue and the output buffer have room again. */
  resume(): void {
    if (!this.#isPaused || !this.#isOpen) return;
    if (this.#init.queued() > this.#init.limits.maxPending / 2) return;
    if (this.#stream.writableLength > MAX_UNREAD_OUTPUT) return;
    this.#isPaused = false;
    this.#stream.resume();
    this.#readMessages();
  }

  /** Continues reading to receive the reply of the client, even if the queue is full. */
  resumeForReply(): void {
    if (!this.#isPaused) return;
    this.#isPaused = false;
    this.#stream.resume();
    queueMicrotask(() => this.#readMessages());
  }

  /**
   * Stops reading, and ends the stream after the last messages are flushed.
   *
   * @param isFailed destroys the stream without waiting for the flush
   * @returns resolves when the stream is closed
   */
  async close(isFailed: boolean): Promise<void> {
    this.#isOpen = false;
    clearTimeout(this.#stall);
    clearTimeout(this.#silence);
    const closed = new Promise<void>((resolve) => {
      if (this.#stream.closed) resolve();
      else this.#stream.once("close", resolve);
    });
    this.#stream.end();
    // A client that does not read must not keep the socket open.
    const timer = setTimeout(() => this.#stream.destroy(), isFailed ? 0 : FLUSH_TIMEOUT);
    await closed;
    clearTimeout(timer);
  }

  #onData(chunk: Uint8Array): void {
    if (!this.#isOpen) return;
    clearTimeout(this.#silence);
    this.#reader.push(chunk);
    this.#readMessages();
  }

  #readMessages(): void {
    try {
      while (this.#isOpen && !this.#pauseIfFull()) {
        if (!this.#reader.take()) break;
        this.#init.onMessage(readMessage(this.#reader));
      }
      this.#reader.release();
    } catch (error) {
      return this.#init.onEnd(error);
    }
    this.#watchStall();
  }

  #pauseIfFull(): boolean {
    const isFull = this.#init.queued() >= this.#init.limits.maxPending ||
      this.#stream.writableLength > MAX_UNREAD_OUTPUT;
    if (!isFull || this.#init.awaited() > 0) return false;
    if (!this.#isPaused) {
      this.#isPaused = true;
      this.#stream.pause();
    }
    return true;
  }

  #watchStall(): void {
    if (this.#stall !== undefined) {
      clearTimeout(this.#stall);
      this.#stall = undefined;
    }
    if (!this.#isOpen || this.#isPaused || this.#reader.pending === 0) return;
    const { stallTimeout } = this.#init.limits;
    this.#stall = setTimeout(() => {
      this.#init.onEnd(malformedMessage(`incomplete, and no byte for ${stallTimeout} ms`));
    }, stallTimeout);
  }
}

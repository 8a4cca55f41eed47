/**
 * A shorter way through `node:net` under Bun. Its streams take as long as the system does to pass on a small message; here a chunk
 * goes straight to who listens, and a write straight to the system, whenever nothing waits in between; and the loop stays awake, or
 * waits for this socket alone.
 */
import { Buffer } from "node:buffer";
import type { Socket } from "node:net";
import { staysAwake } from "../stay_awake.ts";
import { waitsForBytes } from "./wait_for_bytes.ts";

/** What of Bun's handle of a socket is used here. */
interface Handle {
  /** How many bytes the system took; negative for a failure. */
  write(bytes: Uint8Array): number;
}

/** Options of {@link hastenSocket}. */
export interface HastenOptions {
  /** Whether this process serves nothing else, so that it may wait for this socket alone. @default {false} */
  readonly isAlone?: boolean;
}

/** Hastens a socket of Bun's that carries bytes as they are; elsewhere, and for any other, nothing changes. */
export function hastenSocket<S extends Socket>(
  socket: S,
  { isAlone = false }: HastenOptions = {},
): S {
  if (!("Bun" in globalThis) || "encrypted" in socket) return socket;
  const push = socket.push.bind(socket);
  const write = socket.write.bind(socket) as (...args: unknown[]) => boolean;
  let isAnswered = false;
  const mayPassOn = () =>
    socket.readableFlowing === true && socket.readableLength === 0 && !socket.destroyed &&
    socket.listenerCount("data") > 0 && socket.readableEncoding === null;
  const emit = (chunk: Buffer) => {
    isAnswered = false;
    // A listener that pauses is heeded with the next chunk, which `push` keeps.
    socket.emit("data", chunk);
  };
  const isIdle = () =>
    isAnswered && mayPassOn() && socket.writableLength === 0 && (socket.timeout ?? 0) === 0;
  const touched = (isAlone ? waitsForBytes({ socket, isIdle, onBytes: emit }) : undefined) ??
    staysAwake();
  const passOn = (chunk: unknown, encoding?: BufferEncoding): boolean => {
    if (!(chunk instanceof Buffer) || chunk.length === 0 || !mayPassOn()) {
      return push(chunk, encoding);
    }
    emit(chunk);
    touched?.();
    return true;
  };
  const writeNow = (chunk: unknown, encoding?: unknown, done?: unknown): boolean => {
    isAnswered = true;
    if (
      encoding !== undefined || done !== undefined ||
      !(chunk instanceof Uint8Array) || chunk.length === 0 ||
      socket.writableLength > 0 || socket.writableEnded || socket.destroyed || socket.connecting ||
      socket.writableCorked > 0 || (socket.timeout ?? 0) > 0
    ) return write(chunk, encoding, done);
    const handle = Reflect.get(socket, "_handle") as Handle | null;
    const taken = typeof handle?.write === "function" ? handle.write(chunk) : 0;
    if (taken === chunk.length) return true;
    return write(taken > 0 ? chunk.subarray(taken) : chunk);
  };
  return Object.assign(socket, { push: passOn, write: writeNow });
}

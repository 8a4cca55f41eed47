/**
 * Waits for one socket's bytes in the system itself, as a program without an event loop would: a message and its answer are two
 * calls of the system then, and no turn of a loop. For a process that serves this one connection and little else.
 */
import { Buffer } from "node:buffer";
import type { Socket } from "node:net";
import process from "node:process";
import { LOOK_FOR } from "../stay_awake.ts";
import { Looking } from "./looking.ts";
import { builtIn, cLibrary, descriptorOf } from "./c_library.ts";

/**
 * Milliseconds after which the event loop has a turn, however many messages come: for timers, signals, the parent and whatever
 * handlers wait for. A turn costs as much as some messages do.
 */
const TURN = 8;
/** Milliseconds to wait for a message; Linux rounds up, to 8 at most. After that the event loop waits, which costs more. */
const WAIT = 1;
/** Room for bytes that come. Pieces of it are given away, and it is renewed when it is used up: small, it stays in the cache. */
const ROOM = 16_384;
const LEAST_ROOM = 4096;

/** Whose bytes are waited for. */
export interface WaitingFor {
  readonly socket: Socket;
  /** Takes bytes. */
  onBytes(bytes: Buffer): void;
  /** Whether the last bytes were answered, so that further ones are all that is waited for, and may be read past the streams. */
  isIdle(): boolean;
}

/**
 * What is to be called with each message that the event loop read: from its next turn on further ones are waited for here.
 *
 * @returns `undefined` where this engine or system cannot: only Bun on Linux can.
 */
export function waitsForBytes({ socket, onBytes, isIdle }: WaitingFor): (() => void) | undefined {
  const descriptor = descriptorOf(socket);
  const system = descriptor === undefined ? undefined : systemCalls();
  if (descriptor === undefined || system === undefined) return undefined;
  const { recv, fcntl, setsockopt, addressOf, drainMicrotasks } = system;
  const flags = fcntl(descriptor, F_GETFL, 0);
  // Seconds and microseconds.
  const wait = BigInt64Array.of(0n, BigInt(WAIT * 1000));
  if (
    flags < 0 || setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, wait, wait.byteLength) !== 0
  ) return undefined;

  const now = () => performance.now();
  const looking = new Looking(now);
  let room = Buffer.alloc(0);
  let address = 0;
  let used = 0;
  // Nothing, an end and a failure are the same here: the event loop reads once more and finds out.
  const receive = (): Buffer | undefined => {
    if (room.length - used < LEAST_ROOM) {
      room = Buffer.allocUnsafeSlow(ROOM);
      address = addressOf(room);
      used = 0;
    }
    const start = now();
    const looks = looking.pays();
    let size: number;
    do size = recv(
      descriptor,
      address + used,
      room.length - used,
      looks ? MSG_DONTWAIT : 0,
    ); while (looks && size < 0 && now() - start < LOOK_FOR);
    if (looks && size < 0) size = recv(descriptor, address + used, room.length - used, 0);
    looking.waited(now() - start, looks);
    return size > 0 ? room.subarray(used, used += size) : undefined;
  };
  /** Whether messages still came at the end. */
  const takeMessages = (): boolean => {
    const end = now() + TURN;
    looking.ask();
    do {
      const bytes = receive();
      if (bytes === undefined) return false;
      onBytes(bytes);
      // As after any event: a handler may have awaited what is there already.
      drainMicrotasks();
      if (!isIdle()) return false;
    } while (now() < end);
    return true;
  };
  let isScheduled = false;
  const begin = () => {
    if (isScheduled) return;
    isScheduled = true;
    setImmediate(run);
  };
  const run = () => {
    isScheduled = false;
    if (!isIdle()) return;
    // Only here: everybody else's reading and writing must never wait.
    fcntl(descriptor, F_SETFL, flags & ~O_NONBLOCK);
    let goesOn = false;
    try {
      goesOn = takeMessages();
    } finally {
      // Of a socket that was closed meanwhile the number may be another's.
      if (!socket.destroyed) fcntl(descriptor, F_SETFL, flags);
    }
    if (goesOn) begin();
  };
  return begin;
}

// Linux's numbers, the same on x64 and arm64. macOS has others, and on arm64 passes the last argument of `fcntl` in another way.
const SOL_SOCKET = 1;
const SO_RCVTIMEO = 20;
const F_GETFL = 3;
const F_SETFL = 4;
const O_NONBLOCK = 0x800;
const MSG_DONTWAIT = 0x40;

interface SystemCalls {
  recv(descriptor: number, to: number, size: number, flags: number): number;
  fcntl(descriptor: number, command: number, flags: number): number;
  setsockopt(
    descriptor: number,
    level: number,
    name: number,
    value: BigInt64Array,
    size: number,
  ): number;
}

interface Engine {
  addressOf(bytes: Uint8Array): number;
  drainMicrotasks(): void;
}

function systemCalls(): (SystemCalls & Engine) | undefined {
  if (process.platform !== "linux") return undefined;
  const ffi = builtIn<{ ptr(bytes: Uint8Array): number }>("bun:ffi");
  const jsc = builtIn<{ drainMicrotasks(): void }>("bun:jsc");
  const calls = cLibrary<SystemCalls>({
    recv: { args: ["i32", "ptr", "u64", "i32"], returns: "i64_fast" },
    fcntl: { args: ["i32", "i32", "i32"], returns: "i32" },
    setsockopt: { args: ["i32", "i32", "i32", "ptr", "u32"], returns: "i32" },
  });
  if (ffi === undefined || jsc === undefined || calls === undefined) return undefined;
  return { ...calls, addressOf: ffi.ptr, drainMicrotasks: jsc.drainMicrotasks };
}

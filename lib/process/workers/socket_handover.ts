/**
 * Hands sockets to other threads. Descriptors belong to the process, and only Bun can make a socket from one. Both threads
 * close theirs, so the system's `dup` makes a copy.
 */
import { fstatSync } from "node:fs";
import { Socket } from "node:net";
import { descriptorOf, openCLibrary } from "./c_library.ts";

/** Copies descriptors for another thread. */
export interface SocketHandover {
  /** Returns a copied descriptor, which its receiver closes; `undefined` if the socket has none. */
  copy(socket: Socket): number | undefined;
  /** Closes a copy that was not used: the descriptor must still be a copy of `socket`. */
  close(descriptor: number, socket: Socket): void;
}

/** Returns `undefined` if this engine or system cannot copy descriptors: bytes are forwarded then. */
export function socketHandover(): SocketHandover | undefined {
  const native = openCLibrary();
  if (native === undefined) return undefined;
  return {
    copy(socket) {
      const descriptor = descriptorOf(socket);
      const copy = descriptor === undefined ? -1 : native.dup(descriptor);
      return copy < 0 ? undefined : copy;
    },
    close(descriptor, socket) {
      if (isCopyOf(descriptor, descriptorOf(socket))) native.close(descriptor);
    },
  };
}

/** Makes a socket from a copied descriptor, in the receiving thread. */
export function adoptSocket(descriptor: number): Socket {
  const socket = new Socket({ allowHalfOpen: true });
  // Bun connects to descriptors; Node's types do not have this option.
  socket.connect({ fd: descriptor } as unknown as { port: number });
  return socket;
}

function isCopyOf(descriptor: number, original: number | undefined): boolean {
  try {
    if (original === undefined) return false;
    const [copy, own] = [fstatSync(descriptor), fstatSync(original)];
    return own.ino !== 0 && copy.ino === own.ino && copy.dev === own.dev;
  } catch {
    return false;
  }
}

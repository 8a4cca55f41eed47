/**
 * A socket for another thread. Descriptors belong to the process, so a thread can have one by its number, but only under Bun can a
 * socket be made of a number, and each of the two needs a descriptor of its own to close: the system's `dup` makes it.
 */
import { fstatSync } from "node:fs";
import { Socket } from "node:net";
import { descriptorOf, openCLibrary } from "./c_library.ts";

/** Copies descriptors for another thread. */
export interface SocketHandover {
  /** The number of a copy, which whoever gets it has to close; `undefined` where the socket has none. */
  copy(socket: Socket): number | undefined;
  /** Closes a copy if nobody took it: what has its number now is still a copy of `socket`. */
  close(descriptor: number, socket: Socket): void;
}

/** `undefined` where this runtime or system cannot: bytes have to be passed then. */
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

/** The socket of a copied descriptor, in the thread that got its number. */
export function adoptSocket(descriptor: number): Socket {
  const socket = new Socket({ allowHalfOpen: true });
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

/**
 * A socket for another thread. Descriptors belong to the process, so a thread can have one by its number, but only under Bun can a
 * socket be made of a number, and each of the two needs a descriptor of its own to close: the system's `dup` makes it.
 */
import { fstatSync } from "node:fs";
import { Socket } from "node:net";
import process from "node:process";
import { hastenSocket } from "./hasten_socket.ts";

/** Copies descriptors for another thread. */
export interface SocketHandover {
  /** The number of a copy, which whoever gets it has to close; `undefined` where the socket has none. */
  copy(socket: Socket): number | undefined;
  /** Closes a copy if nobody took it: what has its number now is still a copy of `socket`. */
  close(descriptor: number, socket: Socket): void;
}

interface NativeFunctions {
  dlopen(library: string, symbols: unknown): {
    readonly symbols: {
      dup(descriptor: number): number;
      close(descriptor: number): number;
    };
  };
}

/** `undefined` where this runtime or system cannot: bytes have to be passed then. */
export function socketHandover(): SocketHandover | undefined {
  const native = builtIn("bun:ffi") as NativeFunctions | undefined;
  if (native === undefined) return undefined;
  const takesNumber = { args: ["i32"], returns: "i32" };
  for (const library of LIBRARIES[process.platform] ?? []) {
    try {
      const { dup, close } = native.dlopen(library, { dup: takesNumber, close: takesNumber })
        .symbols;
      return {
        copy(socket) {
          const descriptor = descriptorOf(socket);
          const copy = descriptor === undefined ? -1 : dup(descriptor);
          return copy < 0 ? undefined : copy;
        },
        close(descriptor, socket) {
          if (isCopyOf(descriptor, descriptorOf(socket))) close(descriptor);
        },
      };
    } catch {
      // Not the C library of this system, or no native calls in this build of Bun.
    }
  }
  return undefined;
}

// An `import` of it would fail elsewhere; Node before 20.16 has no such function.
function builtIn(name: string): unknown {
  const { getBuiltinModule } = process as { getBuiltinModule?: (name: string) => unknown };
  return getBuiltinModule?.(name);
}

/** The socket of a copied descriptor, in the thread that got its number. */
export function adoptSocket(descriptor: number): Socket {
  const socket = new Socket({ allowHalfOpen: true });
  socket.connect({ fd: descriptor } as unknown as { port: number });
  return hastenSocket(socket);
}

const LIBRARIES: Readonly<Partial<Record<NodeJS.Platform, readonly string[]>>> = {
  linux: ["libc.so.6", "libc.so"],
  darwin: ["libSystem.dylib"],
};

function descriptorOf(socket: Socket): number | undefined {
  const handle = Reflect.get(socket, "_handle") as { readonly fd?: unknown } | null | undefined;
  const descriptor = handle?.fd;
  return typeof descriptor === "number" && descriptor >= 0 ? descriptor : undefined;
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

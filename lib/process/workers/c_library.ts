/** Two functions of the C library that copy and close descriptors; only Bun on Linux and macOS can call them. */
import type { Socket } from "node:net";
import process from "node:process";

/** Functions of the C library, by their names there. */
export interface CLibrary {
  /** Returns a copy of a descriptor, or a negative number. */
  dup(descriptor: number): number;
  close(descriptor: number): number;
}

interface BunFfi {
  dlopen(library: string, signatures: unknown): { readonly symbols: unknown };
}

const SIGNATURES = {
  dup: { args: ["i32"], returns: "i32" },
  close: { args: ["i32"], returns: "i32" },
};

// musl claims every name that begins with "libc.".
const LIBRARIES: Readonly<Partial<Record<NodeJS.Platform, readonly string[]>>> = {
  linux: ["libc.so.6", "libc.so"],
  darwin: ["libSystem.dylib"],
};

/** Opens the C library; returns `undefined` if this engine or system cannot. */
export function openCLibrary(): CLibrary | undefined {
  // Node before 20.16 has no `getBuiltinModule`, and an `import` of "bun:ffi" fails in every other engine.
  const { getBuiltinModule } = process as { getBuiltinModule?: (name: string) => unknown };
  const ffi = getBuiltinModule?.("bun:ffi") as BunFfi | undefined;
  if (ffi === undefined) return undefined;
  for (const library of LIBRARIES[process.platform] ?? []) {
    try {
      return ffi.dlopen(library, SIGNATURES).symbols as CLibrary;
    } catch {
      // This system names its C library differently, or this build of Bun has no native calls.
    }
  }
  return undefined;
}

/** Returns the file descriptor of a socket under Bun, `undefined` elsewhere. */
export function descriptorOf(socket: Socket): number | undefined {
  const handle = Reflect.get(socket, "_handle") as { readonly fd?: unknown } | null | undefined;
  const descriptor = handle?.fd;
  return typeof descriptor === "number" && descriptor >= 0 ? descriptor : undefined;
}

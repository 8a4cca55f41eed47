/** The system's C library, where the engine can call it: Bun on Linux and macOS. */
import type { Socket } from "node:net";
import process from "node:process";

/** A function of the library, by the names that `bun:ffi` has for its types. */
export interface NativeSignature {
  readonly args: readonly string[];
  readonly returns: string;
}

interface NativeFunctions {
  dlopen(library: string, symbols: unknown): { readonly symbols: unknown };
}

/**
 * Functions of the C library; `undefined` where this engine or system cannot.
 *
 * @typeParam F what the signatures say, as TypeScript
 */
export function cLibrary<F>(signatures: { readonly [K in keyof F]: NativeSignature }):
  | F
  | undefined {
  const native = builtIn<NativeFunctions>("bun:ffi");
  if (native === undefined) return undefined;
  for (const library of LIBRARIES[process.platform] ?? []) {
    try {
      return native.dlopen(library, signatures).symbols as F;
    } catch {
      // Not the C library of this system, or no native calls in this build of Bun.
    }
  }
  return undefined;
}

/** A module of the engine's own: an `import` of it would fail elsewhere. */
export function builtIn<M>(name: string): M | undefined {
  // Node before 20.16 has no such function.
  const { getBuiltinModule } = process as { getBuiltinModule?: (name: string) => unknown };
  return getBuiltinModule?.(name) as M | undefined;
}

/** The number that the system has for a socket of Bun's. */
export function descriptorOf(socket: Socket): number | undefined {
  const handle = Reflect.get(socket, "_handle") as { readonly fd?: unknown } | null | undefined;
  const descriptor = handle?.fd;
  return typeof descriptor === "number" && descriptor >= 0 ? descriptor : undefined;
}

// musl takes every name that begins with "libc." for itself.
const LIBRARIES: Readonly<Partial<Record<NodeJS.Platform, readonly string[]>>> = {
  linux: ["libc.so.6", "libc.so"],
  darwin: ["libSystem.dylib"],
};

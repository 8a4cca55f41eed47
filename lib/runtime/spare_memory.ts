// Of Bun's own functions those that are used here; the last two are newer than the first.
interface BunMemory {
  gc?(isSynchronous: boolean): void;
  shrink?(): void;
  unsafe?: { setJITPolicy?(scale: number): void };
}

// How many times more often than usual a function runs before machine code is made of it.
const LATE = 50;

/**
 * For a program that mostly waits: from now on memory counts for more than speed.
 *
 * @returns what hands unneeded memory back to the system at once (a few milliseconds); does nothing where the runtime
 * has no way to.
 */
export function spareMemory(): () => void {
  const { Bun: bun } = globalThis as { Bun?: BunMemory };
  bun?.unsafe?.setJITPolicy?.(LATE);
  return () => {
    bun?.gc?.(true);
    bun?.shrink?.();
  };
}

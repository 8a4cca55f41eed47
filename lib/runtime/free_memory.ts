interface BunMemory {
  gc?(isSynchronous: boolean): void;
  shrink?(): void;
}

/** Collects garbage and returns free memory to the system, which takes a few milliseconds; does nothing except under Bun. */
export function freeMemory(): void {
  const { Bun: bun } = globalThis as { Bun?: BunMemory };
  bun?.gc?.(true);
  bun?.shrink?.();
}

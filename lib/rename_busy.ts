import { renameSync } from "node:fs";
import { rename } from "node:fs/promises";
import { platform } from "node:os";
import { setTimeout as delay } from "node:timers/promises";

/** Pauses between the attempts, in milliseconds: two seconds in all. */
const PAUSES_MS = [10, 20, 40, 80, 150, 250, 350, 500, 600];

/** Dependencies of {@link renameBusy}; tests replace them. */
export interface RenameDependencies {
  readonly system: string;
  readonly rename: (from: string, to: string) => Promise<void>;
  readonly pause: (milliseconds: number) => Promise<unknown>;
}

/**
 * Renames a file or folder. On Windows that fails while another program (an editor, a virus scanner) has it open, often
 * for a moment only: retries for two seconds.
 */
export async function renameBusy(
  from: string,
  to: string,
  { system, rename: attempt, pause }: RenameDependencies = {
    system: platform(),
    rename,
    pause: delay,
  },
): Promise<void> {
  for (const milliseconds of PAUSES_MS) {
    try {
      return await attempt(from, to);
    } catch (error) {
      if (!isHeldOpen(error, system)) throw error;
      await pause(milliseconds);
    }
  }
  await attempt(from, to);
}

/** {@link renameBusy} in one tick of the event loop. */
export function renameBusySync(from: string, to: string): void {
  for (const milliseconds of PAUSES_MS) {
    try {
      return renameSync(from, to);
    } catch (error) {
      if (!isHeldOpen(error)) throw error;
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, milliseconds);
    }
  }
  renameSync(from, to);
}

/** Reports whether an error is what Windows returns for a file that another program has open. */
export function isHeldOpen(error: unknown, system: string = platform()): boolean {
  const { code } = error as NodeJS.ErrnoException;
  return system === "win32" && ["EBUSY", "EPERM", "EACCES"].includes(code ?? "");
}

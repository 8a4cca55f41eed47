import { open, readFile, rename, rm } from "node:fs/promises";
import process from "node:process";
import { setTimeout as delay } from "node:timers/promises";

/**
 * Does the work while no other process does what has the same path. A lock that outlives neither its owner nor a crash:
 * the file names the process, and a dead one's lock is taken over.
 */
export async function withLock(path: string, work: () => Promise<void>): Promise<void> {
  for (;;) {
    try {
      const handle = await open(path, "wx");
      await handle.writeFile(String(process.pid));
      await handle.close();
      break;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
      await breakDeadLock(path);
      await delay(100);
    }
  }
  try {
    await work();
  } finally {
    await rm(path, { force: true });
  }
}

async function breakDeadLock(path: string): Promise<void> {
  const owner = Number(await readFile(path, "utf8").catch(() => ""));
  // Zero: just being written, or just gone.
  if (owner === 0 || isAlive(owner)) return;
  const aside = `${path}.${process.pid}`;
  // Renaming succeeds for one of those who wait only.
  await rename(path, aside).catch(() => {});
  await rm(aside, { force: true });
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}

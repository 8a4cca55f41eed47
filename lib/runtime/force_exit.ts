import process from "node:process";
import { setTimeout } from "node:timers";

const GRACE_MS = 300;

/**
 * Exits shortly after the command has finished, even if a timer, a connection or a pending call of the user's handlers keeps the
 * event loop alive. A process with nothing left to do exits by itself before that.
 */
export function scheduleForcedExit(): void {
  const timer = setTimeout(() => {
    // Output that a slow reader has not accepted yet must not be lost.
    if (process.stdout.writableLength > 0 || process.stderr.writableLength > 0) {
      scheduleForcedExit();
    } else process.exit();
  }, GRACE_MS);
  timer.unref();
}

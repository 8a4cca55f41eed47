import process from "node:process";
import { setTimeout } from "node:timers";

const PATIENCE_MS = 300;

/**
 * Ends the process a moment after its command is done, though something keeps it alive: a timer or connection of the
 * user's handlers, a call that was made to wait. Where nothing does, it ends by itself and at once.
 */
export function endSoon(): void {
  const timer = setTimeout(() => {
    // A slow reader of what was said is waited for.
    if (process.stdout.writableLength > 0 || process.stderr.writableLength > 0) endSoon();
    else process.exit();
  }, PATIENCE_MS);
  timer.unref();
}

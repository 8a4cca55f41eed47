import { ExitCode } from "../errors.ts";
import type { Console, EndSignal } from "./console.ts";

/**
 * Waits for Ctrl+C, SIGTERM or until `ended` settles, and returns the matching exit code. Signals are handled from this
 * call on, even if the result is awaited later.
 */
export function untilSignal(
  console: Pick<Console, "onSignal">,
  ended: Promise<unknown>,
): Promise<ExitCode> {
  let stopListening: () => void = () => undefined;
  const signal = new Promise<EndSignal>((resolve) => {
    stopListening = console.onSignal(resolve);
  });
  const over = Promise.race([signal, ended.then(() => undefined)]).then((first) => {
    if (first === undefined) return ExitCode.Ok;
    return first === "SIGINT" ? ExitCode.Interrupted : ExitCode.Terminated;
  }).finally(stopListening);
  // A listener may fail before the result is awaited; it is thrown by the later await.
  over.catch(() => undefined);
  return over;
}

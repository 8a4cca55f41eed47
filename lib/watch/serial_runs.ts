/**
 * Returns a function that starts `run`. A request while it runs makes it run once more afterwards, never twice at once.
 */
export function serialRuns(
  run: () => Promise<void>,
  failed: (error: unknown) => void,
): () => void {
  let isRunning = false;
  let isRequested = false;
  const start = async () => {
    if (isRunning) {
      isRequested = true;
      return;
    }
    isRunning = true;
    do {
      isRequested = false;
      await run().catch(failed);
    } while (isRequested);
    isRunning = false;
  };
  return () => void start();
}

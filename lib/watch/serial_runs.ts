/** Returns a function that starts `run`. A call during a run starts one more run afterwards; runs never overlap. */
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

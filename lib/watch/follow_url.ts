import type { Following } from "./follow_files.ts";

const POLL_MS = 2000;

/** Polls until it is closed. Passes errors to `failed`; repeated errors only once. */
export function followUrl(poll: () => Promise<void>, failed: (error: unknown) => void): Following {
  let isClosed = false;
  let timer: NodeJS.Timeout | undefined;
  let reported: string | undefined;
  const schedule = () => {
    if (isClosed) return;
    timer = setTimeout(async () => {
      try {
        await poll();
        reported = undefined;
      } catch (error) {
        const text = String(error);
        if (text !== reported) failed(error);
        reported = text;
      }
      schedule();
    }, POLL_MS);
  };
  schedule();
  return {
    close() {
      isClosed = true;
      clearTimeout(timer);
      return Promise.resolve();
    },
  };
}

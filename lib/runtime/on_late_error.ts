import process from "node:process";

/**
 * Calls `handler` with every error of this thread that nothing catches (a timer, a listener, a promise that nobody awaits); the process
 * or worker goes on. Listeners of the user's own decide alone.
 */
export function onLateError(handler: (error: unknown) => void): void {
  for (const event of ["uncaughtException", "unhandledRejection"]) {
    process.on(event, (error: unknown) => {
      if (process.listenerCount(event) === 1) handler(error);
    });
  }
}

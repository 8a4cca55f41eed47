import process from "node:process";

/**
 * Calls `handler` with every uncaught error of this thread (in a timer, a listener, a promise without a handler); the
 * process or worker continues. Listeners of the user's modules take precedence.
 */
export function onLateError(handler: (error: unknown) => void): void {
  for (const event of ["uncaughtException", "unhandledRejection"]) {
    process.on(event, (error: unknown) => {
      if (process.listenerCount(event) === 1) handler(error);
    });
  }
}

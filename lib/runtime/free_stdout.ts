/**
 * Keeps standard output for data: what a user's module prints with `console.log` goes to standard error from now on.
 */
export function keepStdoutForData(): void {
  const { console } = globalThis;
  Object.assign(console, { log: console.error, info: console.error, debug: console.error });
}

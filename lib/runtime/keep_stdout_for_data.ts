/** Reserves standard output for data: `console.log` of the user's modules prints to standard error from now on. */
export function keepStdoutForData(): void {
  const { console } = globalThis;
  Object.assign(console, { log: console.error, info: console.error, debug: console.error });
}

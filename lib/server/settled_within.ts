/** Waits until all promises have settled, for at most `ms`. */
export async function settledWithin(
  running: readonly Promise<unknown>[],
  ms: number,
): Promise<void> {
  if (running.length === 0) return;
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, ms);
  });
  await Promise.race([Promise.allSettled(running), late]);
  clearTimeout(timer);
}

/** Reads the levels that `--depth` and `--openrpc-depth` give. @throws SyntaxError */
export function parseDepth(text: string): number {
  // Each level of a type that contains itself twice doubles what the tools make of it.
  if (!/^([1-9]|1\d|20)$/.test(text)) {
    throw new SyntaxError(`Expected levels from 1 to 20, found "${text}"`);
  }
  return Number(text);
}

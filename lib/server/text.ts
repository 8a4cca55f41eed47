const UTF8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/**
 * The text of UTF-8 bytes.
 *
 * @throws TypeError where they are no UTF-8.
 */
export function decodeUtf8(bytes: Uint8Array): string {
  return UTF8.decode(bytes);
}

/** Whether `part` stands at a place of the bytes. */
export function isAt(part: Uint8Array, bytes: Uint8Array, begin: number): boolean {
  const { length } = part;
  if (bytes.length - begin < length) return false;
  for (let index = 0; index < length; index++) {
    if (part[index] !== bytes[begin + index]) return false;
  }
  return true;
}

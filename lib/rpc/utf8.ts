const UTF8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/**
 * The text of UTF-8 bytes.
 *
 * @throws TypeError where they are no UTF-8.
 */
export function decodeUtf8(bytes: Uint8Array): string {
  return UTF8.decode(bytes);
}

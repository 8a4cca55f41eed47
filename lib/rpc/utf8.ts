// Made when needed: the DOM of jsdom has none, and the mock then decodes nothing.
let utf8: TextDecoder | undefined;

/**
 * Decodes UTF-8.
 *
 * @throws TypeError for invalid UTF-8
 */
export function decodeUtf8(bytes: Uint8Array): string {
  utf8 ??= new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
  return utf8.decode(bytes);
}

/** Returns the reason why a WebSocket failed; `undefined` if the peer just left. */
export function webSocketFailure(
  error: Error & { readonly code?: string },
  maxMessage: number,
): string | undefined {
  const { code = "", message } = error;
  if (code === "WS_ERR_UNSUPPORTED_MESSAGE_LENGTH") {
    return `A message is larger than ${maxMessage} bytes`;
  }
  return code.startsWith("WS_ERR_") ? `Malformed WebSocket frame: ${message}` : undefined;
}

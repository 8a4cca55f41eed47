/** Bytes that are no brine value. Ends the connection they came on; no user of the tool sees it but in a log. */
export class MalformedBrineError extends Error {
  override readonly name = "MalformedBrineError";
}

/** Bytes that are no frame, or one beyond the bounds. */
export class MalformedFrameError extends Error {
  override readonly name = "MalformedFrameError";
}

/** A message that is none: unknown type, or not a pair of sequence number and arguments. */
export class MalformedMessageError extends Error {
  override readonly name = "MalformedMessageError";
}

export function malformedBrine(what: string): MalformedBrineError {
  return new MalformedBrineError(`Not a brine value: ${what}`);
}

export function malformedFrame(what: string): MalformedFrameError {
  return new MalformedFrameError(`Not a frame: ${what}`);
}

export function malformedMessage(what: string): MalformedMessageError {
  return new MalformedMessageError(`Not a message: ${what}`);
}

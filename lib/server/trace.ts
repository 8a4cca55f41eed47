/** `-->` for what comes in, `<--` for what goes out. */
export type Direction = "-->" | "<--";

/** Sees every message: the very bytes as received, the very bytes as sent. */
export type Trace = (direction: Direction, context: unknown, message: Uint8Array) => void;

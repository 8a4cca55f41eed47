/** Messages of rpyc's protocol: one byte for the type, then a pair of sequence number and body. */
import { BRINE_LIMITS, type BrineValue, type BrineWriter, decodeBrine } from "./brine.ts";
import { beginFrame, endFrame, type FrameReader } from "./channel.ts";
import { Label, MessageType } from "./consts.ts";
import { malformedMessage } from "./errors.ts";

/** The number of a request, which its reply repeats: a bigint only if a double cannot represent it. */
export type SequenceNumber = number | bigint;

/** A received message. */
export interface Message {
  readonly type: number | undefined;
  readonly seq: SequenceNumber;
  readonly body: BrineValue;
}

/**
 * Reads the message in a frame.
 *
 * @throws MalformedMessageError, MalformedBrineError
 */
export function readMessage(
  { data, start, end }: Pick<FrameReader, "data" | "start" | "end">,
): Message {
  const type = start < end ? data[start] : undefined;
  const message = decodeBrine(data, BRINE_LIMITS, start + 1, end);
  if (!Array.isArray(message) || message.length !== 2 || typeof message[0] !== "bigint") {
    throw malformedMessage("not a pair of sequence number and arguments");
  }
  return { type, seq: sequenceNumber(message[0]), body: message[1] as BrineValue };
}

/** Writes a message as a frame. */
export function writeMessage(type: number, seq: SequenceNumber, body: BrineValue): Uint8Array {
  beginMessage(type, seq).value(body);
  return endFrame();
}

const VALUE_LABEL = Number(Label.Value);

/** Writes the reply with a value that is sent by value, without allocating its box. */
export function writeValueReply(seq: SequenceNumber, value: BrineValue): Uint8Array {
  const writer = beginMessage(MessageType.Reply, seq);
  writer.tuple(2);
  writer.int(VALUE_LABEL);
  writer.value(value);
  return endFrame();
}

function sequenceNumber(value: bigint): SequenceNumber {
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : value;
}

function beginMessage(type: number, seq: SequenceNumber): BrineWriter {
  const writer = beginFrame();
  writer.byte(type);
  writer.tuple(2);
  if (typeof seq === "number") writer.int(seq);
  else writer.value(seq);
  return writer;
}

import assert from "node:assert/strict";
import { once } from "node:events";
import { PassThrough } from "node:stream";
import { test } from "node:test";
import { Handler, Label, MessageType } from "../../lib/rpyc/consts.ts";
import { type Message, writeMessage } from "../../lib/rpyc/message.ts";
import { MessageStream } from "../../lib/rpyc/message_stream.ts";
import { RPYC_LIMITS } from "../../lib/rpyc/options.ts";

const message = (seq: number) =>
  writeMessage(MessageType.Request, seq, [BigInt(Handler.Ping), [Label.Value, ["hi"]]]);

/** A message stream whose test decides how full the queue is. */
class Harness {
  readonly stream = new PassThrough();
  readonly received: Message[] = [];
  readonly ends: unknown[] = [];
  readonly messages: MessageStream;
  queued = 0;
  awaited = 0;

  constructor() {
    // Its output is not read back as input.
    this.stream.write = () => true;
    this.messages = new MessageStream(this.stream, {
      limits: { ...RPYC_LIMITS, maxPending: 2 },
      queued: () => this.queued,
      awaited: () => this.awaited,
      onMessage: (message) => {
        this.received.push(message);
        this.queued++;
      },
      onEnd: (error) => this.ends.push(error),
    });
  }

  async receive(...seqs: number[]): Promise<void> {
    for (const seq of seqs) this.stream.push(message(seq));
    await new Promise((resolve) => setImmediate(resolve));
  }

  get seqs(): unknown[] {
    return this.received.map(({ seq }) => seq);
  }
}

test("MessageStream stops reading while the queue is full", async () => {
  const harness = new Harness();
  harness.messages.start();
  await harness.receive(1, 2, 3, 4);
  assert.deepEqual(harness.seqs, [1, 2]);
  harness.queued = 2;
  harness.messages.resume();
  await harness.receive();
  assert.deepEqual(harness.seqs, [1, 2]);
  harness.queued = 1;
  harness.messages.resume();
  await harness.receive();
  assert.deepEqual(harness.seqs, [1, 2, 3]);
});

test("MessageStream reads on while a request to the client waits for its reply", async () => {
  const harness = new Harness();
  harness.messages.start();
  await harness.receive(1, 2, 3);
  harness.awaited = 1;
  harness.messages.resumeForReply();
  await harness.receive(4);
  assert.deepEqual(harness.seqs, [1, 2, 3, 4]);
});

test("MessageStream ends when it starts after the client has disconnected", async () => {
  const stream = new PassThrough();
  stream.destroy();
  await once(stream, "close");
  const ends: unknown[] = [];
  const messages = new MessageStream(stream, {
    limits: RPYC_LIMITS,
    queued: () => 0,
    awaited: () => 0,
    onMessage: () => {},
    onEnd: (error) => ends.push(error),
  });
  messages.start();
  assert.deepEqual(ends, [undefined]);
  await messages.close(false);
});

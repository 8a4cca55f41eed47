/** Numbers and shapes of rpyc's protocol (`rpyc/core/consts.py` of rpyc 6). */

/** Types of messages. */
export const MessageType = { Request: 1, Reply: 2, Exception: 3 } as const;

/** Labels of boxed values. */
export const Label = { Value: 1n, Tuple: 2n, LocalReference: 3n, RemoteReference: 4n } as const;

/** Handlers that a request can name. */
export const Handler = {
  Ping: 1,
  Close: 2,
  GetRoot: 3,
  GetAttr: 4,
  DelAttr: 5,
  SetAttr: 6,
  Call: 7,
  CallAttr: 8,
  Repr: 9,
  Str: 10,
  Cmp: 11,
  Hash: 12,
  Dir: 13,
  Pickle: 14,
  Del: 15,
  Inspect: 16,
  BuffIter: 17,
  OldSlicing: 18,
  CtxExit: 19,
  InstanceCheck: 20,
} as const;

/** The short form of `StopIteration` in an exception message. */
export const STOP_ITERATION = 1n;

/** `(module.Class, class id, instance id)`: represents an object on the wire. */
export type IdPack = readonly [name: string, classId: bigint, instanceId: bigint];

/** The numbers of rpyc's protocol (`rpyc/core/consts.py` of rpyc 6). */

/** Kinds of messages. */
export const Message = { Request: 1, Reply: 2, Exception: 3 } as const;

/** What a boxed value is. */
export const Label = { Value: 1n, Tuple: 2n, LocalReference: 3n, RemoteReference: 4n } as const;

/** Handlers that a request can name. */
export const Handler = {
  Ping: 1n,
  Close: 2n,
  GetRoot: 3n,
  GetAttr: 4n,
  DelAttr: 5n,
  SetAttr: 6n,
  Call: 7n,
  CallAttr: 8n,
  Repr: 9n,
  Str: 10n,
  Cmp: 11n,
  Hash: 12n,
  Dir: 13n,
  Pickle: 14n,
  Del: 15n,
  Inspect: 16n,
  BuffIter: 17n,
  OldSlicing: 18n,
  CtxExit: 19n,
  InstanceCheck: 20n,
} as const;

/** The short form of `StopIteration` as an exception package. */
export const STOP_ITERATION = 1n;

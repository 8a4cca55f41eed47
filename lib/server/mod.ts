export {
  type CallContext,
  type CallEvent,
  type Dispatcher,
  failed,
  type FaultKind,
  methodNotFound,
  type Outcome,
  procedureFailed,
  type RpcCall,
  type RpcFault,
  succeeded,
  type WireObject,
  type WireValue,
} from "./call.ts";
export {
  DEFAULT_MESSAGE_LIMITS,
  type Encoded,
  type Incoming,
  type Item,
  type MessageLimits,
  type Protocol,
} from "./protocol.ts";
export {
  handleMessage,
  handleParsed,
  type MessageService,
  type Reply,
  traceReply,
} from "./message_handler.ts";
export type { Direction, Trace } from "./trace.ts";
export type { ConnectionInfo, ServeConnection } from "./connection.ts";
export type { Authenticator, Credentials } from "./authenticator.ts";
export type { Listener, Received, ServerTransport } from "./transport.ts";
export type {
  Framing,
  ListenDescription,
  ProtocolName,
  ServiceDescription,
} from "./description.ts";

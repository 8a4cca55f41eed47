/** Calls: parse, dispatch, format. Pure. @module */
export {
  type CallContext,
  type CallEvent,
  type Dispatcher,
  errorClass,
  failed,
  type FaultKind,
  methodNotFound,
  type Outcome,
  procedureFailed,
  type ResponseOverride,
  type RpcCall,
  type RpcFault,
  succeeded,
  thrownMessage,
  type WireObject,
  type WireValue,
} from "./call.ts";
export {
  type CheckedRpcCall,
  ContractDispatcher,
  type ContractDispatcherOptions,
  type Resolver,
  type ResultViolation,
} from "./contract_dispatcher.ts";
export { contractDocument } from "./contract_document.ts";
export {
  callFault,
  type DescribedMethod,
  describeMethod,
  type MethodSchemas,
  procedureDocument,
  type SchemaLike,
  type StandardSchema,
} from "./described_method.ts";
export {
  argumentList,
  type Caller,
  checkParameters,
  invalidParams,
  type Method,
  type MethodOptions,
  type ParameterCheck,
  type RegisteredMethod,
  RpcDispatcher,
  settle,
  stackDispatchers,
} from "./dispatcher.ts";
export {
  destructuredNames,
  type FunctionParameter,
  functionParameters,
  statedParameter,
} from "./function_parameters.ts";
export { collectHandlers, dispatcherOf, type Handler, handlerResolver } from "./handlers.ts";
export {
  handleMessage,
  handleParsed,
  type MessageService,
  parseMessage,
  type Reply,
} from "./message_handler.ts";
export {
  DEFAULT_MESSAGE_LIMITS,
  type Encoded,
  type Incoming,
  type Item,
  type MessageLimits,
  type Protocol,
} from "./protocol.ts";
export { jsonrpcProtocol, tinyrpcJsonrpcProtocol } from "./protocols/jsonrpc.ts";
export { pyrpcError, pyrpcProtocol } from "./protocols/pyrpc.ts";
export { type Direction, type Trace, traceReply, traceRequest } from "./trace.ts";
export { type TraceLine, traceLine } from "./trace_line.ts";
export { type MarkedValue, markFloats } from "./wire_float.ts";

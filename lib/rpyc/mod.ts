export {
  type BrineLimits,
  type BrineValue,
  Complex,
  decodeBrine,
  Ellipsis,
  encodeBrine,
  FrozenSet,
  NotImplemented,
  Slice,
} from "./brine.ts";
export {
  RPYC_LIMITS,
  RpycConnection,
  rpycConnections,
  type RpycLimits,
  type RpycOptions,
  serveRpyc,
} from "./connection.ts";
export {
  contractService,
  exportedService,
  functionService,
  instanceService,
  type ServiceMaker,
  type ServiceNames,
  type ServiceSource,
  staticNames,
} from "./handler_service.ts";
export { PythonError, type PythonErrorInit } from "./python_errors.ts";
export { RemoteObject } from "./remote_object.ts";
export { defaultAlias, type RpycService, type ServiceConnection } from "./service.ts";
export { PythonFloat, pythonTuple } from "./values.ts";
export { lineAuthenticator } from "./stream_authenticator.ts";

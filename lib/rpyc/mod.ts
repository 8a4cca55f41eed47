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
export { contractService } from "./contract_service.ts";
export { functionService } from "./function_service.ts";
export {
  exportedService,
  instanceService,
  type ServiceMaker,
  staticNames,
  unnamedService,
} from "./instance_service.ts";
export type { RpycLimits, RpycOptions } from "./options.ts";
export { PythonError, type PythonErrorInit } from "./python_errors.ts";
export { PythonFloat, pythonTuple } from "./python_types.ts";
export { RemoteObject } from "./remote_object.ts";
export { rpycConnections, serveRpyc } from "./serve.ts";
export {
  defaultAlias,
  type RpycService,
  type ServiceConnection,
  type ServiceNames,
  type ServiceSource,
} from "./service.ts";
export { lineAuthenticator } from "./stream_authenticator.ts";
export { messagePerRecord } from "./tls_records.ts";

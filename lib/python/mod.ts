export {
  type AskedModule,
  askModule,
  type AskModuleOptions,
  contractOf,
  importLimit,
  isModuleError,
  splitEntry,
} from "./ask_module.ts";
export { PythonBackend, type PythonBackendOptions } from "./backend.ts";
export { type EndpointFault, endpointFault, SPLIT_ROUTES } from "./endpoint_fault.ts";
export { shortPath } from "./errors.ts";
export {
  adapterPackages,
  installCommand,
  type Interpreter,
  isSupported,
  neededPackages,
  needsUvicorn,
  type PackageManager,
  useOwnEnvironment,
} from "./install_command.ts";
export { defaultMessage, factMessage } from "./backend_facts.ts";
export { findInterpreter, type FindInterpreterOptions } from "./interpreter.ts";
export type {
  BackendFact,
  CodePlace,
  DuplicateProcedure,
  Hello,
  ModuleAnswer,
  ModuleFailure,
  ProcedureProblem,
  UnservableDefault,
} from "./protocol.ts";
export type { ModuleRun, Question, ServeOrder, ServeStart } from "./question_run.ts";
export type { ProcessExit } from "./worker_process.ts";

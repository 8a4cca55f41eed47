export {
  type AskedModule,
  askModule,
  type AskModuleOptions,
  contractOf,
  importLimit,
  isModuleError,
  splitEntry,
} from "./ask_module.ts";
export {
  type ModuleRun,
  PythonBackend,
  type PythonBackendOptions,
  type Question,
  type ServeOrder,
  type ServeStart,
} from "./backend.ts";
export { shortPath } from "./errors.ts";
export {
  findInterpreter,
  type FindInterpreterOptions,
  installCommand,
  type Interpreter,
  isSupported,
  type PackageManager,
} from "./interpreter.ts";
export type {
  CodePlace,
  DuplicateProcedure,
  Hello,
  ModuleAnswer,
  ModuleFailure,
  ProcedureProblem,
} from "./introspect.ts";
export type { ProcessExit } from "./worker_process.ts";

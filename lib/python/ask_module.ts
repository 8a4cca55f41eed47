import type { ToolError } from "../errors.ts";
import { type Contract, parseContract } from "../contract/mod.ts";
import { withoutFloatMarks } from "../json/mod.ts";
import { PythonBackend, type PythonBackendOptions } from "./backend.ts";
import { noProcedures } from "./errors.ts";
import type { ModuleAnswer } from "./protocol.ts";

/** A module's contract, and the answer that contains it. */
export interface AskedModule {
  readonly contract: Contract;
  /** With `marksFloats`: the contract as it is written. */
  readonly written?: Contract;
  readonly answer: ModuleAnswer;
}

/** Options of {@link askModule}. */
export interface AskModuleOptions extends Omit<PythonBackendOptions, "preload"> {
  /** `module` or `module:app`. */
  readonly entry: string;
  /** The module with the procedures. @default the module of the entry */
  readonly module?: string | undefined;
  /** The framework of the project; undefined: a folder with Django's settings is a Django project. */
  readonly framework?: string | undefined;
  /** Requires an application and not only procedures. */
  readonly servable?: boolean;
  /** Adds the traceback to errors. */
  readonly verbose?: boolean;
  /** Ends Python, even during an import. */
  readonly signal?: AbortSignal | undefined;
}

/**
 * Asks a module once: starts Python, imports it, ends Python.
 *
 * @throws ToolError (exit code 4) when Python or the module cannot be used, or when the module has no procedure.
 */
export async function askModule(options: AskModuleOptions): Promise<AskedModule> {
  const { module: appModule, app } = splitEntry(options.entry);
  const { module = appModule, framework, servable = false } = options;
  const question = { module, app, appModule, framework, servable };
  options.signal?.throwIfAborted();
  const python = new PythonBackend(options);
  const end = () => void python.end();
  options.signal?.addEventListener("abort", end, { once: true });
  try {
    const { answer } = await python.ask(question);
    if (!answer.ok) throw python.errorOf(answer, question, options.verbose);
    const { entry, root } = options;
    if (!options.marksFloats) return { contract: contractOf(answer, entry, root), answer };
    const plain = { ...answer, contract: withoutFloatMarks(answer.contract) };
    return {
      contract: contractOf(plain, entry, root),
      written: parseContract(answer.contract, { where: entry }),
      answer: plain,
    };
  } finally {
    options.signal?.removeEventListener("abort", end);
    await python.end();
  }
}

/**
 * Parses the contract of an answer.
 *
 * @throws ToolError `BACKEND_NO_PROCEDURES` if the module registers no procedure.
 */
export function contractOf(answer: ModuleAnswer, entry: string, root: string): Contract {
  const contract = parseContract(answer.contract, { where: entry });
  if (contract.procedures.size === 0 && answer.problems.length === 0) {
    throw noProcedures(entry, root);
  }
  return contract;
}

/** Splits `app.main:api` into the module and the name of the application object. */
export function splitEntry(entry: string): { module: string; app: string | undefined } {
  const colon = entry.indexOf(":");
  return colon < 0
    ? { module: entry, app: undefined }
    : { module: entry.slice(0, colon), app: entry.slice(colon + 1) || undefined };
}

/** Import timeout (ms) from `PYRPC_IMPORT_TIMEOUT` (seconds); undefined if it is not set or not a number. */
export function importLimit(env: Readonly<Record<string, string | undefined>>): number | undefined {
  const seconds = Number(env["PYRPC_IMPORT_TIMEOUT"] || NaN);
  return seconds > 0 && seconds < 86_400 ? seconds * 1000 : undefined;
}

/** Tests if an error is caused by the user's module, rather than by Python itself. */
export function isModuleError(error: ToolError): boolean {
  return error.code.startsWith("BACKEND_");
}

import { parseJson, type ParseJsonOptions } from "../json/mod.ts";
import type { JsonObject, SourceDefinitions } from "../contract/mod.ts";
import type { MissingModule } from "./missing_module.ts";

/** JSON in ASCII: Python decodes the arguments of its command line with the locale's encoding. */
export function asciiJson(value: unknown): string {
  return JSON.stringify(value).replace(
    /[\u007f-\uffff]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}

/** A place in the user's code; line and column count from 1. */
export interface CodePlace {
  readonly file: string;
  readonly line: number;
  readonly column?: number;
  /** The line itself. */
  readonly text?: string;
}

/** First message of a worker: its interpreter. Below Python 3.11 it has only `version`. */
export interface Hello {
  readonly event: "hello";
  readonly version: string;
  readonly executable?: string;
  readonly prefix?: string;
  /** True in a virtual environment. */
  readonly environment?: boolean;
  /** True if `pyrpc_core` is installed. */
  readonly core?: boolean;
  readonly coreVersion?: string | null;
  readonly fork?: boolean;
}

/** A procedure that is omitted because it has no JSON Schema. */
export interface ProcedureProblem {
  readonly name: string;
  /** The parameter, `return`, or null if unknown. */
  readonly part: string | null;
  readonly reason: string;
  readonly place: CodePlace | null;
}

/** A default that makes `GET /rpc` fail as a whole. */
export interface UnservableDefault {
  /** The procedure. */
  readonly name: string;
  readonly parameter: string;
  /** The class of the default. */
  readonly type: string;
  /** The adapters of pyRPC that cannot encode it: `fastapi`, `flask`, `asgi`. */
  readonly adapters: readonly string[];
  readonly place: CodePlace | null;
}

/** Two functions registered under one name: the second replaced the first. */
export interface DuplicateProcedure {
  readonly name: string;
  readonly first: CodePlace | null;
  readonly second: CodePlace | null;
}

/** The application of a module. */
export interface DescribedApplication {
  /** Its name, or the expression that makes it. */
  readonly name: string;
  readonly kind: string | null;
  /** Further applications of the module, if this one was chosen for its usual name. */
  readonly others: readonly string[];
  /** The paths at which it answers pyRPC's requests; null if only a request can show them. */
  readonly endpoints: RpcEndpoints | null;
}

/** The paths at which an application answers pyRPC's requests. */
export interface RpcEndpoints {
  readonly paths: readonly string[];
  /**
   * `router`: a bare application without one. `split`: two routes of Django's adapter, which refuse GET together.
   * `shadowed`: another route comes before pyRPC's and answers GET.
   */
  readonly fault: "router" | "split" | "shadowed" | null;
  /** The route that comes first. */
  readonly shadow?: string | null;
  /** True if the procedures are not those of the default router. */
  readonly ownRouter: boolean;
  /** Django: the module of the URLs. */
  readonly urls: string | null;
}

/** A property of the backend that its JSON Schema does not contain. */
export interface BackendFact {
  readonly code: FactCode;
  /** A class, or a procedure for a type without a name. */
  readonly subject: string;
  /** The members of the subject that it is about. */
  readonly members: readonly string[];
}

/** The code of a {@link BackendFact}. */
export type FactCode =
  | "COMPUTED_FIELD"
  | "EXCLUDED_FIELD"
  | "FIELD_ALIAS"
  | "INT_FLAG"
  | "ITERABLE_RESULT"
  | "KEYS_REJECTED"
  | "KIND_UNDECLARED"
  | "SERIALIZER"
  | "TYPED_DICT"
  | "VARIADIC_PARAMETERS";

/** The user's module was imported. */
export interface ModuleAnswer {
  readonly ok: true;
  /** Result of `GET /rpc`, without the procedures in `problems`. */
  readonly contract: JsonObject;
  readonly problems: readonly ProcedureProblem[];
  /** Procedures with defaults that were converted to JSON; not every adapter of pyRPC does that. */
  readonly adapted: readonly string[];
  readonly duplicates: readonly DuplicateProcedure[];
  readonly defaults: readonly UnservableDefault[];
  /** Reasons why types that depend on the schema alone do not match the backend. */
  readonly facts: readonly BackendFact[];
  /** The definition of each procedure's function. Absent in answers of tests. */
  readonly places?: Readonly<Record<string, CodePlace | null>>;
  /** Absent in answers of tests; null if they cannot be found. */
  readonly definitions?: SourceDefinitions | null;
  /** Every source file of the project that was imported; absolute paths. */
  readonly files: readonly string[];
  /** The application that is served; null if the module has no application, or several. */
  readonly app: DescribedApplication | null;
  /** The version of `pyrpc_core`. */
  readonly core: string | null;
}

/** Reason of a failed import. */
export type FailureKind =
  | "syntax"
  | "exception"
  | "hidden"
  | "service"
  | "module"
  | "entry"
  | "core"
  | "adapter"
  | "relative"
  | "circular"
  | "no_app"
  | "several_apps"
  | "settings"
  | "exit"
  | "variables"
  | "encoding"
  | "server"
  | "timeout";

/** The user's module could not be imported. */
export interface ModuleFailure {
  readonly ok: false;
  readonly kind: FailureKind;
  /** The exception's class. */
  readonly type: string;
  /** The first line of its text. */
  readonly message: string;
  /** Position in the user's code. */
  readonly place: CodePlace | null;
  readonly traceback: string;
  readonly files: readonly string[];
  /** True if a line of the user's own code raised the exception. */
  readonly deepestIsProject: boolean;
  /** The module or attribute that is missing. */
  readonly name?: string;
  /** Suggestions. */
  readonly others?: readonly string[];
  /** Fields of a settings class without a value; their variables are `others`. */
  readonly fields?: readonly string[];
  /** Settings with a value that is not accepted, each with the reason. */
  readonly invalid?: readonly string[];
  /** The file that the settings class reads; null if it reads the environment only. */
  readonly envFile?: string | null;
  /** Why the module is missing. */
  readonly missing?: MissingModule | null;
  /** Files that import one another. */
  readonly chain?: readonly string[];
}

/** Message from a worker. */
export type WorkerEvent =
  | Hello
  | (ModuleAnswer & { readonly event: "answer"; readonly id: number })
  | (ModuleFailure & { readonly event: "answer"; readonly id: number })
  | { readonly event: "ready"; readonly id: number }
  | {
    readonly event: "exit";
    readonly id: number;
    readonly code: number | null;
    readonly signal: string | null;
  }
  | { readonly event: "stale"; readonly id: number }
  | {
    readonly event: "unbound";
    readonly id: number;
    readonly code: string;
    readonly reason: string;
  }
  /** A web page was refused. */
  | { readonly event: "refused_origin"; readonly id: number; readonly origin: string }
  /** The user's code has opened a source for writing. */
  | { readonly event: "wrote"; readonly path: string }
  | { readonly event: "unfit"; readonly reason: string }
  | { readonly event: "warm"; readonly modules: number };

/** Message to a worker. */
export type WorkerOrder =
  | {
    readonly do: "ask";
    readonly id: number;
    readonly module: string;
    readonly app: string | null;
    /** The module that has the application. */
    readonly appModule: string | null;
    /** Null if it is not configured. */
    readonly framework: string | null;
    /** Requires an application: several, and a factory that fails, are errors. */
    readonly servable: boolean;
    readonly root: string;
    /** Seconds. */
    readonly limit: number;
    /** Keeps the process after its answer, for the order to serve. */
    readonly keep: boolean;
  }
  | {
    readonly do: "serve";
    readonly id: number;
    readonly host: string;
    readonly port: number;
    readonly framework: string;
    readonly origins: {
      /** A regular expression of origins whose pages may call. */
      readonly pattern: string;
      /** Further origins; `*` for all. */
      readonly added: readonly string[];
    };
  }
  | { readonly do: "stop"; readonly id: number; readonly grace: number }
  | { readonly do: "unlisten" };

const EVENTS = [
  "hello",
  "answer",
  "ready",
  "exit",
  "stale",
  "unbound",
  "refused_origin",
  "wrote",
  "unfit",
  "warm",
];

/** Parses a line of a worker; undefined for other text (the user's code may write to the pipe by accident). */
export function parseWorkerLine(
  line: string,
  options: ParseJsonOptions = {},
): WorkerEvent | undefined {
  let value: unknown;
  try {
    value = parseJson(line, options);
  } catch {
    return undefined;
  }
  if (typeof value !== "object" || value === null || !("event" in value)) return undefined;
  if (!EVENTS.includes(String(value.event))) return undefined;
  return value as WorkerEvent;
}

/** Formats an order as one line. */
export function formatOrder(order: WorkerOrder): string {
  return `${asciiJson(order)}\n`;
}

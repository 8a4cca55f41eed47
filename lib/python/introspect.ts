import { Buffer } from "node:buffer";
import type { JsonObject } from "../contract/mod.ts";
import script from "./introspect.py" with { type: "text" };

/** How a worker is started: arguments for the interpreter, and what it reads first on standard input. */
export interface WorkerStart {
  readonly args: readonly string[];
  readonly input: Uint8Array;
}

/** `warm` forks for each question; `alone` answers one question itself. */
export type WorkerMode = "warm" | "alone";

// Reads the script from standard input: no temporary file, no limit of a command line's length, nothing of the project
// shadows a module of the standard library. Runs on every Python, Python 2 included, to name its version.
const BOOTSTRAP = `import sys
v = sys.version_info
if v < (3, 11):
    sys.stdout.write('{"event": "hello", "version": "%d.%d.%d"}\\n' % v[:3])
    sys.exit(0)
if sys.path and sys.path[0] == "":
    del sys.path[0]
import os
n = int(sys.argv[1])
b = b""
while len(b) < n:
    c = os.read(0, n - len(b))
    if not c:
        sys.exit(0)
    b += c
g = {"__name__": "pyrpc_worker", "__builtins__": __builtins__}
exec(compile(b, "<pyrpc>", "exec"), g)
g["main"](*g["json"].loads(sys.argv[2]))
`;

/** Arguments and first input of a worker for the project in `root` (an absolute path). */
export function workerStart(
  mode: WorkerMode,
  { root, preload }: { readonly root: string; readonly preload: boolean },
): WorkerStart {
  const input = Buffer.from(script, "utf8");
  return {
    args: ["-c", BOOTSTRAP, String(input.length), asciiJson([mode, root, !preload])],
    input,
  };
}

// An argument of a command line is read in the locale's encoding.
function asciiJson(value: unknown): string {
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

/** What the interpreter says of itself; all but `version` is missing below Python 3.11. */
export interface Hello {
  readonly event: "hello";
  readonly version: string;
  readonly executable?: string;
  readonly prefix?: string;
  /** Whether it belongs to a virtual environment. */
  readonly environment?: boolean;
  /** Whether `pyrpc_core` can be found. */
  readonly core?: boolean;
  readonly coreVersion?: string | null;
  readonly fork?: boolean;
}

/** A procedure that is left out, because no JSON Schema can be made of it. */
export interface ProcedureProblem {
  readonly name: string;
  /** The parameter, `return`, or null where it is not known. */
  readonly part: string | null;
  readonly reason: string;
  readonly place: CodePlace | null;
}

/** Two functions registered under one name: the second replaced the first. */
export interface DuplicateProcedure {
  readonly name: string;
  readonly first: CodePlace | null;
  readonly second: CodePlace | null;
}

/** The user's module was imported. */
export interface ModuleAnswer {
  readonly ok: true;
  /** What `GET /rpc` would answer, without the procedures in `problems`. */
  readonly contract: JsonObject;
  readonly problems: readonly ProcedureProblem[];
  /** Procedures whose defaults had to be made JSON; not every adapter of pyRPC does that. */
  readonly adapted: readonly string[];
  readonly duplicates: readonly DuplicateProcedure[];
  /** Every source file of the project that was imported; absolute paths. */
  readonly files: readonly string[];
  /** The application that is served; null where the module has none, or several. */
  readonly app: { readonly name: string; readonly kind: string | null } | null;
  /** The version of `pyrpc_core`. */
  readonly core: string | null;
}

/** Why a module could not be imported. */
export type FailureKind =
  | "syntax"
  | "exception"
  | "module"
  | "entry"
  | "core"
  | "adapter"
  | "circular"
  | "no_app"
  | "several_apps"
  | "exit"
  | "timeout";

/** The user's module could not be imported. */
export interface ModuleFailure {
  readonly ok: false;
  readonly kind: FailureKind;
  /** The exception's class. */
  readonly type: string;
  /** The first line of its text. */
  readonly message: string;
  /** Where in the user's code. */
  readonly place: CodePlace | null;
  readonly traceback: string;
  readonly files: readonly string[];
  /** Whether the exception was raised by a line of the user's own. */
  readonly deepestIsProject: boolean;
  /** The module or attribute that is missing. */
  readonly name?: string;
  /** What might have been meant. */
  readonly others?: readonly string[];
  /** A file beside the importing one that has the missing module's name. */
  readonly beside?: string | null;
  /** Files that import one another. */
  readonly chain?: readonly string[];
}

/** What a worker says, one a line. */
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
  | { readonly event: "unfit"; readonly reason: string }
  | { readonly event: "warm"; readonly modules: number };

/** What a worker is told, one a line. */
export type WorkerOrder =
  | {
    readonly do: "ask";
    readonly id: number;
    readonly module: string;
    readonly app: string | null;
    /** The module that has the application. */
    readonly appModule: string | null;
    /** Whether the application is needed: several, and a factory that fails, are errors. */
    readonly servable: boolean;
    readonly root: string;
    /** Seconds. */
    readonly limit: number;
    /** Whether the process stays, to be told to serve. */
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
  "unfit",
  "warm",
];

/** One line of a worker; undefined for what is none (the user's code may find our pipe, by intent or not). */
export function parseWorkerLine(line: string): WorkerEvent | undefined {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    return undefined;
  }
  if (typeof value !== "object" || value === null || !("event" in value)) return undefined;
  if (!EVENTS.includes(String(value.event))) return undefined;
  return value as WorkerEvent;
}

/** One order as a line. */
export function formatOrder(order: WorkerOrder): string {
  return `${asciiJson(order)}\n`;
}

import type { Buffer } from "node:buffer";
import { StringDecoder } from "node:string_decoder";
import { startProgram } from "../process/mod.ts";
import { findRuntime } from "./find_runtime.ts";
import { WORKER_SOURCES, WORKER_START } from "./worker_source.ts";

/** A file that replaces the one on disk for the compiler. */
export interface OverlayFile {
  /** Absolute. */
  readonly path: string;
  readonly text: string;
}

/** The types of both contracts, as files. */
export interface TypesVersions {
  readonly before: readonly OverlayFile[];
  readonly after: readonly OverlayFile[];
  /** Absolute paths of the files with types among them. */
  readonly types: readonly string[];
  /** Paths of declarations whose uses are searched: `["Product", "in_stock"]`, `["Types", "add"]`. */
  readonly wanted: readonly (readonly string[])[];
  /** Paths of declarations that end the search for the cause of an error. */
  readonly decisive: readonly (readonly string[])[];
  /** Names of the procedures of the old contract. */
  readonly procedures: readonly string[];
  /** Both versions are equal: only uses are searched. */
  readonly isSame: boolean;
}

/** An error that the new types cause. */
export interface CompilerError {
  /** Absolute, with `/`. */
  readonly file: string;
  readonly line: number;
  readonly column: number;
  /** Without `TS`. */
  readonly code: number;
  readonly message: string;
  /** Paths of the declarations that the code uses, the nearest first, up to a decisive one. */
  readonly uses: readonly (readonly string[])[];
}

/** The result of a compilation with both versions of the types. */
export interface Compilation {
  readonly kind: "compared";
  readonly typescript: string;
  readonly errors: readonly CompilerError[];
  /** Code that uses a wanted declaration, by its index. */
  readonly uses: readonly {
    readonly index: number;
    readonly file: string;
    readonly line: number;
    readonly column: number;
  }[];
  readonly ownErrors: number;
  readonly files: number;
  /** True if a compiled file imports the types. */
  readonly isImported: boolean;
  /** Kinds of code that the compiler does not compile: `vue`, `svelte`, `angular`. */
  readonly skipped: readonly string[];
}

/** The reason why a client was not compiled. */
export interface CompilationProblem {
  readonly kind: "problem";
  readonly code:
    | "NO_RUNTIME"
    | "NO_TYPESCRIPT"
    | "OLD_TYPESCRIPT"
    | "NO_COMPILER_API"
    | "NO_TSCONFIG"
    | "BROKEN_TSCONFIG"
    | "EMPTY_TSCONFIG"
    | "COMPILER_FAILED";
  readonly version?: string;
  readonly detail?: string;
}

interface Opened {
  readonly kind: "opened";
  readonly version: string;
  /** Further files with generated types that the client compiles. */
  readonly types: readonly string[];
}

/** Options of {@link compileClient}. */
export interface CompileOptions {
  /** Absolute path of the client's folder. */
  readonly root: string;
  /** Files that replace those on disk while the client's files are searched for generated types. */
  readonly files: readonly OverlayFile[];
  /** Returns the types of both contracts. Receives the files with generated types that are not in `files`. */
  readonly versions: (found: readonly string[]) => TypesVersions;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly signal?: AbortSignal | undefined;
}

/** Compiles a client with its own TypeScript in the user's Node. Nothing is written. */
export async function compileClient(
  { root, files, versions, env, signal }: CompileOptions,
): Promise<Compilation | CompilationProblem> {
  const runtime = await findRuntime(root, env);
  if (runtime === undefined) return { kind: "problem", code: "NO_RUNTIME" };
  const started = startProgram(runtime.command, [...runtime.args, "-e", WORKER_START], {
    cwd: root,
    // The options are for the user's own programs: an inspector or a loader would disturb the conversation.
    env: { ...env, NODE_OPTIONS: undefined },
  });
  if (started instanceof Error) return failed(started.message);
  const child = started;
  const stop = () => child.kill("SIGKILL");
  signal?.addEventListener("abort", stop, { once: true });
  const send = (value: unknown) => void child.stdin?.write(`${JSON.stringify(value)}\n`);
  try {
    return await new Promise((resolve) => {
      let version = "";
      let errors = "";
      child.stdin?.on("error", () => {/* The exit is reported. */});
      child.once("error", (error) => resolve(failed(error.message)));
      child.stderr?.on("data", (data: Buffer) => errors = (errors + data).slice(-2000));
      child.once("close", (code, name) => {
        resolve(failed(`${errors.trim()} (it exited with ${name ?? code})`.trim()));
      });
      eachLine(child.stdout, (line) => {
        const event = JSON.parse(line) as Opened | Compilation | CompilationProblem;
        if (event.kind === "opened") {
          version = event.version;
          send(versions(event.types));
        } else resolve(event.kind === "compared" ? { ...event, typescript: version } : event);
      });
      send(WORKER_SOURCES);
      send({ root, files });
    });
  } finally {
    signal?.removeEventListener("abort", stop);
    child.stdin?.end();
    child.kill();
    // The native compiler has the same standard error and exits later: this process does not wait for it.
    child.stdout?.destroy();
    child.stderr?.destroy();
  }
}

function failed(detail: string): CompilationProblem {
  return { kind: "problem", code: "COMPILER_FAILED", detail };
}

function eachLine(
  stream: { on(event: "data", listener: (data: Buffer) => void): unknown } | null,
  visit: (line: string) => void,
): void {
  const decoder = new StringDecoder("utf8");
  const parts: string[] = [];
  stream?.on("data", (data) => {
    const [first = "", ...others] = decoder.write(data).split("\n");
    parts.push(first);
    for (const next of others) {
      visit(parts.join(""));
      parts.length = 0;
      parts.push(next);
    }
  });
}

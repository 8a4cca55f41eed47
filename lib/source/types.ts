import type { Contract, SourceDefinitions } from "../contract/mod.ts";
import type { BackendFact } from "../python/mod.ts";
import type { HttpContext, HttpOptions } from "../http/mod.ts";

/** Options for loading a SOURCE; every command that has one offers them as flags. */
export interface LoadOptions extends HttpOptions {
  /** Python interpreter for a module. */
  readonly python?: string | undefined;
  /** Framework of a module's project. @default found from the files of the project */
  readonly framework?: string | undefined;
  /** True to print the full traceback of an error in a module. */
  readonly verbose?: boolean | undefined;
  /** Receives the output of a module during its import. @default dropped */
  readonly onOutput?: (text: string) => void;
  /** Also returns the contract as it is written, with 5.0 apart from 5. @default {false} */
  readonly marksFloats?: boolean;
}

/** The environment that a SOURCE is loaded in; a `Console` is one. */
export interface LoadContext extends HttpContext {
  readonly stdin: { readAll(maxBytes: number): Promise<Uint8Array> };
}

/** A warning with a stable code, about what the schema of a module does not contain. */
export interface SourceFact {
  readonly code: BackendFact["code"];
  /** A class, or `procedures`. */
  readonly subject: string;
  readonly message: string;
}

/** A default of a module that makes `GET /rpc` fail. */
export interface UnservableSource {
  readonly procedure: string;
  /** The adapters of pyRPC on which it fails: `fastapi`, `flask`, `asgi`. */
  readonly adapters: readonly string[];
  readonly message: string;
}

/** A line of the project's source. */
export interface SourcePlace {
  /** Relative to the folder of the module, with `/`. */
  readonly file: string;
  /** From 1. */
  readonly line: number;
}

/** A contract and its origin. */
export interface LoadedSource {
  readonly kind: "file" | "stdin" | "url" | "module";
  readonly contract: Contract;
  /**
   * With `marksFloats`: the contract with a `WireFloat` for each whole number that is written as a float. Only for
   * `formatContract`.
   */
  readonly written?: Contract;
  /** For messages: an absolute path, a URL without secrets, `standard input` or a module. */
  readonly where: string;
  /** The definition of each procedure of a module. */
  readonly places?: ReadonlyMap<string, SourcePlace>;
  /** The definitions of a module's procedures, models and fields. */
  readonly definitions?: SourceDefinitions;
  /** ETag of the server's answer, for the next conditional request. */
  readonly etag?: string;
  /** Warnings, each one line. */
  readonly warnings?: readonly string[];
  /** Procedures of a module that are missing in the contract, each one line. */
  readonly problems?: readonly string[];
  /** Reasons why the types do not match a module, although they match its schema. */
  readonly facts?: readonly SourceFact[];
  /** Procedures of a module whose kind is not declared; `GET /rpc` reports them as queries. */
  readonly undeclaredKinds?: readonly string[];
  /** Defaults of a module that make `GET /rpc` fail. */
  readonly defaults?: readonly UnservableSource[];
  /** The framework of a module's application. */
  readonly adapter?: string;
}

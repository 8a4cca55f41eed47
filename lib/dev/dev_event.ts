import type { GeneratedChanges, GeneratedTypes, ModelChanges } from "../codegen/mod.ts";
import type { ProjectConfig } from "../project/mod.ts";
import type { ToolError } from "../errors.ts";
import type { EndpointFault, ModuleAnswer, ProcessExit } from "../python/mod.ts";
import type { ClientDelivery } from "../delivery/mod.ts";
import type { DiffReport } from "../report/mod.ts";

/**
 * The backend's server is run by the session (`own`), by another process as long as it runs (`attached`), by a command of
 * the user's that the session starts (`exec`), or not at all.
 */
export type ServerRole = "own" | "attached" | "exec" | "none";

/** An event of a development session. */
export type DevEvent =
  /** A line that the backend printed. */
  | { readonly kind: "output"; readonly line: string }
  /** The backend was described; in server distribution nothing is delivered. */
  | {
    readonly kind: "contract";
    readonly procedures: number;
    readonly changes: GeneratedChanges;
    readonly models: readonly ModelChanges[];
    readonly deliveries: readonly ClientDelivery[];
    readonly answer: ModuleAnswer;
    readonly generated: GeneratedTypes;
    readonly server: ServerRole;
    /** Milliseconds from the end of the debounce until all was written. */
    readonly milliseconds: number;
  }
  /** No client's target names these files any more; they have the types of an earlier delivery. */
  | { readonly kind: "stale_types"; readonly paths: readonly string[] }
  /** The backend cannot be described; delivered types and the running server stay. */
  | { readonly kind: "broken"; readonly error: ToolError }
  /** The first import is slow. */
  | { readonly kind: "importing"; readonly seconds: number }
  /** The configuration can be used again. */
  | { readonly kind: "config_recovered" }
  /** The backend writes these files itself at each start; they are not followed until another file changes. */
  | { readonly kind: "own_writes"; readonly paths: readonly string[] }
  /** Types that had disappeared were delivered again. */
  | { readonly kind: "restored"; readonly deliveries: readonly ClientDelivery[] }
  /** The lines of the clients that break with the present contract are others than before. */
  | {
    readonly kind: "broken_lines";
    /** Compares the first contract of the session with the present one. */
    readonly report: DiffReport;
    readonly milliseconds: number;
  }
  | ServerEvent
  | SchemaEvent
  | ExecEvent
  /** The server that ran before the session has ended; the session starts its own. */
  | { readonly kind: "attached_ended" }
  /** The attached server still has another contract some seconds after a change; `response` describes it. */
  | { readonly kind: "attached_stale"; readonly response: string }
  /** The bare application refused a web page. */
  | { readonly kind: "refused_origin"; readonly origin: string }
  /** `pyrpc.json` has changed and was applied. */
  | { readonly kind: "config"; readonly project: ProjectConfig }
  /** `pyrpc.json` has changed and cannot be used; the previous configuration stays in use. */
  | { readonly kind: "config_broken"; readonly error: ToolError };

/** An event of the backend's server. */
export type ServerEvent =
  | {
    readonly kind: "server";
    readonly state: "started" | "restarted";
    readonly milliseconds: number;
  }
  | {
    readonly kind: "server_failed";
    readonly exit: ProcessExit | undefined;
    readonly reason: string | undefined;
    /** Its last lines of output. */
    readonly lines: readonly string[];
  };

/** An event of the server that the user's own command runs. */
export type ExecEvent =
  /** `GET /rpc` answers with the project's contract. */
  | { readonly kind: "exec_ready"; readonly milliseconds: number }
  /** The command ended by itself, and the session ends with it. */
  | { readonly kind: "exec_ended"; readonly code: number }
  /** It did not in time. */
  | {
    readonly kind: "exec_unready";
    readonly seconds: number;
    /** The last response. */
    readonly response: string;
    readonly fault: EndpointFault | undefined;
  };

/** An event about `GET /rpc` of the running server, which clients depend on in server distribution. */
export type SchemaEvent =
  | {
    readonly kind: "schema_broken";
    readonly reason: string;
    /** The application requires credentials, which clients may have. */
    readonly isGuarded: boolean;
    /** The reason, as far as the source shows it. */
    readonly fault?: EndpointFault | undefined;
    /** Procedures that may be the cause, and why. */
    readonly suspects: readonly { readonly name: string; readonly reason: string }[];
  }
  | { readonly kind: "schema_recovered" };

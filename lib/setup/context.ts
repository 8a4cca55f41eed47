import type { Distribution } from "../project/mod.ts";
import type { Prompter } from "./prompter.ts";

/** A step of a setup, to be reported to the user. */
export type SetupEvent =
  /** A configuration file was written; `backup` is the copy of the previous one, if it was converted. */
  | {
    readonly kind: "written";
    readonly path: string;
    readonly text: string;
    readonly backup?: string;
  }
  | {
    readonly kind: "client_written";
    readonly path: string;
    readonly text: string;
    readonly distribution: Distribution;
  }
  /** The file already has the given values. */
  | { readonly kind: "unchanged"; readonly path: string }
  /** The client is already set up. */
  | { readonly kind: "client_exists"; readonly path: string }
  /** No backend writes types into a client with workspace distribution; the setup continues. */
  | { readonly kind: "no_backend"; readonly reason: string }
  /** The server of a client did not answer as a pyRPC server; the setup continues. */
  | { readonly kind: "server_failed"; readonly url: string; readonly reason: string }
  /** A folder that is no longer a client contains generated types. */
  | { readonly kind: "stale_output"; readonly folder: string }
  | { readonly kind: "stale_output_kept"; readonly folder: string }
  | { readonly kind: "stale_output_removed" }
  | { readonly kind: "stale_output_moved"; readonly folder: string }
  | { readonly kind: "stale_output_failed"; readonly reason: string };

/** The environment of a setup. */
export interface SetupContext {
  readonly cwd: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Asks the questions; missing without a terminal. */
  readonly openPrompter?: () => Promise<Prompter>;
  readonly onEvent: (event: SetupEvent) => void;
}

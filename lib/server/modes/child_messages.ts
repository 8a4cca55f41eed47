import type { HostReports, PlainConnectionInfo } from "./mode.ts";

/** The one message from the parent to a child, after the service's configuration. */
export interface ToChild {
  readonly kind: "serve";
  readonly info: PlainConnectionInfo;
  /** The socket itself comes with this message; otherwise the bytes come through standard input. */
  readonly handsOver: boolean;
}

/** Messages from a child to its parent. */
export type FromChild = { readonly kind: "ready" } | {
  readonly kind: "report";
  readonly reports: HostReports;
};

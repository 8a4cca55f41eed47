import type { HostReports, PlainConnectionInfo } from "./mode.ts";
import type { PortMessage } from "./port_stream.ts";

/** Messages from the main thread to a worker; `id` is the connection. */
export type ToWorker =
  | { readonly kind: "open"; readonly id: number; readonly info: PlainConnectionInfo }
  /** The socket itself, as the number of a copied descriptor that the worker owns from then on. */
  | {
    readonly kind: "socket";
    readonly id: number;
    readonly info: PlainConnectionInfo;
    readonly descriptor: number;
  }
  | { readonly kind: "abort"; readonly id: number }
  | { readonly kind: "stream"; readonly id: number; readonly message: PortMessage };

/** Messages from a worker to the main thread. */
export type FromWorker =
  /** The worker listens: some engines lose a message that arrives earlier. */
  | { readonly kind: "ready" }
  | { readonly kind: "taken"; readonly id: number }
  | { readonly kind: "report"; readonly reports: HostReports }
  | { readonly kind: "stream"; readonly id: number; readonly message: PortMessage }
  | { readonly kind: "over"; readonly id: number }
  | { readonly kind: "failed"; readonly message: string };

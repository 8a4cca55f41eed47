import type { Registration, RegistrationEvent } from "../../lib/rpyc/registry/mod.ts";
import { modeEventText, type RpycLog, type RpycServerEvent } from "../../lib/serve/mod.ts";

/** Writes an event of the server as rpyc's own log has it. */
export function logServerEvent(
  log: RpycLog,
  event: Exclude<RpycServerEvent, { readonly kind: "refused-origin" }>,
): void {
  switch (event.kind) {
    case "connection":
      return logConnection(log, event);
    case "error":
      return log.write("ERROR", event.line);
    case "dropped":
      return log.write("WARNING", `${bracketed(event.remote)} dropped: the server is busy`);
    case "mode-failed":
      return log.write("ERROR", modeEventText(event));
    case "host-ended":
      return log.write(
        "ERROR",
        `client connection terminated abruptly ${bracketed(event.remote)}: ${event.reason}`,
      );
  }
}

function logConnection(
  log: RpycLog,
  { event, remote, reason }: Extract<RpycServerEvent, { readonly kind: "connection" }>,
): void {
  const client = bracketed(remote);
  switch (event) {
    case "accepted":
      return log.write("INFO", `welcome ${client}`);
    case "refused":
      // The text of rpyc's own server, which does not have the reason.
      log.write("INFO", `${client} failed to authenticate... rejecting connection`);
      return log.write("WARNING", `${client} refused: ${reason}`);
    case "dropped":
      return log.write("WARNING", `${client} dropped: --max-connections are open`);
    case "failed":
      return log.write("WARNING", `${client} closed: ${reason}`);
    case "closed":
      return log.write("INFO", `goodbye ${client}`);
  }
}

/** `127.0.0.1:4000` as rpyc's log has it: `[127.0.0.1]:4000`. */
function bracketed(remote: string): string {
  if (remote === "") return "A client";
  const colon = remote.lastIndexOf(":");
  if (remote.startsWith("[") || colon < 0) return remote.startsWith("[") ? remote : `[${remote}]`;
  return `[${remote.slice(0, colon)}]${remote.slice(colon)}`;
}

/** Writes an event of the registration. */
export function logRegistration(
  log: RpycLog,
  event: RegistrationEvent,
  { host, port }: Registration,
): void {
  switch (event) {
    case "registered":
      return log.write("INFO", `registry ${host}:${port} acknowledged`);
    case "failed":
      return log.write("WARNING", "no registry acknowledged");
    case "unregistered":
      return log.write("INFO", `unregistering from ${host}:${port}`);
  }
}

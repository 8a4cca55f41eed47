import { errorWithPosition } from "../../runtime/mod.ts";
import type { OnConnection } from "../../server/mod.ts";
import type { ModeEvent } from "../../server/modes/mod.ts";

/**
 * Formats the reason why a connection was refused or closed: text, or an error of the user's authenticator, mode or
 * service with its position.
 *
 * @param file path of the user's file, for errors without a position
 */
export function failureText(reason: unknown, file: string): string {
  return typeof reason === "string" ? reason : errorWithPosition(reason, file);
}

/** Writes the failure of a connection that a worker or child serves, for {@link reportFailures}. */
export function formatFailure(remote: string, text: string): string {
  return `${JSON.stringify([remote, text])}\n`;
}

/** Reports the failures of the lines that {@link formatFailure} made. */
export function reportFailures(lines: string, onConnection: OnConnection): void {
  for (const line of lines.trimEnd().split("\n")) {
    const [remote, text] = JSON.parse(line) as [string, string];
    onConnection("failed", remote, text);
  }
}

/** Makes a listener's `onConnection` that prints a warning for each connection that is refused, dropped or fails. */
export function connectionWarnings(warn: (text: string) => void, file: string): OnConnection {
  return (event, remote, reason) => {
    const who = remote === "" ? "A client" : remote;
    if (event === "dropped") warn(`${who} dropped: --max-connections are open`);
    else if (event === "refused" || event === "failed") {
      warn(`${who} ${event === "refused" ? "refused" : "closed"}: ${failureText(reason, file)}`);
    }
  };
}

/** Formats an event of a mode. */
export function modeEventText(event: ModeEvent): string {
  switch (event.kind) {
    case "dropped":
      return `${event.remote} dropped: the server is busy`;
    case "host-ended":
      return `${event.remote} ended abruptly: ${event.reason}`;
    case "mode-failed":
      return `The mode failed: ${failureText(event.error, event.file)}`;
  }
}

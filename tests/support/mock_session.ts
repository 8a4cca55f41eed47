import type { SessionEvents } from "../../lib/mock_session/events.ts";
import { type Console, systemClock } from "../../lib/runtime/mod.ts";

/** The console of a session in a folder. `random` replaces its random numbers. */
export function sessionConsole(
  cwd: string,
  { env = {}, random = () => 0.5, clock = systemClock }: {
    readonly env?: Readonly<Record<string, string>>;
    readonly random?: () => number;
    readonly clock?: Pick<Console, "monotonic" | "after">;
  } = {},
): Console {
  const stream = { write: () => undefined, isTerminal: false, columns: 80 };
  return {
    stdin: {
      isTerminal: false,
      readAll: () => Promise.resolve(new Uint8Array()),
      get stream(): never {
        throw new Error("A session does not prompt");
      },
    },
    stdout: stream,
    stderr: stream,
    // The cache of contracts stays in the folder.
    env: { XDG_CACHE_HOME: cwd, ...env },
    cwd,
    now: () => 0,
    random,
    monotonic: () => clock.monotonic(),
    after: (milliseconds, callback) => clock.after(milliseconds, callback),
    onSignal: () => () => undefined,
  };
}

/** Events of a session, stored as lines: `note: …`, `warn: …`, `failed: …`, `violation: …`. */
export function recordedEvents(): { readonly events: SessionEvents; readonly lines: string[] } {
  const lines: string[] = [];
  return {
    lines,
    events: {
      note: (text) => void lines.push(`note: ${text}`),
      warn: (text) => void lines.push(`warn: ${text}`),
      failed: (error) => void lines.push(`failed: ${(error as Error).message}`),
      violation: ({ procedure, kind }) => void lines.push(`violation: ${procedure} ${kind}`),
    },
  };
}

import { commandNotStarted } from "./errors.ts";
import type { Console } from "../runtime/mod.ts";
import { startCommand } from "../process/mod.ts";

const GRACE_MS = 10_000;

/**
 * Runs a command line whose `PYRPC_SERVER_URL` is the server, and returns its exit code. A signal is passed on; a second
 * one, or ten seconds, ends the command for good.
 *
 * @param ended rejects if the server fails, which ends the command; the error is thrown
 */
export async function execCommand(
  line: string,
  url: string,
  console: Pick<Console, "cwd" | "env" | "onSignal" | "after">,
  ended: Promise<unknown>,
): Promise<number> {
  const { cwd, env } = console;
  const started = startCommand(line, { cwd, env: { ...env, PYRPC_SERVER_URL: url } });
  const command = {
    ...started,
    ended: started.ended.catch((error: unknown) => {
      throw commandNotStarted(line, error);
    }),
  };
  let cancelKill: (() => void) | undefined;
  const end = (signal: NodeJS.Signals) => {
    command.signal(cancelKill === undefined ? signal : "SIGKILL");
    cancelKill ??= console.after(GRACE_MS, () => command.signal("SIGKILL"));
  };
  const stopListening = console.onSignal(end);
  let failure: { readonly error: unknown } | undefined;
  ended.catch((error: unknown) => {
    failure = { error };
    end("SIGTERM");
  });
  try {
    const code = await command.ended;
    if (failure !== undefined) throw failure.error;
    return code;
  } finally {
    stopListening();
    cancelKill?.();
  }
}

/** The address of a listener for `PYRPC_SERVER_URL`: without the usual path, and of an address that can be called. */
export function serverUrl(listenerUrl: string): string {
  const url = new URL(listenerUrl);
  if (url.hostname === "0.0.0.0") url.hostname = "127.0.0.1";
  if (url.hostname === "[::]") url.hostname = "[::1]";
  return url.pathname === "/rpc" ? url.origin : url.href;
}

import type { EndSignal } from "../../lib/runtime/mod.ts";
import { freePort } from "./free_port.ts";
import { waitUntil } from "./wait_until.ts";
import { type CliResult, runCli, type RunCliOptions } from "./run_cli.ts";

/** Calls a procedure with a plain request. */
export type PlainCall = (method: string, params?: unknown, path?: string) => Promise<Reply>;

/** The answer to a call. */
export interface Reply {
  readonly result: unknown;
  readonly error: { readonly code: number; readonly message: string } | null;
}

/** Runs a server command until `use` is done, then ends it as Ctrl+C does. */
export async function serving(
  args: (port: number) => readonly string[],
  options: RunCliOptions,
  use: (call: PlainCall, url: string) => Promise<void>,
): Promise<CliResult> {
  const port = await freePort();
  let send: (signal: EndSignal) => void = () => undefined;
  const running = runCli([...args(port), "--port", String(port)], {
    ...options,
    onStart: (signal) => {
      send = signal;
    },
  });
  const failed = running.then((result) => {
    throw new Error(`It ended: ${result.block}`);
  });
  failed.catch(() => undefined);
  const url = `http://127.0.0.1:${port}`;
  try {
    await Promise.race([
      waitUntil(async () => (await fetch(`${url}/rpc`)).status < 500),
      failed,
    ]);
    await use(async (method, params, path = "/rpc") => {
      const response = await fetch(`${url}${path}`, {
        method: "POST",
        body: JSON.stringify({ jsonrpc: "2.0", id: 1, method, params }),
      });
      return await response.json() as Reply;
    }, url);
  } finally {
    send("SIGINT");
  }
  return await running;
}

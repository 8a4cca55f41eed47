import type { ServerCall } from "../lib/source/mod.ts";
import type { SourceFlags } from "../lib/cli/mod.ts";

const SECRET = /^(?:authorization|cookie|proxy-authorization)$|key|token|secret|password|session/i;

/**
 * A call as a command for a POSIX shell. Secrets are not in it: a token is read from its variable, a header that looks
 * like one from a variable named after the header.
 */
export async function curlCommand(
  source: string,
  call: ServerCall,
  flags: SourceFlags,
): Promise<string> {
  const { callBody } = await import("../lib/source/mod.ts");
  const { rpcUrl } = await import("../lib/rpc_url.ts");
  const { url, authorization } = rpcUrl(source);
  const parts = ["curl -sS", quote(url.href), `-H ${quote("content-type: application/json")}`];
  if (authorization !== undefined) parts.push('-u "$PYRPC_USER:$PYRPC_PASSWORD"');
  if (flags.tokenEnv !== undefined) parts.push(`-H "authorization: Bearer $${flags.tokenEnv}"`);
  for (const header of flags.header ?? []) {
    const [, name = "", value = ""] = /^([^:]*?)\s*:\s*(.*)$/s.exec(header) ?? [];
    parts.push(
      SECRET.test(name)
        ? `-H ${quote(`${name}: `)}"$${name.toUpperCase().replace(/[^A-Z0-9]+/g, "_")}"`
        : `-H ${quote(`${name}: ${value.trim()}`)}`,
    );
  }
  if (flags.timeout !== undefined) parts.push(`--max-time ${flags.timeout / 1000}`);
  if (flags.caFile !== undefined) parts.push(`--cacert ${quote(flags.caFile)}`);
  if (flags.clientCert !== undefined) parts.push(`--cert ${quote(flags.clientCert)}`);
  if (flags.clientKey !== undefined) parts.push(`--key ${quote(flags.clientKey)}`);
  parts.push(`--data-raw ${quote(callBody(call))}`);
  return parts.join(" ");
}

function quote(text: string): string {
  return /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`;
}

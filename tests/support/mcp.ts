import { Client, type ClientOptions, InMemoryTransport } from "@modelcontextprotocol/client";
import type { InMemoryTransport as ServerTransport } from "@modelcontextprotocol/server";
import type { Selection } from "../../lib/contract/mod.ts";
import { ContractSource } from "../../lib/mcp/contract_source.ts";
import { createMcpServer } from "../../lib/mcp/server.ts";
import type { McpSession } from "../../lib/mcp/session.ts";
import { systemClock } from "../../lib/runtime/mod.ts";
import { tempFolder } from "./temp_folder.ts";

/** Options of {@link mcpClient}. */
export interface McpClientOptions extends Partial<Omit<McpSession, "source" | "context">> {
  /** Files of the project by path. */
  readonly files?: Readonly<Record<string, string>>;
  /** SOURCE (default: `schema.json` of the project). */
  readonly source?: string | undefined;
  /** The procedures that agents see (default: all). */
  readonly selection?: Selection;
  readonly env?: Readonly<Record<string, string | undefined>>;
  readonly client?: ClientOptions;
  readonly prepare?: (client: Client) => void;
}

/** An MCP client of a server in this process. */
export interface McpClient extends AsyncDisposable {
  readonly client: Client;
  readonly folder: string;
  /** The structured answer of a tool; rejects with the text of an error. */
  call(name: string, args?: Record<string, unknown>): Promise<Record<string, unknown>>;
  /** The text of a tool's error. */
  failure(name: string, args?: Record<string, unknown>): Promise<string>;
}

/** Connects the official client to a server. */
export async function mcpClient(options: McpClientOptions = {}): Promise<McpClient> {
  const folder = await tempFolder(options.files);
  const stdin = { readAll: () => Promise.reject(new Error("no standard input")) };
  const env = { XDG_CACHE_HOME: folder.at(".cache"), ...options.env };
  const context = { cwd: folder.path, env, stdin, now: () => Date.now(), ...systemClock };
  const load = options.options ?? {};
  const given = "source" in options ? options.source : "schema.json";
  const source = new ContractSource(given, load, context, options.selection);
  const session: McpSession = {
    source,
    context,
    options: load,
    given,
    allowedCalls: options.allowedCalls ?? [],
    allowWrite: options.allowWrite ?? false,
    redact: options.redact ?? ((text) => text),
  };
  const server = createMcpServer(session);
  source.onChange = () => void server.sendResourceListChanged();
  const client = new Client({ name: "test", version: "1" }, options.client);
  options.prepare?.(client);
  const [near, far] = InMemoryTransport.createLinkedPair();
  await server.connect(far as unknown as InstanceType<typeof ServerTransport>);
  await client.connect(near);
  const ask = (name: string, args: Record<string, unknown>) =>
    client.callTool({ name, arguments: args });
  const textOf = ({ content }: Awaited<ReturnType<typeof ask>>) => {
    const [first] = content as { text: string }[];
    return first?.text ?? "";
  };
  return {
    client,
    folder: folder.path,
    async call(name, args = {}) {
      const answer = await ask(name, args);
      if (answer.isError === true) throw new Error(textOf(answer));
      return answer.structuredContent as Record<string, unknown>;
    },
    async failure(name, args = {}) {
      const answer = await ask(name, args);
      if (answer.isError !== true) throw new Error(`No error: ${textOf(answer)}`);
      return textOf(answer);
    },
    async [Symbol.asyncDispose]() {
      await client.close();
      await source.close();
      await folder[Symbol.asyncDispose]();
    },
  };
}

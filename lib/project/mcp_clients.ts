/** The clients of MCP whose configuration `pyrpc mcp --install` edits. */
export const MCP_CLIENTS = ["claude", "cursor", "vscode"] as const;

/** One of {@link MCP_CLIENTS}. */
export type McpClient = typeof MCP_CLIENTS[number];

/** The configuration of each client in a project: its file, and the member that holds the servers. */
export const MCP_CONFIGS: Readonly<Record<McpClient, { file: string; servers: string }>> = {
  claude: { file: ".mcp.json", servers: "mcpServers" },
  cursor: { file: ".cursor/mcp.json", servers: "mcpServers" },
  vscode: { file: ".vscode/mcp.json", servers: "servers" },
};

/** The name of pyrpc's entry in such a configuration. */
export const MCP_ENTRY = "pyrpc";

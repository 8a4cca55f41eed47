/** The clients whose configuration `pyrpc mcp --install` edits. */
export const MCP_CLIENTS = ["claude", "cursor", "vscode"] as const;

/** One of {@link MCP_CLIENTS}. */
export type McpClient = typeof MCP_CLIENTS[number];

/** The MCP server of `pyrpc mcp`: looks up, checks and calls procedures for coding agents. @module */
export { type InstalledEntry, planEntry, writeEntry } from "./install.ts";
export { installsCredentials } from "./errors.ts";
export { type McpOptions, serveMcp } from "./serve.ts";

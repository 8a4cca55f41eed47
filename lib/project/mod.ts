export {
  findBackendOfClient,
  findWorkspaceClient,
  manifestFolder,
  type WorkspaceClient,
} from "./backend_of_client.ts";
export { findBelow, findUpwards } from "./find_file.ts";
export {
  editJson,
  elementsOf,
  fieldNames,
  fieldOf,
  type JsonEdit,
  type JsonField,
  type JsonFile,
  parseJsonFile,
  readJsonFile,
  textOf,
  wrongValue,
} from "./json_file.ts";
export { findCorsOrigins } from "./find_cors_origins.ts";
export { SERVER_URL_VARIABLE, serverUrlOfEnvironment } from "./server_url.ts";
export { writeConfigFile } from "./write_file.ts";
export { unjoinedMounts } from "./detect_django.ts";
export type { DetectedEntry } from "./detect_entries.ts";
export { type DetectedProject, detectProject, entryFor } from "./detect_project.ts";
export { findModule, type ModuleSearch } from "./module_files.ts";
export type { ClientRoot } from "./client_roots.ts";
export type { ClientTarget } from "./client_target.ts";
export { type ConfigView, viewConfig } from "./config_view.ts";
export { entryOfPath, isEntrypoint, isPythonFile, splitEntrypoint } from "./entrypoint.ts";
export { applicationsIn, mayDefine } from "./find_application.ts";
export { loadProject, type LoadProjectOptions, resolveProject } from "./load_project.ts";
export {
  type EffectiveValue,
  missingAnswers,
  type ProjectConfig,
  type ProjectOverrides,
  type ProjectState,
  type SetupAnswers,
  type SetupQuestion,
} from "./project.ts";
export { SETTING_FLAGS, SETTING_VARIABLES } from "./project_settings.ts";
export { sharedPath } from "./portable_path.ts";
export { writtenPath } from "./written_path.ts";
export {
  type AllowedFinding,
  type Distribution,
  DISTRIBUTIONS,
  type Framework,
  FRAMEWORKS,
  interpretProjectFile,
  PROJECT_FILE,
  type ProjectFile,
  type ProjectFormat,
  readProjectFile,
} from "./project_file.ts";
export {
  CLIENT_SCHEMA_URL,
  convertProject,
  formatProject,
  PROJECT_SCHEMA_URL,
  saveProject,
  updateProject,
} from "./write_project.ts";
export {
  CLIENT_CONFIG_FILE,
  type ClientConfig,
  type ClientConfigOptions,
  type ClientServer,
  findClientConfig,
  readClientConfig,
} from "./client_config.ts";
export { MCP_CLIENTS, MCP_CONFIGS, MCP_ENTRY, type McpClient } from "./mcp_clients.ts";

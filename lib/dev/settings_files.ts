import { basename } from "node:path";

const SETTINGS =
  /^(\.env(\..+)?|.+\.env|\.flaskenv|(settings|config|configuration|secrets|\.secrets)(\..+)?\.(toml|ya?ml|json|ini|cfg))$/;

/** Returns true for a file that backends read their settings from, such as `.env` and `settings.toml`. */
export function isSettingsFile(path: string): boolean {
  return SETTINGS.test(basename(path));
}

import { invalidPackageName, invalidPackageVersion } from "./errors.ts";

/** The package that types go to unless another name is given. */
export const TYPES_PACKAGE = "@pyrpc/types";

const NAME = /^(?:@[a-z0-9~-][a-z0-9._~-]*\/)?[a-z0-9~-][a-z0-9._~-]*$/;
// https://semver.org, the pattern that it suggests, without its groups.
const VERSION =
  /^(?:0|[1-9]\d*)\.(?:0|[1-9]\d*)\.(?:0|[1-9]\d*)(?:-(?:0|[1-9]\d*|\d*[a-zA-Z-][\da-zA-Z-]*)(?:\.(?:0|[1-9]\d*|\d*[a-zA-Z-][\da-zA-Z-]*))*)?(?:\+[\da-zA-Z-]+(?:\.[\da-zA-Z-]+)*)?$/;

/** Returns true if npm accepts the name for a new package. Such a name cannot leave `node_modules`. */
export function isPackageName(name: string): boolean {
  return name.length <= 214 && NAME.test(name) && !["node_modules", "favicon.ico"].includes(name);
}

/** Returns true if npm accepts the version. */
export function isPackageVersion(version: string): boolean {
  return version.length <= 256 && VERSION.test(version);
}

/** @throws ToolError exit code 2 */
export function checkPackageName(name: string): string {
  if (isPackageName(name)) return name;
  throw invalidPackageName(name);
}

/** @throws ToolError exit code 2 */
export function checkPackageVersion(version: string): string {
  if (isPackageVersion(version)) return version;
  throw invalidPackageVersion(version);
}

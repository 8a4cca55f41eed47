import { adapterPackages, neededPackages, needsUvicorn } from "../python/mod.ts";
import type { Diagnosis } from "./diagnosis.ts";

/** Versions of Python packages; null if the package is not installed. */
export type PackageVersions = Readonly<Record<string, string | null>>;

/** Formats the command that installs packages. */
export type InstallCommand = (names: readonly string[]) => string;

/** Diagnoses the packages that a backend needs; one command installs all that are missing. */
export function diagnoseAllPackages(
  framework: string,
  packages: PackageVersions,
  install: InstallCommand,
): Diagnosis[] {
  const adapters = diagnoseAdapter(framework, packages, install);
  if (packages["pyrpc-core"] != null) return [diagnosePackages(packages, install), ...adapters];
  const names = neededPackages(framework).filter((name) => packages[name] == null);
  return [diagnosePackages(packages, install, names)];
}

/** Diagnoses the installed packages of pyRPC. */
export function diagnosePackages(
  packages: PackageVersions,
  install: InstallCommand,
  missing: readonly string[] = ["pyrpc-core"],
): Diagnosis {
  if (packages["pyrpc-core"] == null) {
    return {
      check: "packages",
      status: "broken",
      message: "pyrpc-core is not installed for this interpreter",
      ...fixedBy(install(missing)),
    };
  }
  const installed = Object.entries(packages).filter(([, version]) => version !== null)
    .map(([name, version]) => `${name} ${version}`);
  return { check: "packages", status: "ok", message: installed.join(", ") };
}

/** Diagnoses the packages that a framework needs. */
export function diagnoseAdapter(
  framework: string,
  packages: PackageVersions,
  install: InstallCommand,
): Diagnosis[] {
  const diagnoses = [diagnoseFramework(framework, packages, install)];
  if (needsUvicorn(framework) && packages["uvicorn"] == null) {
    diagnoses.push({
      check: "adapter",
      status: "warning",
      message: "uvicorn is not installed: pyrpc dev cannot serve the application",
      ...fixedBy(install(["uvicorn"])),
    });
  }
  return diagnoses;
}

function fixedBy(command: string) {
  return { fix: [command], command };
}

function diagnoseFramework(
  framework: string,
  packages: PackageVersions,
  install: InstallCommand,
): Diagnosis {
  if (framework === "asgi") {
    return { check: "adapter", status: "ok", message: "bare ASGI needs no adapter" };
  }
  const needed = [framework];
  const core = packages["pyrpc-core"];
  if (core != null && hasSeparateAdapters(core)) {
    needed.push(...adapterPackages(framework));
  }
  const missing = needed.filter((name) => packages[name] == null);
  if (missing.length > 0) {
    return {
      check: "adapter",
      status: "broken",
      message: `The ${framework} adapter needs ${missing.join(" and ")}`,
      ...fixedBy(install(missing)),
    };
  }
  const installed = needed.map((name) => `${name} ${packages[name]}`);
  return { check: "adapter", status: "ok", message: installed.join(", ") };
}

// Before 0.10 the adapters are part of pyrpc-core.
function hasSeparateAdapters(core: string): boolean {
  const [major = 0, minor = 0] = core.split(".").map(Number);
  return major > 0 || minor >= 10;
}

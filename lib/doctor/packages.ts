import type { Diagnosis } from "./diagnosis.ts";

/** Versions of Python packages; null if the package is not installed. */
export type PackageVersions = Readonly<Record<string, string | null>>;

/** Formats the command that installs packages. */
export type InstallCommand = (names: readonly string[]) => string;

/** Diagnoses the installed packages of pyRPC. */
export function diagnosePackages(packages: PackageVersions, install: InstallCommand): Diagnosis {
  if (packages["pyrpc-core"] == null) {
    return {
      check: "packages",
      status: "broken",
      message: "pyrpc-core is not installed for this interpreter",
      fix: [install(["pyrpc-core"])],
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
  // Flask and Django have servers of their own.
  const needsUvicorn = framework !== "flask" && framework !== "django";
  if (needsUvicorn && packages["uvicorn"] == null) {
    diagnoses.push({
      check: "adapter",
      status: "warning",
      message: "uvicorn is not installed: pyrpc dev cannot serve the application",
      fix: [install(["uvicorn"])],
    });
  }
  return diagnoses;
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
    needed.push(framework === "django" ? "pyrpc-django-adapter" : `pyrpc-${framework}`);
  }
  const missing = needed.filter((name) => packages[name] == null);
  if (missing.length > 0) {
    return {
      check: "adapter",
      status: "broken",
      message: `The ${framework} adapter needs ${missing.join(" and ")}`,
      fix: [install(missing)],
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

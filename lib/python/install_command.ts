/** Tool that installs the project's packages. */
export type PackageManager = "uv" | "poetry" | "pdm" | "pipenv" | "conda" | "pip";

/** A Python interpreter. */
export interface Interpreter {
  readonly command: string;
  /** Leading arguments, such as `-3` of the Windows launcher. */
  readonly args: readonly string[];
  /** Source for messages: `--python`, `PYRPC_PYTHON`, `.venv`, … */
  readonly origin: string;
  readonly manager: PackageManager;
}

/** The oldest Python that pyRPC supports. */
export const OLDEST_PYTHON = "3.11";

/** Tests if pyRPC supports a version such as `3.11.7`. */
export function isSupported(version: string): boolean {
  const [major = 0, minor = 0] = version.split(".").map(Number);
  return major > 3 || (major === 3 && minor >= 11);
}

/** The command that installs packages for an interpreter. */
export function installCommand(
  { manager, command, args }: Interpreter,
  packages: readonly string[],
): string {
  const names = packages.map((name) => name.includes("[") ? `"${name}"` : name).join(" ");
  switch (manager) {
    case "uv":
      return `uv add ${names}`;
    case "poetry":
      return `poetry add ${names}`;
    case "pdm":
      return `pdm add ${names}`;
    case "pipenv":
      return `pipenv install ${names}`;
    case "conda":
    case "pip":
      return `${[command, ...args].map(quoted).join(" ")} -m pip install ${names}`;
    default:
      return manager satisfies never;
  }
}

function quoted(part: string): string {
  return /[\s"'$&;()]/.test(part) ? JSON.stringify(part) : part;
}

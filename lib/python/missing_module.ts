import { commandIn, shellWord } from "../shell_word.ts";
import {
  installCommand,
  type Interpreter,
  pathInProject,
  pipCommand,
  syncCommand,
} from "./install_command.ts";

/** The cause of a missing module. Folders are relative to the project, except `folder` of `src`. */
export type MissingModule =
  /** A package that is there lacks the module. */
  | {
    readonly cause: "submodule";
    readonly package: string;
    readonly rest: string;
    readonly version: string | null;
    /** False for a package of the project. */
    readonly installed: boolean;
    readonly names: readonly string[];
  }
  /** The package lies in `src`, which is not on Python's path. */
  | {
    readonly cause: "src";
    readonly folder: string;
    readonly manifest: string | null;
    readonly path: string;
  }
  /** Python has to run in another folder. */
  | { readonly cause: "folder"; readonly folder: string; readonly entry?: string }
  | { readonly cause: "beside"; readonly path: string }
  | {
    readonly cause: "misspelled";
    readonly names: readonly string[];
    readonly lists: readonly PackageList[];
  }
  | { readonly cause: "elsewhere"; readonly folder: string }
  | { readonly cause: "unknown"; readonly lists: readonly PackageList[] };

/** The packages that a manifest or a lock file names. */
export interface PackageList {
  readonly file: string;
  readonly names: readonly string[];
}

/** The message about a missing module. */
export interface MissingExplanation {
  /** Follows the name of the module. */
  readonly message?: string;
  readonly fix: string | readonly string[];
  /** The command of the fix. */
  readonly command?: string | undefined;
}

/** Explains a missing module. An installation is proposed only for packages that the project lists. */
export function explainMissing(
  name: string,
  missing: MissingModule,
  interpreter: Interpreter,
): MissingExplanation {
  switch (missing.cause) {
    case "submodule":
      return explainSubmodule(missing);
    case "src":
      return explainSource(missing, interpreter);
    case "folder":
      return {
        fix: `Run it in the folder that Python imports it from: cd ${
          shellWord(pathInProject(interpreter, missing.folder))
        }${missing.entry === undefined ? "" : `   (the entry is ${missing.entry} there)`}`,
      };
    case "beside":
      return {
        fix:
          `${missing.path} lies beside this file: import it relatively (from . import ${name}) or by its full name`,
      };
    case "elsewhere":
      return {
        fix:
          `It is in ${missing.folder}: add that folder to the path (PYTHONPATH=${missing.folder})`,
      };
    case "misspelled":
    case "unknown": {
      const listed = installListed(name, missing.lists, interpreter);
      if (listed !== undefined) {
        const { file, command } = listed;
        return { fix: `${file} lists it; install it: ${command}`, command };
      }
      if (missing.cause === "misspelled") {
        return { fix: `Did you mean ${missing.names.join(" or ")}?` };
      }
      return {
        fix: [
          "Correct its name: the project has no module of this name, and no requirements, pyproject or lock file lists it",
          "If it is a package, add it to one of them and install it",
        ],
      };
    }
    default:
      return missing satisfies never;
  }
}

// The modules of older tutorials, and what replaced them.
const MOVED: readonly (readonly [old: RegExp, fix: string])[] = [
  [
    /^pyrpc_core\.(transport\.)?fastapi\b/,
    "The adapter is a package of its own: from pyrpc_fastapi import mount_fastapi",
  ],
  [
    /^pyrpc_core\.(transport\.)?flask\b/,
    "The adapter is a package of its own: from pyrpc_flask import mount_flask",
  ],
  [/^pyrpc_core\.asgi\b/, "It has moved: from pyrpc_core import PyRPCAsgiApp"],
];

function explainSubmodule(
  missing: MissingModule & { readonly cause: "submodule" },
): MissingExplanation {
  const { package: name, rest, version, names, installed } = missing;
  const moved = MOVED.find(([old]) => old.test(`${name}.${rest}`))?.[1];
  const close = names.map((each) => `${name}.${each}`).join(" or ");
  return {
    message: `"${name}"${version === null ? "" : ` ${version}`} has no module "${rest}"`,
    fix: moved ??
      (names.length > 0
        ? `Did you mean ${close}?`
        : installed
        ? "Correct its name, or install the version of the package that has it"
        : "Correct its name, or create the file"),
  };
}

function explainSource(
  { folder, manifest, path }: MissingModule & { readonly cause: "src" },
  interpreter: Interpreter,
): MissingExplanation {
  if (manifest === null) {
    return {
      message: `"${path}" is not on Python's path`,
      fix: "Add the folder to the path: PYTHONPATH=src",
    };
  }
  const install = installCommand({ ...interpreter, folder: "" }, ["-e", "."]);
  const command = commandIn(folder, install);
  const isElsewhere = (interpreter.folder ?? "") !== "";
  return {
    message: `The project is not installed: "${path}" is not on Python's path`,
    fix: `Install it, in ${folder} (${manifest}): ${isElsewhere ? command : install}`,
    command,
  };
}

function installListed(
  name: string,
  lists: readonly PackageList[],
  interpreter: Interpreter,
): { readonly file: string; readonly command: string } | undefined {
  const names = [packageOf(name), normalized(name.split(".")[0] ?? name)];
  const list = lists.find((list) => names.some((each) => list.names.includes(each)));
  if (list === undefined) return undefined;
  const listed = names.find((each) => list.names.includes(each)) ?? packageOf(name);
  const command = syncCommand(interpreter) ??
    (/requirements.*\.(txt|in)$/.test(list.file)
      ? pipCommand(interpreter, `-r ${shellWord(pathInProject(interpreter, list.file))}`)
      : installCommand(interpreter, [listed]));
  return { file: list.file, command };
}

// Import name -> package name, for packages where the two differ.
const PACKAGES: Readonly<Record<string, string>> = {
  yaml: "pyyaml",
  dotenv: "python-dotenv",
  PIL: "pillow",
  cv2: "opencv-python",
  jwt: "pyjwt",
  bs4: "beautifulsoup4",
  sklearn: "scikit-learn",
  dateutil: "python-dateutil",
  psycopg2: "psycopg2-binary",
  jose: "python-jose",
  multipart: "python-multipart",
  pyrpc_django: "pyrpc-django-adapter",
};

/** The package of a module, by its normalized name. */
export function packageOf(module: string): string {
  const top = module.split(".")[0] ?? module;
  return PACKAGES[top] ?? normalized(top);
}

function normalized(name: string): string {
  return name.replace(/[-_.]+/g, "-").toLowerCase();
}

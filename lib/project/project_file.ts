import { dirname, resolve } from "node:path";
import { ALL_PROCEDURES, type Selection } from "../contract/mod.ts";
import { defined } from "../defined.ts";
import type { SourcePosition } from "../errors.ts";
import { corsOriginsOf } from "./cors_origins.ts";
import { readPath } from "./portable_path.ts";
import { type ClientTarget, readTarget } from "./client_target.ts";
import { isEntrypoint, isPythonFile, moduleHint } from "./entrypoint.ts";
import {
  elementsOf,
  fieldNames,
  fieldOf,
  type JsonField,
  type JsonFile,
  readJsonFile,
  textOf,
  wrongChoice,
  wrongValue,
} from "./json_file.ts";
import { selectionIn } from "./selection.ts";
import { refuseMisspelled } from "./unknown_members.ts";

/** The name of the backend's configuration file, in every pyRPC. */
export const PROJECT_FILE = "pyrpc.json";

/** The adapters that can be started and introspected. */
export const FRAMEWORKS = ["fastapi", "flask", "asgi", "django"] as const;
export type Framework = (typeof FRAMEWORKS)[number];

/** How types reach the client: written to its folder, or fetched by it. */
export const DISTRIBUTIONS = ["workspace", "server"] as const;
export type Distribution = (typeof DISTRIBUTIONS)[number];

/**
 * The format of a `pyrpc.json`: `v1` is that of pyRPC 0.6 to 0.9, which is also written; `legacy` is that of 0.10 to
 * 0.12 and `nested` that of 0.13 and later, which are only read.
 */
export type ProjectFormat = "v1" | "legacy" | "nested";

/** A value and its position in the file. */
export interface Placed<T> {
  readonly value: T;
  readonly position: SourcePosition;
}

/** A client project as the file names it. */
export interface PlacedClient extends Placed<string> {
  readonly target?: ClientTarget;
  readonly selection: Selection;
  /** The object or text in the file. */
  readonly node: JsonField["node"];
}

/** One permitted finding of `diff`: the rule, the procedure that it is limited to, and the reason. */
export interface AllowedFinding {
  readonly rule: string;
  readonly procedure?: string;
  readonly reason: string;
}

/** The members of a `pyrpc.json`, without defaults and with unresolved paths. */
export interface ProjectFile {
  readonly file: JsonFile;
  readonly format: ProjectFormat;
  readonly framework?: Placed<Framework>;
  /** `module` or `module:app`; with Django also the path of manage.py. */
  readonly entrypoint?: Placed<string>;
  /** The module that registers the procedures, if it is not that of the entry (0.13 and later). */
  readonly typesModule?: Placed<string>;
  readonly distribution?: Placed<Distribution>;
  /** As written, in order. */
  readonly clients?: readonly PlacedClient[];
  /** The procedures whose types every client gets. */
  readonly selection: Selection;
  /** Further settings by name: host, port, debounce, python, snapshot. */
  readonly settings: ReadonlyMap<string, Placed<string>>;
  readonly corsOrigins: readonly Placed<string>[];
  readonly allow: readonly AllowedFinding[];
}

/**
 * Reads a `pyrpc.json` of any format.
 *
 * @throws ToolError with file, line, column and the line itself for an invalid value
 */
export async function readProjectFile(path: string): Promise<ProjectFile> {
  return interpretProjectFile(await readJsonFile(path));
}

/** Like {@link readProjectFile}, for a file that was already read. */
export function interpretProjectFile(file: JsonFile): ProjectFile {
  const format = formatOf(file);
  if (format === "nested") return readNested(file);
  if (format === "legacy") return readLegacy(file);
  return readV1(file);
}

function formatOf(file: JsonFile): ProjectFormat {
  const names = new Set(fieldNames(file));
  if (names.has("backend")) return "nested";
  // A v1 file may have members of other formats, but the later formats have none of these four.
  if (["version", "entrypoint", "distribution", "client_root"].some((name) => names.has(name))) {
    return "v1";
  }
  return ["module", "client", "clients"].some((name) => names.has(name)) ? "legacy" : "v1";
}

const V1_MEMBERS = [
  "$schema",
  "version",
  "framework",
  "entrypoint",
  "distribution",
  "client_root",
  "clients",
  "include",
  "exclude",
  "host",
  "port",
  "debounce",
  "python",
  "snapshot",
  "cors_origins",
  "allow",
];

function readV1(file: JsonFile): ProjectFile {
  refuseMisspelled(file, V1_MEMBERS);
  const version = fieldOf(file, "version");
  if (version !== undefined && version.value !== 1) {
    throw wrongValue(file, version, "1", "A newer pyrpc may have written this file: update pyrpc");
  }
  const framework = fieldOf(file, "framework");
  const entrypoint = fieldOf(file, "entrypoint");
  const distribution = fieldOf(file, "distribution");
  const clients = clientRoots(file, fieldOf(file, "client_root")) ??
    clientRoots(file, fieldOf(file, "clients"));
  return {
    file,
    format: "v1",
    ...defined({
      framework: framework && oneOf(file, framework, FRAMEWORKS),
      entrypoint: entrypoint && readEntrypoint(file, entrypoint, framework?.value),
      distribution: distribution && oneOf(file, distribution, DISTRIBUTIONS),
      clients,
    }),
    ...readCommon(file),
  };
}

// The framework of this format is that of the frontend ("Next.js"), except if a person has written Django.
function readLegacy(file: JsonFile): ProjectFile {
  const module = fieldOf(file, "module");
  const framework = fieldOf(file, "framework");
  const isDjango = typeof framework?.value === "string" && /^django$/i.test(framework.value);
  const clients = clientRoots(file, fieldOf(file, "clients")) ??
    clientRoots(file, fieldOf(file, "client"));
  return {
    file,
    format: "legacy",
    ...defined({
      framework: isDjango && framework !== undefined
        ? { value: "django" as const, position: framework.position }
        : undefined,
      entrypoint: module && readEntrypoint(file, module, isDjango ? "django" : undefined),
      clients,
    }),
    ...readCommon(file),
  };
}

function readNested(file: JsonFile): ProjectFile {
  const backend = fieldOf(file, "backend");
  if (backend !== undefined && backend.node.type !== "object") {
    throw wrongValue(file, backend, "an object");
  }
  const framework = fieldOf(file, "framework", backend);
  const entrypoint = fieldOf(file, "entrypoint", backend);
  const typesModule = fieldOf(file, "types_module", backend);
  const clients = clientRoots(file, fieldOf(file, "clients"));
  return {
    file,
    format: "nested",
    ...defined({
      framework: framework && oneOf(file, framework, FRAMEWORKS),
      entrypoint: entrypoint && readEntrypoint(file, entrypoint, framework?.value),
      typesModule: typesModule && readEntrypoint(file, typesModule),
      clients,
    }),
    ...readCommon(file),
  };
}

function readCommon(
  file: JsonFile,
): Pick<ProjectFile, "settings" | "corsOrigins" | "allow" | "selection"> {
  return {
    selection: selectionIn(file),
    settings: readSettings(file),
    corsOrigins: corsOriginsOf(file),
    allow: readAllow(file),
  };
}

function oneOf<const T extends string>(
  file: JsonFile,
  field: JsonField,
  values: readonly T[],
): Placed<T> {
  const value = values.find((value) => value === field.value);
  if (value === undefined) throw wrongChoice(file, field, values);
  return { value, position: field.position };
}

function readEntrypoint(
  file: JsonFile,
  field: JsonField,
  framework?: unknown,
): Placed<string> {
  if (framework === "django" && typeof field.value === "string" && isPythonFile(field.value)) {
    return { value: readPath(field.value), position: field.position };
  }
  if (typeof field.value !== "string" || !isEntrypoint(field.value)) {
    const hint = typeof field.value === "string" ? moduleHint(field.value) : undefined;
    throw wrongValue(file, field, 'a Python module such as "app.main" or "app.main:app"', hint);
  }
  return { value: field.value, position: field.position };
}

// A path, an object with a root, or a list of them.
function clientRoots(file: JsonFile, field: JsonField | undefined): PlacedClient[] | undefined {
  if (field === undefined || field.value === null) return undefined;
  const elements = elementsOf(file, field) ?? [field];
  return elements.map((element) => {
    const isObject = element.node.type === "object";
    const root = isObject ? fieldOf(file, "root", element) : element;
    if (root === undefined) throw wrongValue(file, element, 'a path or an object with "root"');
    const value = readPath(textOf(file, root, "the path of a client project"));
    if (value.includes("\0")) throw wrongValue(file, root, "the path of a client project");
    const { node } = element;
    if (!isObject) return { value, position: root.position, selection: ALL_PROCEDURES, node };
    const target = fieldOf(file, "target", element);
    const folder = resolve(dirname(file.path), value);
    return {
      value,
      position: root.position,
      selection: selectionIn(file, element),
      node,
      ...defined({ target: target && readTarget(file, target, folder) }),
    };
  });
}

const SETTING_TYPES: Readonly<Record<string, "text" | "port" | "milliseconds">> = {
  host: "text",
  port: "port",
  debounce: "milliseconds",
  python: "text",
  snapshot: "text",
};

function readSettings(file: JsonFile): Map<string, Placed<string>> {
  const settings = new Map<string, Placed<string>>();
  for (const [name, type] of Object.entries(SETTING_TYPES)) {
    const field = fieldOf(file, name);
    if (field === undefined) continue;
    if (type === "text") {
      const text = textOf(file, field);
      settings.set(name, {
        value: name === "snapshot" ? readPath(text) : text,
        position: field.position,
      });
      continue;
    }
    const limit = type === "port" ? 65_535 : 3_600_000;
    const { value } = field;
    if (typeof value !== "number" || !Number.isInteger(value) || value < 0 || value > limit) {
      throw wrongValue(file, field, `a whole number from 0 to ${limit}`);
    }
    settings.set(name, { value: String(value), position: field.position });
  }
  return settings;
}

function readAllow(file: JsonFile): AllowedFinding[] {
  const field = fieldOf(file, "allow");
  if (field === undefined) return [];
  const elements = elementsOf(file, field);
  if (elements === undefined) {
    throw wrongValue(file, field, 'a list of { "rule", "procedure"?, "reason" }');
  }
  return elements.map((element) => {
    const rule = fieldOf(file, "rule", element);
    const reason = fieldOf(file, "reason", element);
    const procedure = fieldOf(file, "procedure", element);
    if (rule === undefined || reason === undefined) {
      throw wrongValue(file, element, 'an object with "rule" and "reason"', [
        'For example: { "rule": "PROCEDURE_REMOVED", "procedure": "old", "reason": "no caller left" }',
      ]);
    }
    return {
      rule: textOf(file, rule, "the identifier of a rule"),
      reason: textOf(file, reason, "why this is allowed"),
      ...defined({ procedure: procedure && textOf(file, procedure, "the name of a procedure") }),
    };
  });
}

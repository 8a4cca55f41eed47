import type { SourcePosition } from "../errors.ts";
import { corsOriginsOf } from "./cors_origins.ts";
import { djangoNotSupported } from "./errors.ts";
import {
  elementsOf,
  fieldNames,
  fieldOf,
  type JsonField,
  type JsonFile,
  readJsonFile,
  textOf,
  wrongValue,
} from "./json_file.ts";

/** The name of the backend's configuration file, in every pyRPC. */
export const PROJECT_FILE = "pyrpc.json";

/** The adapters that can be started and introspected. */
export const FRAMEWORKS = ["fastapi", "flask", "asgi"] as const;
export type Framework = (typeof FRAMEWORKS)[number];

/** How types reach the client: written to its folder, or fetched by it. */
export const DISTRIBUTIONS = ["workspace", "server"] as const;
export type Distribution = (typeof DISTRIBUTIONS)[number];

/**
 * Which format a `pyrpc.json` has (spec/client.md §8): `own` is that of 0.6–0.9 and the one that we write, `flat` that
 * of 0.10–0.12, `nested` that of 0.13 and later. The last two are read and never rewritten.
 */
export type ProjectFormat = "own" | "flat" | "nested";

/** A value with the place that it was read at. */
export interface Placed<T> {
  readonly value: T;
  readonly position: SourcePosition;
}

/** One permitted finding of `diff`: the rule, the procedure it is limited to, and why. */
export interface AllowedFinding {
  readonly rule: string;
  readonly procedure?: string;
  readonly reason: string;
}

/** What a `pyrpc.json` says, nothing resolved and nothing filled in. */
export interface ProjectFile {
  readonly file: JsonFile;
  readonly format: ProjectFormat;
  readonly framework?: Placed<Framework>;
  /** `module` or `module:app`. */
  readonly entrypoint?: Placed<string>;
  /** The module that registers the procedures where it is not that of the entry (0.13 and later). */
  readonly typesModule?: Placed<string>;
  readonly distribution?: Placed<Distribution>;
  /** As written, in order. */
  readonly clients?: readonly Placed<string>[];
  /** Further settings by name: host, port, debounce, python, snapshot. */
  readonly settings: ReadonlyMap<string, Placed<string>>;
  readonly corsOrigins: readonly Placed<string>[];
  readonly allow: readonly AllowedFinding[];
}

/**
 * Reads a `pyrpc.json` of any era.
 *
 * @throws ToolError with file, line, column and the line itself where a value cannot be.
 */
export async function readProjectFile(path: string): Promise<ProjectFile> {
  return interpretProjectFile(await readJsonFile(path));
}

/** {@link readProjectFile} for a file that was read. */
export function interpretProjectFile(file: JsonFile): ProjectFile {
  const format = formatOf(file);
  if (format === "nested") return readNested(file);
  if (format === "flat") return readFlat(file);
  return readOwn(file);
}

function formatOf(file: JsonFile): ProjectFormat {
  const names = new Set(fieldNames(file));
  if (names.has("backend")) return "nested";
  // Ours first: an own file may carry a foreign member, while the later formats have none of these four.
  if (["version", "entrypoint", "distribution", "client_root"].some((name) => names.has(name))) {
    return "own";
  }
  return ["module", "client", "clients"].some((name) => names.has(name)) ? "flat" : "own";
}

function readOwn(file: JsonFile): ProjectFile {
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
    format: "own",
    ...(framework === undefined ? {} : { framework: readFramework(file, framework) }),
    ...(entrypoint === undefined ? {} : { entrypoint: readEntrypoint(file, entrypoint) }),
    ...(distribution === undefined ? {} : { distribution: readDistribution(file, distribution) }),
    ...(clients === undefined ? {} : { clients }),
    settings: readSettings(file),
    corsOrigins: corsOriginsOf(file),
    allow: readAllow(file),
  };
}

// The framework of this format is the frontend's ("Next.js"): it says nothing about Python.
function readFlat(file: JsonFile): ProjectFile {
  const module = fieldOf(file, "module");
  const clients = clientRoots(file, fieldOf(file, "clients")) ??
    clientRoots(file, fieldOf(file, "client"));
  return {
    file,
    format: "flat",
    ...(module === undefined ? {} : { entrypoint: readEntrypoint(file, module) }),
    ...(clients === undefined ? {} : { clients }),
    settings: readSettings(file),
    corsOrigins: corsOriginsOf(file),
    allow: readAllow(file),
  };
}

function readNested(file: JsonFile): ProjectFile {
  const backend = fieldOf(file, "backend") as JsonField;
  if (backend.node.type !== "object") throw wrongValue(file, backend, "an object");
  const framework = fieldOf(file, "framework", backend);
  const entrypoint = fieldOf(file, "entrypoint", backend);
  const typesModule = fieldOf(file, "types_module", backend);
  const clients = clientRoots(file, fieldOf(file, "clients"));
  return {
    file,
    format: "nested",
    ...(framework === undefined ? {} : { framework: readFramework(file, framework) }),
    ...(entrypoint === undefined ? {} : { entrypoint: readEntrypoint(file, entrypoint) }),
    ...(typesModule === undefined ? {} : { typesModule: readEntrypoint(file, typesModule) }),
    ...(clients === undefined ? {} : { clients }),
    settings: readSettings(file),
    corsOrigins: corsOriginsOf(file),
    allow: readAllow(file),
  };
}

function readFramework(file: JsonFile, field: JsonField): Placed<Framework> {
  if (field.value === "django") {
    throw djangoNotSupported({ path: file.path, position: field.position });
  }
  return oneOf(file, field, FRAMEWORKS);
}

function readDistribution(file: JsonFile, field: JsonField): Placed<Distribution> {
  return oneOf(file, field, DISTRIBUTIONS);
}

function oneOf<const T extends string>(
  file: JsonFile,
  field: JsonField,
  values: readonly T[],
): Placed<T> {
  const value = values.find((value) => value === field.value);
  if (value === undefined) {
    const list = values.map((value) => `"${value}"`);
    const last = list.pop();
    throw wrongValue(file, field, `${list.join(", ")} or ${last}`);
  }
  return { value, position: field.position };
}

const ENTRY =
  /^[\p{L}_][\p{L}\p{N}_]*(\.[\p{L}_][\p{L}\p{N}_]*)*(:[\p{L}_][\p{L}\p{N}_.]*(\(\))?)?$/u;

/** Whether a text has the form `module` or `module:app`. */
export function isEntrypoint(text: string): boolean {
  return ENTRY.test(text);
}

function readEntrypoint(file: JsonFile, field: JsonField): Placed<string> {
  if (typeof field.value !== "string" || !isEntrypoint(field.value)) {
    const hint = typeof field.value === "string" && /\.py$|[/\\]/.test(field.value)
      ? `Write the module, not its file: "${entryOfPath(field.value)}"`
      : undefined;
    throw wrongValue(file, field, 'a Python module such as "app.main" or "app.main:app"', hint);
  }
  return { value: field.value, position: field.position };
}

/** The module that a path such as `app/main.py` or `app/__init__.py` stands for. */
export function entryOfPath(path: string): string {
  return path.replace(/^\.[/\\]/, "").replace(/\.py$/, "").replace(/[/\\]__init__$/, "")
    .replace(/[/\\]+$/, "").replace(/[/\\]+/g, ".");
}

// A text, a list of texts, or (0.13 and later) a list of objects with a root.
function clientRoots(file: JsonFile, field: JsonField | undefined): Placed<string>[] | undefined {
  if (field === undefined || field.value === null) return undefined;
  const elements = elementsOf(file, field) ?? [field];
  return elements.map((element) => {
    const isObject = element.node.type === "object";
    const root = isObject ? fieldOf(file, "root", element) : element;
    if (root === undefined) throw wrongValue(file, element, 'a path or an object with "root"');
    const value = textOf(file, root, "the path of a client project");
    if (value.includes("\0")) throw wrongValue(file, root, "the path of a client project");
    return { value, position: root.position };
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
      settings.set(name, { value: textOf(file, field), position: field.position });
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
      ...(procedure === undefined
        ? {}
        : { procedure: textOf(file, procedure, "the name of a procedure") }),
    };
  });
}

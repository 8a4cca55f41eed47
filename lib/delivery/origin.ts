import * as fs from "node:fs";
import { basename, dirname, join, relative, resolve, sep } from "node:path";
import { isJsonObject, ownMember } from "../contract/mod.ts";
import { hashOf, readGeneratedFile } from "../codegen/mod.ts";
import { isLoopback } from "../is_loopback.ts";
import { readText } from "./client_project.ts";

/** The backend that types come from. */
export interface TypesOrigin {
  /** Absolute path of the backend's folder, if it is on this machine. */
  readonly project?: string | undefined;
  /** The module that registers its procedures, if it was read from that folder. */
  readonly module?: string | undefined;
  /** Modules whose types the same session has replaced: its user has changed the entry. */
  readonly formerModules?: readonly string[] | undefined;
  /** Addresses of its server. */
  readonly urls: readonly string[];
}

/** The layout of types and the absolute path of their file. */
export interface TypesPlace {
  readonly layout: "package" | "file" | "alias";
  readonly types: string;
}

/** The file beside types that are not a package; it records the origin of each file in its folder. */
export const ORIGIN_FILE = ".pyrpc-origin.json";

const MAX_URLS = 8;

/** Reads the recorded origin of types; undefined if none is recorded. */
export function readOrigin(
  chosen: TypesPlace,
): TypesOrigin | undefined {
  const path = originPath(chosen);
  const document = parse(readText(path));
  const record = chosen.layout === "package"
    ? ownMember(document, "pyrpc")
    : ownMember(document, basename(chosen.types));
  if (record === undefined || !isJsonObject(record)) return undefined;
  const project = ownMember(record, "project");
  const module = ownMember(record, "module");
  const urls = ownMember(record, "urls");
  return {
    project: typeof project === "string" ? resolve(dirname(path), project) : undefined,
    module: typeof module === "string" ? module : undefined,
    urls: Array.isArray(urls) ? urls.filter((url) => typeof url === "string") : [],
  };
}

/** Joins the recorded origin with that of a new delivery. */
export function mergeOrigins(
  present: TypesOrigin | undefined,
  origin: TypesOrigin | undefined,
): TypesOrigin | undefined {
  if (present === undefined || origin === undefined) return origin ?? present;
  const urls = [...new Set([...origin.urls, ...present.urls].map(normalUrl))].slice(0, MAX_URLS);
  return {
    project: origin.project ?? present.project,
    module: origin.module ?? present.module,
    urls,
  };
}

/** The origin as it is recorded: with a relative path, so that a moved repository keeps it. */
export function formatOrigin(
  chosen: TypesPlace,
  { project, module, urls }: TypesOrigin,
): { readonly project?: string; readonly module?: string; readonly urls: readonly string[] } {
  const folder = dirname(originPath(chosen));
  return {
    ...(project === undefined ? {} : { project: relative(folder, project).replaceAll(sep, "/") }),
    ...(module === undefined ? {} : { module }),
    urls: urls.map(normalUrl),
  };
}

/** The text of {@link ORIGIN_FILE} with one record replaced. */
export function originFileText(chosen: TypesPlace, origin: TypesOrigin): string {
  const document = {
    ...parse(readText(originPath(chosen))),
    [basename(chosen.types)]: formatOrigin(chosen, origin),
  };
  return `${JSON.stringify(document, null, 2)}\n`;
}

/**
 * Decides whether types on disk come from another backend. Backends on this machine differ by their folders, others by
 * their addresses. Where only one of the two is known, and for two modules of one folder, two backends have few procedures
 * in common.
 *
 * @param procedures the names in the types to be written
 */
export function isOtherBackend(
  chosen: TypesPlace,
  origin: TypesOrigin | undefined,
  procedures: readonly string[],
): boolean {
  const present = origin === undefined ? undefined : readOrigin(chosen);
  if (present === undefined || origin === undefined) return false;
  if (present.project !== undefined && origin.project !== undefined) {
    return present.project === origin.project
      ? isOtherModule(present, origin) && !isSimilar(namesIn(chosen), procedures)
      : fs.existsSync(present.project) && !hasSameTypes(chosen, procedures);
  }
  const urls = new Set(present.urls.map(normalUrl));
  if (origin.urls.some((url) => urls.has(normalUrl(url)))) return false;
  return !isSimilar(namesIn(chosen), procedures);
}

/** Tests if types on disk have a recorded origin, and it is this backend. */
export function isOfBackend(chosen: TypesPlace, origin: TypesOrigin): boolean {
  const present = readOrigin(chosen);
  return present?.project !== undefined && present.project === origin.project &&
    !isOtherModule(present, origin);
}

/** Tests if the backend of types on disk names this client, which therefore uses them. */
export function isUsedBy(chosen: TypesPlace, client: string): boolean {
  const project = readOrigin(chosen)?.project;
  if (project === undefined) return false;
  const config = parse(readText(join(project, "pyrpc.json")));
  const list = ownMember(config, "clients");
  const roots = [
    ownMember(config, "client_root"),
    ...(Array.isArray(list) ? list : []).map((each) =>
      isJsonObject(each) ? ownMember(each, "root") : undefined
    ),
  ];
  return roots.some((root) => typeof root === "string" && resolve(project, root) === client);
}

// A folder may have several services. A module that was renamed or moved is still the same backend.
function isOtherModule(present: TypesOrigin, origin: TypesOrigin): boolean {
  const { project = "", module } = present;
  if (module === undefined || origin.module === undefined) return false;
  if ([origin.module, ...origin.formerModules ?? []].includes(module)) return false;
  const stems = [project, join(project, "src")].map((base) => join(base, ...module.split(".")));
  return stems.some((stem) =>
    fs.existsSync(`${stem}.py`) || fs.existsSync(join(stem, "__init__.py"))
  );
}

// A copy of a backend has the same procedures.
function hasSameTypes(chosen: Pick<TypesPlace, "types">, procedures: readonly string[]): boolean {
  const present = namesIn(chosen);
  return present.length === procedures.length && present.every((name) => procedures.includes(name));
}

function namesIn({ types }: Pick<TypesPlace, "types">): readonly string[] {
  const text = readText(types);
  return hashOf(text) === undefined
    ? []
    : [...readGeneratedFile(text).declarations.procedures.keys()];
}

function isSimilar(a: readonly string[], b: readonly string[]): boolean {
  const names = new Set(a);
  return b.filter((name) => names.has(name)).length * 2 >= Math.min(a.length, b.length);
}

function originPath({ layout, types }: TypesPlace): string {
  return layout === "package"
    ? join(dirname(dirname(types)), "package.json")
    : join(dirname(types), ORIGIN_FILE);
}

// Without credentials, and with one name for this machine.
function normalUrl(text: string): string {
  if (!URL.canParse(text)) return text;
  const { protocol, hostname, port, pathname } = new URL(text);
  const isHere = isLoopback(hostname) || hostname === "0.0.0.0" || hostname === "[::]";
  const host = isHere ? "localhost" : hostname;
  const path = pathname.replace(/\/+$/, "").replace(/\/rpc$/, "");
  return `${protocol}//${host}${port === "" ? "" : `:${port}`}${path}`;
}

function parse(text: string): Readonly<Record<string, never>> {
  try {
    const value: unknown = JSON.parse(text);
    return isJsonObject(value) ? value as Readonly<Record<string, never>> : {};
  } catch {
    return {};
  }
}

import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { parseJson } from "../json/mod.ts";
import {
  type Contract,
  formatContract,
  parseContract,
  type Selection,
  selectProcedures,
} from "../contract/mod.ts";
import type { fetchPublishedPackage, PublishedPackage } from "../npm/mod.ts";
import type { findSnapshot } from "../snapshot/mod.ts";

/** The file of a types package with the contract that it was generated from. */
const PACKAGE_CONTRACT = "schema.json";
/** The changelog of a types package. */
const PACKAGE_CHANGELOG = "CHANGELOG.md";

const FIRST_VERSION = "1.0.0";

/** The part of a version that a change raises. */
export type Bump = "major" | "minor" | "patch" | "none";

/** A contract and its origin. */
export interface VersionedContract {
  readonly contract: Contract;
  readonly where: string;
}

/** The difference between two contracts: what it does to the version, and its lines in the changelog. */
export interface ContractChanges {
  readonly bump: Bump;
  readonly lines: readonly string[];
}

/** Options of {@link nextVersion}. */
export interface VersionRequest extends VersionedContract {
  /** The name of the package. */
  readonly name: string;
  /** The folder whose npm configuration applies. */
  readonly folder: string;
  /** The folder of the package after the last run. */
  readonly present: string | undefined;
  /** The version to count on from if nothing is published. */
  readonly given: string | undefined;
  /** The procedures of the package: the snapshot of the project may have more. */
  readonly selection: Selection;
  /** Working directory and environment, from which the snapshot of the project is found. */
  readonly context: Parameters<typeof findSnapshot>[0];
}

/** Services of {@link nextVersion}, which tests replace. */
export interface VersionServices {
  readonly fetchPublished: typeof fetchPublishedPackage;
  /** Finds the snapshot to compare with if nothing is published. */
  readonly findSnapshot: typeof findSnapshot;
  readonly compare: (
    before: VersionedContract,
    after: VersionedContract,
  ) => Promise<ContractChanges>;
}

// Loaded on first use: `codegen` and most runs of `sync` decide no version.
const SERVICES: VersionServices = {
  async fetchPublished(...args) {
    const { fetchPublishedPackage } = await import("../npm/mod.ts");
    return await fetchPublishedPackage(...args);
  },
  async findSnapshot(context) {
    const { findSnapshot } = await import("../snapshot/mod.ts");
    return await findSnapshot(context);
  },
  async compare(before, after) {
    const { findingsOf, markdownTable, reportDiff } = await import("../report/mod.ts");
    const report = await reportDiff(before, after);
    return { bump: report.bump, lines: markdownTable(findingsOf(report)) };
  },
};

/** The next version of a types package, and the reason for it. */
export interface NextVersion {
  readonly version: string;
  /** Undefined for the first version. */
  readonly previous: string | undefined;
  /** The origin of the contract that it was compared with; undefined if nothing was found. */
  readonly against: string | undefined;
  readonly bump: Bump;
  /** True if this version is published with the same contract. */
  readonly isPublished: boolean;
  /** The section of this version in the changelog. */
  readonly section: string;
  /** The files that the version after this one is decided by, by their path in the package. */
  readonly extras: ReadonlyMap<string, string>;
}

/**
 * Decides the next version of a types package: by the changes since the published package, else since the snapshot of the
 * project.
 *
 * @throws ToolError if npm is missing or fails for another reason than that the package is not published
 */
export async function nextVersion(
  request: VersionRequest,
  services: VersionServices = SERVICES,
): Promise<NextVersion> {
  const { name, folder, given, present, context } = request;
  const published = publishedBase(name, await services.fetchPublished(name, folder));
  const base = published ??
    await snapshotBase(
      await services.findSnapshot(context),
      given ?? await versionIn(present),
      request.selection,
    );
  const next = base?.contract === undefined
    ? versionWithoutContract(base, given)
    : await versionByChanges({ ...base, contract: base.contract }, request, services.compare);
  const before = base?.changelog ?? "";
  const changelog = next.bump === "none" && next.section === "" && before !== ""
    ? before
    : joinChangelog(next.section, before);
  const extras = new Map([
    [PACKAGE_CONTRACT, formatContract(request.contract)],
    [PACKAGE_CHANGELOG, changelog],
  ]);
  const isPublished = published !== undefined && next.version === published.version;
  return { ...next, isPublished, extras };
}

interface Base {
  readonly version: string | undefined;
  readonly contract: Contract | undefined;
  readonly changelog: string;
  readonly where: string;
}

type Decision = Omit<NextVersion, "extras" | "isPublished">;

function versionWithoutContract(base: Base | undefined, given: string | undefined): Decision {
  const previous = base?.version;
  const isFirst = previous === undefined;
  const version = isFirst ? given ?? FIRST_VERSION : raise(previous, "major");
  const text = isFirst
    ? "First version."
    : "The previous version contains no contract: this is treated as a breaking change.";
  return {
    version,
    previous,
    against: base?.where,
    bump: isFirst ? "none" : "major",
    section: `## ${version}\n\n${text}\n`,
  };
}

async function versionByChanges(
  base: Base & VersionedContract,
  { contract, where, given }: VersionRequest,
  compare: VersionServices["compare"],
): Promise<Decision> {
  const { bump, lines } = await compare(base, { contract, where });
  // Undefined for a snapshot without a version: this is the first one.
  const previous = base.version ?? given;
  const version = previous === undefined
    ? FIRST_VERSION
    : bump === "none"
    ? previous
    : raise(previous, bump);
  const section = bump === "none" ? "" : [`## ${version}`, "", ...lines, ""].join("\n");
  return { version, previous, against: base.where, bump, section };
}

const HEADING = "# Changelog\n";

function joinChangelog(section: string, before: string): string {
  const rest = before.startsWith(HEADING) ? before.slice(HEADING.length).trim() : before.trim();
  const parts = [HEADING.trim(), section.trim(), rest].filter((part) => part !== "");
  return `${parts.join("\n\n")}\n`;
}

/** Raises a version; what follows a dash or a plus is dropped. */
export function raise(version: string, bump: Exclude<Bump, "none">): string {
  const [major = 0, minor = 0, patch = 0] = (version.split(/[-+]/)[0] ?? "").split(".").map(Number);
  if (bump === "major") return `${major + 1}.0.0`;
  if (bump === "minor") return `${major}.${minor + 1}.0`;
  return `${major}.${minor}.${patch + 1}`;
}

function publishedBase(name: string, published: PublishedPackage | undefined): Base | undefined {
  if (published === undefined) return undefined;
  const { version, files } = published;
  const where = `${name}@${version}`;
  const text = files.get(PACKAGE_CONTRACT);
  return {
    version,
    contract: text === undefined ? undefined : parseContract(parseJson(text), { where }),
    changelog: files.get(PACKAGE_CHANGELOG) ?? "",
    where,
  };
}

async function snapshotBase(
  path: string | undefined,
  version: string | undefined,
  selection: Selection,
): Promise<Base | undefined> {
  if (path === undefined) return undefined;
  const text = await readFile(path, "utf8").catch(() => undefined);
  if (text === undefined) return undefined;
  const snapshot = parseContract(parseJson(text), { where: path });
  const contract = selectProcedures(snapshot, selection, path);
  return { version, contract, changelog: "", where: path };
}

async function versionIn(folder: string | undefined): Promise<string | undefined> {
  if (folder === undefined) return undefined;
  try {
    const { version } = JSON.parse(await readFile(join(folder, "package.json"), "utf8"));
    return typeof version === "string" ? version : undefined;
  } catch {
    return undefined;
  }
}

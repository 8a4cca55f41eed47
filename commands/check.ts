import { stat } from "node:fs/promises";
import { dirname, relative, resolve } from "node:path";
import { ExitCode, usageError } from "../lib/errors.ts";
import {
  type AllowedFinding,
  type ClientConfig,
  type ClientServer,
  findClientConfig,
  findUpwards,
  loadProject,
  PROJECT_FILE,
  type ProjectConfig,
} from "../lib/project/mod.ts";
import type { Contract } from "../lib/contract/mod.ts";
import type { LoadedSource } from "../lib/source/mod.ts";
import type { Console } from "../lib/runtime/mod.ts";
import { plainText, styleFor } from "../lib/terminal/mod.ts";
import {
  type Finding,
  findingsOf,
  markdownTable,
  renderFindings,
  renderGithub,
  renderJunit,
  REPORT_FORMATS,
  type ReportFormat,
} from "./_diff_formats.ts";
import { parseAllowances, viewDiff } from "./_diff_view.ts";
import { readGitSnapshot } from "./_git_snapshot.ts";
import { findSnapshot, readAllowances } from "./_snapshot.ts";
import {
  defineCommand,
  nameLines,
  SOURCE_FLAGS,
  SOURCE_PARAMETER,
  type SourceFlags,
  sourceOptions,
  stateDetails,
  stateInBrief,
} from "../lib/cli/mod.ts";

interface CheckFlags extends SourceFlags {
  readonly against?: string;
  readonly format?: ReportFormat;
  readonly json: boolean;
  readonly allow?: readonly string[];
}

/** One thing that was looked at. */
interface CheckStep {
  readonly name: "contract" | "types" | "snapshot" | "changes";
  readonly status: "ok" | "failed" | "skipped";
  /** What was looked at, or why nothing was. */
  readonly about: string;
}

interface CheckView {
  readonly ok: boolean;
  readonly source: string;
  readonly steps: readonly CheckStep[];
  readonly findings: readonly Finding[];
}

/** `pyrpc check`: everything that a repository can promise about its contract. */
export const checkCommand = defineCommand<CheckFlags, [source?: string]>({
  summary: "Check types, snapshot, breaking changes and the contract itself, for CI",
  description:
    `Looks at four things: the contract has nothing that clients cannot use, the types of all configured clients are
current, the snapshot is current, and nothing breaks against the base (--against, or the base of a pull request
in GitHub Actions). The contract comes from SOURCE, else from the entry in pyrpc.json, else from the server in
pyrpc-client.json. Exit 1 when something does not hold.`,
  examples: [
    { command: "pyrpc check", does: "everything that is configured here" },
    { command: "pyrpc check --against main", does: "also: nothing breaks against main" },
    { command: "pyrpc check --format github", does: "as annotations of a workflow" },
    { command: "pyrpc check http://localhost:8000", does: "against a server that runs" },
  ],
  parameters: {
    flags: {
      against: {
        kind: "parsed",
        parse: String,
        brief: "Git revision whose snapshot is the base; default: the base of a pull request",
        placeholder: "revision",
        optional: true,
      },
      format: {
        kind: "enum",
        values: REPORT_FORMATS,
        brief: "How to print: text, json, github (annotations), junit, markdown",
        optional: true,
      },
      json: {
        kind: "boolean",
        brief: "The same as --format json",
        default: false,
        withNegated: false,
      },
      allow: {
        kind: "parsed",
        parse: String,
        brief: "Accept a rule, or a rule for one procedure; can be given again",
        placeholder: "RULE[:procedure]",
        variadic: true,
        optional: true,
      },
      ...SOURCE_FLAGS,
    },
    positional: { kind: "tuple", parameters: [{ ...SOURCE_PARAMETER, optional: true }] },
  },
  readsClient: (_, source) => source === undefined,
  run,
});

async function run(console: Console, flags: CheckFlags, source?: string): Promise<ExitCode> {
  if (flags.json && flags.format !== undefined && flags.format !== "json") {
    throw usageError(`--json and --format ${flags.format} exclude each other`);
  }
  const allowances = [...parseAllowances(flags.allow), ...await readAllowances(console)];
  const setting = await findSetting(console);
  const kept = await findSnapshot(console);
  const loaded = await loadContract(console, flags, setting, kept, source);
  const snapshot = kept ?? (loaded.kind === "file" ? loaded.where : undefined);
  const parts = [
    await checkContract(loaded),
    await checkTypes(console, flags, setting, loaded, source),
    await checkSnapshot(console, snapshot, loaded),
    await checkChanges(console, flags, snapshot, loaded, allowances),
  ];
  const findings = parts.flatMap(({ findings }) => findings)
    .map((finding) => withAllowance(finding, allowances));
  const failed = (part: Part) =>
    part.findings.some((finding) => isError(withAllowance(finding, allowances)));
  const view: CheckView = {
    ok: !findings.some(isError),
    source: loaded.where,
    steps: parts.map((part) => ({
      name: part.name,
      status: failed(part) ? "failed" : part.skipped ? "skipped" : "ok",
      about: part.about,
    })),
    findings,
  };
  console.stdout.write(render(view, flags.json ? "json" : flags.format ?? "text", console));
  return view.ok ? ExitCode.Ok : ExitCode.No;
}

interface Part {
  readonly name: CheckStep["name"];
  readonly about: string;
  readonly skipped?: boolean;
  readonly findings: readonly Finding[];
}

interface Setting {
  readonly project: ProjectConfig | undefined;
  readonly client: ClientConfig | undefined;
}

async function findSetting(console: Console): Promise<Setting> {
  const path = await findUpwards(console.cwd, PROJECT_FILE);
  const state = path === undefined
    ? undefined
    : await loadProject({ cwd: console.cwd, env: console.env, path });
  return {
    project: state?.kind === "ready" ? state.project : undefined,
    client: await findClientConfig(console.cwd),
  };
}

async function loadContract(
  console: Console,
  flags: CheckFlags,
  { project, client }: Setting,
  snapshot: string | undefined,
  source: string | undefined,
): Promise<LoadedSource> {
  const { loadSource } = await import("../lib/source/mod.ts");
  const { options, context } = sourceOptions(flags, console);
  if (source !== undefined) return await loadSource(source, options, context);
  if (project !== undefined) {
    // The entry is looked up from the project's folder, wherever the command runs.
    const python = options.python ?? project.python;
    const inProject = { cwd: project.folder, env: context.env, stdin: context.stdin };
    const { entrypoint, module } = project;
    const entry = entrypoint.split(":")[0] === module ? entrypoint : module;
    return await loadSource(entry, { ...options, python }, inProject);
  }
  const url = console.env["PYRPC_SERVER_URL"] || client?.servers[0]?.url;
  if (url !== undefined) return await loadSource(url, options, context);
  if (snapshot !== undefined) return await loadSource(snapshot, options, context);
  throw usageError("Nothing to check: no pyrpc.json, no pyrpc-client.json and no snapshot here", [
    "Name the contract: pyrpc check SOURCE",
    "or set the project up: pyrpc init",
  ]);
}

async function checkContract({ contract, problems = [] }: LoadedSource): Promise<Part> {
  const { CHECK_RULES } = await import("../lib/report/mod.ts");
  const { findUnusable } = await import("../lib/compare/mod.ts");
  const findings: Finding[] = findUnusable(contract).map(({ rule, subject, message }) => ({
    rule,
    level: CHECK_RULES[rule].level,
    subject,
    message,
    details: [],
  }));
  for (const problem of problems) {
    const name = /^procedure "([^"]*)"/.exec(problem)?.[1] ?? "procedure";
    findings.push({
      rule: "PROCEDURE_WITHOUT_SCHEMA",
      level: "error",
      subject: name,
      message: problem,
      details: [],
    });
  }
  const count = contract.procedures.size;
  return { name: "contract", about: `${count} procedure${count === 1 ? "" : "s"}`, findings };
}

async function checkTypes(
  console: Console,
  flags: CheckFlags,
  setting: Setting,
  loaded: LoadedSource,
  source: string | undefined,
): Promise<Part> {
  const [{ generateTypes }, { hasSeveralContracts, inspectTarget, targetsOf }] = await Promise.all([
    import("../lib/codegen/mod.ts"),
    import("../lib/delivery/mod.ts"),
  ]);
  const targets = targetsOf(setting);
  const isSeveral = hasSeveralContracts(targets);
  const findings: Finding[] = [];
  let count = 0;
  for (const target of targets) {
    const contract = target.server !== undefined && isSeveral
      ? await contractOf(console, flags, target.server, loaded, source)
      : loaded.contract;
    if (contract === undefined) continue;
    count++;
    const generated = generateTypes(contract);
    const state = inspectTarget(target, generated);
    if (state.freshness === "current") continue;
    const file = shown(console, state.chosen.types);
    const isInstalled = state.chosen.layout !== "package" || state.freshness !== "missing";
    findings.push({
      rule: isInstalled ? "TYPES_STALE" : "TYPES_MISSING",
      level: isInstalled ? "error" : "warning",
      subject: file,
      message: stateInBrief(state),
      details: stateDetails(state, console.cwd),
      file,
    });
  }
  if (count === 0) {
    return { name: "types", about: withoutTargets(setting), skipped: true, findings };
  }
  return { name: "types", about: `${count} client${count === 1 ? "" : "s"}`, findings };
}

function withoutTargets({ project, client }: Setting): string {
  if (project?.distribution === "server") return "the clients are elsewhere (server distribution)";
  return client?.distribution === "server"
    ? "pyrpc-client.json has no such server"
    : "no client is configured";
}

// Of several servers each has a contract of its own; with a SOURCE only the server that it names is checked.
async function contractOf(
  console: Console,
  flags: CheckFlags,
  { url }: ClientServer,
  loaded: LoadedSource,
  source: string | undefined,
): Promise<Contract | undefined> {
  const { loadSource } = await import("../lib/source/mod.ts");
  const { rpcUrl } = await import("../lib/rpc_url.ts");
  if (loaded.kind === "url" && loaded.where === rpcUrl(url).where) return loaded.contract;
  if (source !== undefined) return undefined;
  const { options, context } = sourceOptions(flags, console);
  return (await loadSource(url, options, context)).contract;
}

async function checkSnapshot(
  console: Console,
  snapshot: string | undefined,
  loaded: LoadedSource,
): Promise<Part> {
  if (snapshot === undefined) {
    return { name: "snapshot", about: "none is kept here", skipped: true, findings: [] };
  }
  const file = shown(console, snapshot);
  if (loaded.kind === "file" && resolve(loaded.where) === resolve(snapshot)) {
    const about = `${file} is what is checked`;
    return { name: "snapshot", about, skipped: true, findings: [] };
  }
  const stale = (message: string, details: readonly string[] = []): Part => ({
    name: "snapshot",
    about: file,
    findings: [{ rule: "SNAPSHOT_STALE", level: "error", subject: file, message, details, file }],
  });
  if (await stat(snapshot).then(() => false, () => true)) return stale("the file is missing");
  const { compareProcedures } = await import("../lib/compare/mod.ts");
  const kept = await loadFile(console, snapshot);
  const changes = compareProcedures(kept, loaded.contract);
  const details = nameLines(changes);
  if (details.length > 0) return stale("it is not the contract of today", details);
  return { name: "snapshot", about: file, findings: [] };
}

async function loadFile(console: Console, path: string): Promise<Contract> {
  const { loadSource } = await import("../lib/source/mod.ts");
  const context = { cwd: dirname(path), env: console.env, stdin: console.stdin };
  return (await loadSource(path, {}, context)).contract;
}

async function checkChanges(
  console: Console,
  flags: CheckFlags,
  snapshot: string | undefined,
  loaded: LoadedSource,
  allowances: readonly AllowedFinding[],
): Promise<Part> {
  const revision = flags.against ?? baseOf(console);
  const skipped = (about: string): Part => ({
    name: "changes",
    about,
    skipped: true,
    findings: [],
  });
  if (revision === undefined) return skipped("no base: give --against REVISION");
  if (snapshot === undefined) {
    if (flags.against === undefined) return skipped("no snapshot is kept here");
    throw usageError("--against needs a snapshot file", [
      "Keep one: pyrpc pull SOURCE -o schema.json",
      'or name yours in pyrpc.json: "snapshot": "path/to/schema.json"',
    ]);
  }
  const base = await readGitSnapshot(revision, snapshot);
  if (base === undefined) return skipped(`${revision} has no ${shown(console, snapshot)}`);
  const { diffContracts } = await import("../lib/compare/mod.ts");
  const diff = diffContracts(base.contract, loaded.contract);
  const view = await viewDiff(base, loaded, diff, allowances);
  return {
    name: "changes",
    about: `against ${base.where}`,
    // What is safe is no finding here: "pyrpc diff" tells it.
    findings: findingsOf(view, shown(console, snapshot)).filter(({ level }) => level !== "notice"),
  };
}

// In a pull request on GitHub the base's name is known, and checkout with fetch-depth 0 has it as a remote branch.
function baseOf({ env }: Console): string | undefined {
  if (env["PYRPC_AGAINST"]) return env["PYRPC_AGAINST"];
  const branch = env["GITHUB_BASE_REF"];
  return branch ? `origin/${branch}` : undefined;
}

function withAllowance(finding: Finding, allowances: readonly AllowedFinding[]): Finding {
  if (finding.allowed !== undefined || finding.level === "notice") return finding;
  const allowance = allowances.find(({ rule, procedure }) =>
    rule === finding.rule && (procedure === undefined || procedure === finding.subject)
  );
  return allowance === undefined ? finding : { ...finding, allowed: allowance.reason };
}

function isError({ level, allowed }: Finding): boolean {
  return level === "error" && allowed === undefined;
}

function render(view: CheckView, format: ReportFormat, console: Console): string {
  const style = styleFor(console.stdout, console.env);
  const errors = view.findings.filter(isError).length;
  const summary = view.ok
    ? `Everything holds: ${view.steps.map(({ name, status }) => `${name} ${status}`).join(", ")}`
    : `${errors} ${errors === 1 ? "thing does" : "things do"} not hold`;
  switch (format) {
    case "json":
      return `${JSON.stringify(view, null, 2)}\n`;
    case "github":
      return renderGithub(view.findings, summary);
    case "junit":
      return renderJunit(view.findings, "pyrpc check");
    case "markdown": {
      const steps = view.steps.map(({ name, status, about }) =>
        `- ${STATUS_MARKS[status]} **${name}**: ${
          about.replace(/[\\`*_<>[\]]/g, (mark) => `\\${mark}`)
        }`
      );
      const table = view.findings.length === 0 ? [] : [...markdownTable(view.findings), ""];
      return [`### ${view.ok ? "✅" : "❌"} pyrpc check`, "", ...steps, "", ...table].join("\n");
    }
    case "text": {
      const marks = {
        ok: style.green("✓"),
        failed: style.red("✗"),
        skipped: style.dim("-"),
      } as const;
      const steps = view.steps.map(({ name, status, about }) =>
        `${marks[status]} ${name.padEnd(8)}  ${style.dim(plainText(about))}\n`
      );
      return `${steps.join("")}${renderFindings(view.findings, style)}${summary}\n`;
    }
  }
}

const STATUS_MARKS = { ok: "✅", failed: "❌", skipped: "⏭️" } as const;

function shown(console: Console, path: string): string {
  return relative(console.cwd, path).replaceAll("\\", "/") || path;
}

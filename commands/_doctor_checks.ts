import { readdir, readFile, realpath, stat } from "node:fs/promises";
import { delimiter, dirname, join, relative } from "node:path";
import { stateDetails, stateInBrief } from "../lib/cli/mod.ts";
import { ToolError } from "../lib/errors.ts";
import type { RpcUrl } from "../lib/rpc_url.ts";
import {
  type ClientConfig,
  findClientConfig,
  findUpwards,
  loadProject,
  PROJECT_FILE,
  type ProjectConfig,
} from "../lib/project/mod.ts";
import { runProgram } from "../lib/process/mod.ts";
import type { Target } from "../lib/delivery/mod.ts";
import type { AskedModule, Interpreter } from "../lib/python/mod.ts";
import type { Contract } from "../lib/contract/mod.ts";
import type { Console } from "../lib/runtime/mod.ts";

/** One thing that the doctor looked at. */
export interface Diagnosis {
  readonly check:
    | "configuration"
    | "interpreter"
    | "packages"
    | "adapter"
    | "entry"
    | "server"
    | "wire"
    | "cors"
    | "types"
    | "path";
  readonly status: "ok" | "warning" | "broken" | "skipped";
  readonly message: string;
  /** Further lines. */
  readonly details?: readonly string[];
  /** The commands that mend it. */
  readonly fix?: readonly string[];
}

/** What the doctor is asked to look at besides what the files say. */
export interface DoctorOptions {
  readonly python?: string | undefined;
  readonly serverUrl?: string | undefined;
}

/** Looks at everything that has to be right, and calls `found` for each finding as it comes. */
export async function examine(
  console: Console,
  options: DoctorOptions,
  found: (diagnosis: Diagnosis) => void,
): Promise<void> {
  const setting = await configurations(console, found);
  const own = setting.project === undefined
    ? undefined
    : await backend(console, setting.project, options, found);
  const served = await server(console, setting, options, own, found);
  // The source is newer than the answer of a server that was started before.
  const contracts = { main: own?.contract ?? [...served.values()][0], ofServer: served };
  await clientTypes(console, setting, contracts, found);
  await programs(console, found);
}

interface Setting {
  readonly project: ProjectConfig | undefined;
  readonly client: ClientConfig | undefined;
}

type Found = (diagnosis: Diagnosis) => void;

interface Contracts {
  /** The contract that the project is about. */
  readonly main: Contract | undefined;
  /** By the address of the server. */
  readonly ofServer: ReadonlyMap<string, Contract>;
}

async function configurations(console: Console, found: Found): Promise<Setting> {
  let project: ProjectConfig | undefined;
  let client: ClientConfig | undefined;
  await guarded("configuration", found, async () => {
    const path = await findUpwards(console.cwd, PROJECT_FILE);
    if (path === undefined) return;
    const state = await loadProject({ cwd: console.cwd, env: console.env, path });
    if (state.kind === "ready") {
      project = state.project;
      const { framework, entrypoint, distribution, notices } = project;
      found({
        check: "configuration",
        status: notices.length > 0 ? "warning" : "ok",
        message: `${path}: ${framework}, ${entrypoint}, ${distribution} distribution`,
        details: notices,
      });
    } else {
      found({
        check: "configuration",
        status: "broken",
        message: `${path} does not say ${state.missing.join(", ")}`,
        fix: ["pyrpc init"],
      });
    }
  });
  await guarded("configuration", found, async () => {
    client = await findClientConfig(console.cwd);
    if (client === undefined) return;
    const servers = client.servers.map(({ url }) => URL.canParse(url) ? new URL(url).host : url)
      .join(
        ", ",
      );
    found({
      check: "configuration",
      status: "ok",
      message: `${client.path}: ${client.distribution} distribution${
        servers ? `, ${servers}` : ""
      }`,
    });
  });
  if (project === undefined && client === undefined) {
    const [path, clientPath] = await Promise.all(
      [PROJECT_FILE, "pyrpc-client.json"].map((name) => findUpwards(console.cwd, name)),
    );
    if (path === undefined && clientPath === undefined) {
      found({
        check: "configuration",
        status: "warning",
        message: "No pyrpc.json and no pyrpc-client.json here or above",
        fix: [
          "pyrpc init            (in the Python project)",
          "pyrpc init --client   (in the TypeScript project)",
        ],
      });
    }
  }
  return { project, client };
}

const PROBE = `import json, sys, importlib.metadata as m
def v(n):
    try: return m.version(n)
    except Exception: return None
names = ["pyrpc-core", "pyrpc-fastapi", "pyrpc-flask", "pyrpc-codegen", "pydantic", "fastapi", "flask", "uvicorn"]
print(json.dumps({"version": ".".join(map(str, sys.version_info[:3])), "packages": {n: v(n) for n in names}}))`;

interface Probe {
  readonly version: string;
  readonly packages: Readonly<Record<string, string | null>>;
}

async function backend(
  console: Console,
  project: ProjectConfig,
  { python }: DoctorOptions,
  found: Found,
): Promise<AskedModule | undefined> {
  const { findInterpreter, importLimit, installCommand, isSupported } = await import(
    "../lib/python/mod.ts"
  );
  let interpreter: Interpreter | undefined;
  let probe: Probe | undefined;
  await guarded("interpreter", found, async () => {
    interpreter = await findInterpreter({
      python: python ?? project.python,
      env: console.env,
      folder: project.folder,
    });
    const name = [interpreter.command, ...interpreter.args].join(" ");
    const result = await runProgram(
      interpreter.command,
      [...interpreter.args, "-c", PROBE],
      { cwd: project.folder, env: console.env },
    );
    probe = parseProbe(result.stdout);
    if (probe === undefined) {
      found({
        check: "interpreter",
        status: "broken",
        message: `${name} (${interpreter.origin}) does not run: ${
          (result.stderr.trim() || result.reason)?.split("\n").at(-1)
        }`,
        fix: ["pyrpc doctor --python PATH"],
      });
    } else {
      const supported = isSupported(probe.version);
      found({
        check: "interpreter",
        status: supported ? "ok" : "broken",
        message: `Python ${probe.version}, ${name} (${interpreter.origin})`,
        ...(supported ? {} : { details: ["pyRPC needs Python 3.11 or newer"] }),
        ...(supported ? {} : { fix: ["pyrpc doctor --python PATH, or PYRPC_PYTHON=PATH"] }),
      });
    }
  });
  if (interpreter === undefined || probe === undefined) return undefined;
  const { packages } = probe;
  const known = Object.entries(packages).filter(([, version]) => version !== null)
    .map(([name, version]) => `${name} ${version}`);
  if (packages["pyrpc-core"] == null) {
    found({
      check: "packages",
      status: "broken",
      message: "pyrpc-core is not installed for this interpreter",
      fix: [installCommand(interpreter, ["pyrpc-core"])],
    });
  } else found({ check: "packages", status: "ok", message: known.join(", ") });
  adapter(project, packages, (names) => installCommand(interpreter as Interpreter, names), found);

  let asked: AskedModule | undefined;
  await guarded("entry", found, async () => {
    const { askModule } = await import("../lib/python/mod.ts");
    const limit = importLimit(console.env);
    asked = await askModule({
      interpreter: interpreter as Interpreter,
      root: project.folder,
      env: console.env,
      entry: project.entrypoint,
      module: project.module,
      servable: true,
      onOutput: () => {},
      ...(limit === undefined ? {} : { limit }),
    });
    const { problems, duplicates, app } = asked.answer;
    const count = asked.contract.procedures.size;
    const { framework, entrypoint } = project;
    // Bare ASGI needs no application of one's own.
    const hasNoApp = app === null && framework !== "asgi";
    found({
      check: "entry",
      status: problems.length > 0 ? "broken" : duplicates.length > 0 || hasNoApp ? "warning" : "ok",
      message: `${entrypoint} can be imported: ${count} procedure${count === 1 ? "" : "s"}${
        app === null || entrypoint.includes(":") ? "" : `, application ${app.name}`
      }`,
      details: [
        ...problems.map(({ name, reason }) => `"${name}" has no schema: ${reason}`),
        ...duplicates.map(({ name }) => `two procedures are called "${name}"`),
        ...(hasNoApp
          ? [
            "It has no application: pyrpc dev serves a bare one, without your routes and middleware",
          ]
          : []),
      ],
      ...(problems.length > 0
        ? { fix: [`pyrpc inspect ${project.module}`] }
        : hasNoApp
        ? { fix: ["pyrpc init --entry MODULE:NAME   (of your application or its factory)"] }
        : {}),
    });
  });
  return asked;
}

function adapter(
  { framework }: ProjectConfig,
  packages: Probe["packages"],
  install: (names: string[]) => string,
  found: Found,
): void {
  // From 0.10 on the adapters are packages of their own; before, they are part of pyrpc-core.
  const core = packages["pyrpc-core"] ?? "0";
  const isSplit = Number(core.split(".")[1] ?? 0) >= 10 || Number(core.split(".")[0]) > 0;
  const needed = framework === "asgi"
    ? []
    : [framework, ...(isSplit && packages["pyrpc-core"] ? [`pyrpc-${framework}`] : [])];
  const missing = needed.filter((name) => packages[name] == null);
  found({
    check: "adapter",
    status: missing.length > 0 ? "broken" : "ok",
    message: missing.length > 0
      ? `The ${framework} adapter lacks ${missing.join(" and ")}`
      : framework === "asgi"
      ? "bare ASGI needs no adapter"
      : `${needed.map((name) => `${name} ${packages[name]}`).join(", ")}`,
    ...(missing.length > 0 ? { fix: [install(missing)] } : {}),
  });
  if (framework !== "flask" && packages["uvicorn"] == null) {
    found({
      check: "adapter",
      status: "warning",
      message: "uvicorn is not installed: pyrpc dev cannot serve the application",
      fix: [install(["uvicorn"])],
    });
  }
}

async function server(
  console: Console,
  { project, client }: Setting,
  { serverUrl }: DoctorOptions,
  backend: AskedModule | undefined,
  found: Found,
): Promise<ReadonlyMap<string, Contract>> {
  const asked = serverUrl ?? (console.env["PYRPC_SERVER_URL"] || undefined);
  const urls = asked !== undefined
    ? [asked]
    : client?.distribution === "server"
    ? client.servers.map(({ url }) => url)
    : [];
  const isNeeded = urls.length > 0;
  const own = project === undefined ? [] : [`http://${hostOf(project.host)}:${project.port}`];
  const contracts = new Map<string, Contract>();
  for (const url of isNeeded ? urls : own) {
    const { loadSource } = await import("../lib/source/mod.ts");
    const { rpcUrl } = await import("../lib/rpc_url.ts");
    let answers = false;
    let shown = "the server";
    try {
      shown = rpcUrl(url).where;
      const loaded = await loadSource(url, { timeoutMs: 5000 }, console);
      const other = backend && await otherServer(backend, loaded.contract);
      if (other !== undefined && project !== undefined && !isNeeded) {
        found(await foreignServer(project, shown, other));
        continue;
      }
      contracts.set(url, loaded.contract);
      found({
        check: "server",
        status: other === undefined ? "ok" : "warning",
        message: `${shown} answers: ${loaded.contract.procedures.size} procedures`,
        ...(other === undefined
          ? {}
          : { details: [`Its contract is not that of ${project?.entrypoint}: it is ${other}`] }),
      });
      found({ check: "wire", status: "ok", message: wireVersion(loaded.contract) });
      answers = true;
    } catch (error) {
      if (!(error instanceof ToolError)) throw error;
      // A backend that nobody started is nothing wrong where no client fetches from it.
      found({
        check: "server",
        status: isNeeded ? "broken" : "skipped",
        message: isNeeded
          ? `${url}: ${error.message}`
          : `${url} does not answer (pyrpc dev is not running)`,
        fix: isNeeded ? ["pyrpc dev   (on the backend)", ...error.fix] : [],
      });
    }
    if (answers) {
      const { url: address, where } = rpcUrl(url);
      await cors({ url: address, where }, console, found);
    }
  }
  return contracts;
}

// Which other server it is; undefined where its contract is the project's.
async function otherServer(own: AskedModule, served: Contract): Promise<string | undefined> {
  const { compareContracts } = await import("../lib/dev/mod.ts");
  const compared = compareContracts(own.contract, own.answer, served);
  return compared.kind === "same" ? undefined : compared.description;
}

async function foreignServer(
  { host, port }: ProjectConfig,
  shown: string,
  other: string,
): Promise<Diagnosis> {
  const { nextFreePort } = await import("../lib/dev/mod.ts");
  const next = await nextFreePort(host, port + 1);
  return {
    check: "server",
    status: "broken",
    message: `${shown} is ${other}: pyrpc dev does not attach to it`,
    fix: [`End that server, or use another port: pyrpc dev --port ${next ?? 0}`],
  };
}

function hostOf(host: string): string {
  if (host === "0.0.0.0" || host === "::") return "127.0.0.1";
  return host.includes(":") ? `[${host}]` : host;
}

// There is no version on the wire: what each one added to the document tells.
function wireVersion({ procedures, document }: Contract): string {
  const all = [...procedures.values()];
  if (all.length === 0) return "the wire's version cannot be told without a procedure";
  const has = (key: string) =>
    Object.values(document).some((each) =>
      typeof each === "object" && each !== null && Object.hasOwn(each, key)
    );
  if (has("kind")) return "the wire of pyRPC 0.9 or newer (queries and mutations are told apart)";
  if (has("is_async")) return "the wire of pyRPC 0.7 or 0.8 (no kinds)";
  return "the wire of pyRPC 0.6 or older (no kinds)";
}

const ORIGIN = "http://localhost:5173";

async function cors(target: RpcUrl, console: Console, found: Found): Promise<void> {
  const answer = await preflight(target, console);
  const allowed = answer?.origin === "*" || answer?.origin === ORIGIN;
  const good = answer !== undefined && answer.status < 300 && allowed;
  found({
    check: "cors",
    status: good ? "ok" : "warning",
    message: good
      ? `a browser at ${ORIGIN} may call it`
      : answer === undefined
      ? "the server does not answer a browser's preflight request"
      : `a browser at another origin may not call it (OPTIONS answers ${answer.status})`,
    ...(good ? {} : {
      details: ["Only needed when the page comes from another origin and no proxy stands between"],
      fix: [
        'FastAPI: app.add_middleware(CORSMiddleware, allow_origins=["http://localhost:5173"], allow_methods=["*"], allow_headers=["*"])',
        "Flask: pip install flask-cors, then CORS(app)",
        "or a proxy in the frontend's dev server for /rpc",
      ],
    }),
  });
}

// As a browser sends it: without credentials, following no redirect.
async function preflight(
  target: RpcUrl,
  console: Console,
): Promise<{ status: number; origin: string | undefined } | undefined> {
  const { connectServer } = await import("../lib/http/mod.ts");
  const server = await connectServer(target, { timeoutMs: 5000 }, console);
  try {
    const { status, headers } = await server.send({
      method: "OPTIONS",
      headers: [
        ["origin", ORIGIN],
        ["access-control-request-method", "POST"],
        ["access-control-request-headers", "content-type"],
      ],
    });
    return { status, origin: headers["access-control-allow-origin"] };
  } catch (error) {
    if (!(error instanceof ToolError)) throw error;
    return undefined;
  } finally {
    server.close();
  }
}

async function clientTypes(
  console: Console,
  setting: Setting,
  contracts: Contracts,
  found: Found,
): Promise<void> {
  const { hasSeveralContracts, targetsOf } = await import("../lib/delivery/mod.ts");
  const targets = targetsOf(setting);
  const isSeveral = hasSeveralContracts(targets);
  for (const target of targets) {
    const contract = target.server !== undefined && isSeveral
      ? contracts.ofServer.get(target.server.url)
      : contracts.main;
    await guarded("types", found, () => targetTypes(console, target, contract, found));
  }
}

async function targetTypes(
  console: Console,
  target: Target,
  contract: Contract | undefined,
  found: Found,
): Promise<void> {
  const [{ hasSyncScript, inspectTarget }, { generateTypes }] = await Promise.all([
    import("../lib/delivery/mod.ts"),
    import("../lib/codegen/mod.ts"),
  ]);
  const generated = contract === undefined ? undefined : generateTypes(contract);
  const state = inspectTarget(target, generated);
  const { chosen, freshness } = state;
  const file = relative(console.cwd, chosen.types) || chosen.types;
  const again = `pyrpc ${target.writer}`;
  if (freshness === "current") {
    const isPruned = chosen.layout === "package" && chosen.client?.manifest !== undefined &&
      !chosen.isNamed && !hasSyncScript(chosen.client.root);
    const pruned = isPruned ? ["The next npm install removes it: no manifest names it"] : [];
    found({
      check: "types",
      status: "ok",
      message: generated === undefined
        ? `${file} is there (nothing to compare it with)`
        : `${file} is current (${chosen.layout} layout: ${chosen.reason})`,
      details: [...chosen.notes, ...pruned],
      fix: isPruned ? ["pyrpc sync --save-script"] : [],
    });
    return;
  }
  found({
    check: "types",
    status: "broken",
    message: `${file}: ${stateInBrief(state)}`,
    details: stateDetails(state, console.cwd),
    fix: [freshness === "foreign" ? `Move that file away, then run: ${again}` : again],
  });
}

// Every program of our name on the path: the Python package installs one too, and the first one wins.
async function programs(console: Console, found: Found): Promise<void> {
  const folders = (console.env["PATH"] ?? "").split(delimiter).filter((folder) => folder !== "");
  const seen = new Set<string>();
  const list: { path: string; kind: string }[] = [];
  for (const folder of folders) {
    const names = await readdir(folder).catch(() => [] as string[]);
    for (const name of names.filter((each) => /^pyrpc(-toolkit)?(\.(exe|cmd|ps1))?$/i.test(each))) {
      const path = join(folder, name);
      const real = await realpath(path).catch(() => path);
      if (seen.has(`${name}\0${real}`)) continue;
      seen.add(`${name}\0${real}`);
      list.push({ path, kind: await kindOf(path, console.env) });
    }
  }
  const first = list.find(({ path }) => /[/\\]pyrpc(\.\w+)?$/i.test(path));
  const isOther = first?.kind === PYTHON_PACKAGE;
  found({
    check: "path",
    status: isOther ? "warning" : list.length === 0 ? "skipped" : "ok",
    message: list.length === 0
      ? "no pyrpc on PATH"
      : isOther
      ? `"pyrpc" on PATH is the Python package's, not this tool`
      : `"pyrpc" on PATH: ${first?.path ?? list[0]?.path}`,
    details: list.map(({ path, kind }) => `${path}: ${kind}`),
    ...(isOther ? { fix: ["pyrpc-toolkit …   (the same tool under its second name)"] } : {}),
  });
}

const PYTHON_PACKAGE = "the Python package pyrpc-core";

async function kindOf(path: string, env: Console["env"]): Promise<string> {
  const info = await stat(path).catch(() => undefined);
  if (info === undefined || !info.isFile()) return "cannot be read";
  const text = info.size < 64 * 1024 ? await readFile(path, "latin1").catch(() => "") : "";
  if (/^#!.*python|pyrpc_core/.test(text)) return PYTHON_PACKAGE;
  const { code, stdout } = await runProgram(path, ["--version"], { cwd: dirname(path), env });
  const line = stdout.trim().split("\n")[0] ?? "";
  if (/^pyrpc-toolkit /.test(line)) return line;
  // npm installs scripts for three shells side by side, of which Windows itself starts one.
  const isLauncher = code === null && /@pyrpc[\\/](client|cli)\b/.test(text);
  return isLauncher ? "starts pyrpc-toolkit from another shell" : "another program";
}

function parseProbe(text: string): Probe | undefined {
  try {
    return JSON.parse(text.trim().split("\n").at(-1) ?? "") as Probe;
  } catch {
    return undefined;
  }
}

// What a check throws is what it found.
async function guarded(
  check: Diagnosis["check"],
  found: Found,
  work: () => Promise<void>,
): Promise<void> {
  try {
    await work();
  } catch (error) {
    if (!(error instanceof ToolError)) throw error;
    const { where, position } = error;
    const at = where === undefined
      ? []
      : [position === undefined ? where : `${where}:${position.line}:${position.column}`];
    found({
      check,
      status: "broken",
      message: error.message,
      details: [...at, ...(position === undefined ? [] : [position.text.trim()]), ...error.details],
      fix: error.fix,
    });
  }
}

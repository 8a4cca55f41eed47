import { fileSystemWithoutEvents } from "../dev/mod.ts";
import {
  type ClientConfig,
  findBelow,
  findClientConfig,
  findUpwards,
  findWorkspaceClient,
  loadProject,
  PROJECT_FILE,
  type ProjectConfig,
  type WorkspaceClient,
  writtenPath,
} from "../project/mod.ts";
import { commandIn } from "../shell_word.ts";
import { type Diagnosis, type Probe, runProbe } from "./diagnosis.ts";

/** The configurations that apply to a folder. */
export interface Configurations {
  readonly project: ProjectConfig | undefined;
  readonly client: ClientConfig | undefined;
  /** The client project whose types a backend writes. */
  readonly workspaceClient?: string | undefined;
}

interface Folder {
  readonly cwd: string;
  readonly env: Readonly<Record<string, string | undefined>>;
}

/** Reads `pyrpc.json` and `pyrpc-client.json`. */
export async function probeConfiguration(
  folder: Folder,
): Promise<Required<Probe<Configurations>>> {
  const project = await runProbe("configuration", () => probeProject(folder));
  const client = await runProbe("configuration", () => probeClient(folder));
  const diagnoses = [...project.diagnoses, ...client.diagnoses];
  const workspace = diagnoses.length === 0 ? await findWorkspaceClient(folder.cwd) : undefined;
  if (workspace !== undefined) diagnoses.push(writtenBy(workspace, folder.cwd));
  if (diagnoses.length === 0) diagnoses.push(nothing(await findBelow(folder.cwd, PROJECT_FILE)));
  const isWorkspace = project.value === undefined && client.value?.distribution === "workspace";
  const workspaceClient = isWorkspace ? client.value?.folder : workspace?.folder;
  return { value: { project: project.value, client: client.value, workspaceClient }, diagnoses };
}

async function probeProject({ cwd, env }: Folder): Promise<Probe<ProjectConfig>> {
  const path = await findUpwards(cwd, PROJECT_FILE);
  if (path === undefined) return { diagnoses: [] };
  const state = await loadProject({ cwd, env, path });
  if (state.kind !== "ready") {
    return {
      diagnoses: [{
        check: "configuration",
        status: "broken",
        message: `${path} does not set ${
          state.missing.map((each) => each === "entry" ? "entrypoint" : each).join(", ")
        }`,
        fix: ["pyrpc init"],
      }],
    };
  }
  const { framework, entrypoint, distribution, warnings, folder } = state.project;
  const system = await fileSystemWithoutEvents(folder);
  const notes = system === undefined
    ? []
    : [`${folder} is on ${system}, which reports no changes of files: pyrpc dev polls (--poll)`];
  return {
    value: state.project,
    diagnoses: [{
      check: "configuration",
      status: warnings.length > 0 ? "warning" : "ok",
      message: `${path}: ${framework}, ${entrypoint}, ${distribution} distribution`,
      details: [...warnings, ...notes],
    }],
  };
}

async function probeClient({ cwd }: Folder): Promise<Probe<ClientConfig>> {
  const client = await findClientConfig(cwd);
  if (client === undefined) return { diagnoses: [] };
  const hosts = client.servers.map(({ url }) => URL.canParse(url) ? new URL(url).host : url);
  const parts = [`${client.distribution} distribution`, ...hosts];
  return {
    value: client,
    diagnoses: [
      { check: "configuration", status: "ok", message: `${client.path}: ${parts.join(", ")}` },
    ],
  };
}

function writtenBy({ backend }: WorkspaceClient, cwd: string): Diagnosis {
  return {
    check: "configuration",
    status: "ok",
    message: `${
      writtenPath(cwd, backend)
    } lists this client: pyrpc dev of that backend writes its types`,
  };
}

function nothing(below: readonly string[]): Diagnosis {
  return {
    check: "configuration",
    status: "warning",
    message: "No pyrpc.json and no pyrpc-client.json here or above",
    fix: below.length > 0
      ? below.map((folder) => commandIn(folder, "pyrpc doctor   (it has a pyrpc.json)"))
      : [
        "pyrpc init            (in the Python project)",
        "pyrpc init --client   (in the TypeScript project)",
      ],
  };
}

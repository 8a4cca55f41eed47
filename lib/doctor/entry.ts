import { defined } from "../defined.ts";
import type { ProjectConfig } from "../project/mod.ts";
import {
  type AskedModule,
  askModule,
  endpointFault,
  importLimit,
  type Interpreter,
} from "../python/mod.ts";
import type { Diagnosis, Probe } from "./diagnosis.ts";

/** Imports the entry of a project. */
export async function probeEntry(
  project: ProjectConfig,
  interpreter: Interpreter,
  { env, verbose }: {
    readonly env: Readonly<Record<string, string | undefined>>;
    readonly verbose: boolean;
  },
): Promise<Probe<AskedModule>> {
  const asked = await askModule(defined({
    interpreter,
    root: project.folder,
    env,
    entry: project.entrypoint,
    module: project.module,
    framework: project.framework,
    servable: true,
    verbose,
    onOutput: () => {},
    limit: importLimit(env),
  }));
  return { value: asked, diagnoses: [diagnoseEntry(project, asked)] };
}

/** Diagnoses an entry module that was imported. */
export function diagnoseEntry(
  project: Pick<ProjectConfig, "entrypoint" | "framework" | "module">,
  { answer, contract }: AskedModule,
): Diagnosis {
  const { entrypoint, framework, module } = project;
  const { problems, duplicates, app } = answer;
  const fault = endpointFault(answer, { entrypoint, framework, isServedByDev: false });
  const count = contract.procedures.size;
  // Bare ASGI does not need an application of the project.
  const hasNoApp = app === null && framework !== "asgi";
  const others = app === null || app.others.length === 0 ? "" : ` (not ${app.others.join(", ")})`;
  const application = app === null || entrypoint.includes(":")
    ? ""
    : `, application ${app.name}${others}`;
  return {
    check: "entry",
    status: problems.length > 0 || (fault !== undefined && !fault.isAnsweredByDev)
      ? "broken"
      : duplicates.length > 0 || hasNoApp || fault !== undefined
      ? "warning"
      : "ok",
    message: `${entrypoint} can be imported: ${count} procedure${
      count === 1 ? "" : "s"
    }${application}`,
    details: [
      ...problems.map(({ name, reason }) => `"${name}" has no schema: ${reason}`),
      ...duplicates.map(({ name }) => `two procedures are called "${name}"`),
      ...hasNoApp ? [NO_APPLICATION] : [],
      ...fault === undefined ? [] : [fault.message],
    ],
    ...problems.length > 0
      ? { fix: fixesOf(problems, module) }
      : fault !== undefined
      ? { fix: fault.fix, ...defined({ snippet: fault.snippet }) }
      : hasNoApp
      ? { fix: ["pyrpc init --entry MODULE:NAME   (of your application or its factory)"] }
      : {},
  };
}

// The reasons of pyRPC's own errors end with what to do.
function fixesOf(problems: AskedModule["answer"]["problems"], module: string): string[] {
  const fixes = problems.flatMap(({ reason }) =>
    /; ((?:remove|write) .+)$/.exec(reason)?.[1] ?? []
  );
  return fixes.length === 0 ? [`pyrpc inspect ${module}`] : [...new Set(fixes)].map(sentence);
}

function sentence(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

const NO_APPLICATION =
  "It has no application: pyrpc dev serves a bare one, without your routes and middleware";

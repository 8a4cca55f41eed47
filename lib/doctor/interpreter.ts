import { defined } from "../defined.ts";
import { runProgram } from "../process/mod.ts";
import type { ProjectConfig } from "../project/mod.ts";
import {
  findInterpreter,
  type Interpreter,
  isSupported,
  useOwnEnvironment,
} from "../python/mod.ts";
import type { Diagnosis, Probe } from "./diagnosis.ts";
import type { PackageVersions } from "./packages.ts";

/** A Python interpreter with its version and packages. */
export interface ProbedInterpreter {
  readonly interpreter: Interpreter;
  readonly version: string;
  readonly packages: PackageVersions;
}

const SCRIPT = `import json, sys, importlib.metadata as m
def v(n):
    try: return m.version(n)
    except Exception: return None
names = ["pyrpc-core", "pyrpc-fastapi", "pyrpc-flask", "pyrpc-django-adapter", "pyrpc-codegen", "pydantic", "fastapi", "flask", "django", "uvicorn"]
print(json.dumps({"version": ".".join(map(str, sys.version_info[:3])), "packages": {n: v(n) for n in names}}))`;

/** Runs the interpreter of a project. */
export async function probeInterpreter(
  project: Pick<ProjectConfig, "folder" | "python" | "values" | "framework">,
  python: string | undefined,
  { env, cwd }: {
    readonly env: Readonly<Record<string, string | undefined>>;
    readonly cwd?: string;
  },
): Promise<Probe<ProbedInterpreter>> {
  const { folder, framework } = project;
  const interpreter = await findInterpreter({
    python: python ?? project.python,
    ...defined({ pythonOrigin: python === undefined ? originOf(project) : undefined }),
    env,
    folder,
    framework,
    ...defined({ cwd }),
  });
  const { command, args, origin } = interpreter;
  const name = [command, ...args].join(" ");
  const result = await runProgram(command, [...args, "-c", SCRIPT], { cwd: folder, env });
  const answer = parseAnswer(result.stdout);
  if (answer === undefined) {
    const reason = (result.stderr.trim() || result.reason)?.split("\n").at(-1);
    return {
      diagnoses: [{
        check: "interpreter",
        status: "broken",
        message: `${name} (${origin}) does not run: ${reason}`,
        fix: ["pyrpc doctor --python PATH"],
      }],
    };
  }
  const message = `Python ${answer.version}, ${name} (${origin})`;
  const diagnosis = { check: "interpreter", message, ...findingOf(interpreter, answer) } as const;
  return { value: { interpreter, ...answer }, diagnoses: [diagnosis] };
}

function findingOf(
  interpreter: Interpreter,
  { version }: Pick<ProbedInterpreter, "version">,
): Pick<Diagnosis, "status" | "details" | "fix"> {
  const own = useOwnEnvironment(interpreter);
  if (!isSupported(version)) {
    return {
      status: "broken",
      details: ["pyRPC needs Python 3.11 or newer"],
      fix: [own ?? "pyrpc doctor --python PATH, or PYRPC_PYTHON=PATH"],
    };
  }
  return own === undefined ? { status: "ok" } : {
    status: "warning",
    details: [`the environment of the project is not used: ${interpreter.unused}`],
    fix: [own],
  };
}

// "environment PYRPC_PYTHON" or "pyrpc.json:4".
function originOf({ values }: Pick<ProjectConfig, "values">): string | undefined {
  return values.find(({ name }) => name === "python")?.from.replace(/^environment /, "");
}

// The interpreter may print before the script does.
function parseAnswer(text: string): Pick<ProbedInterpreter, "version" | "packages"> | undefined {
  try {
    return JSON.parse(text.trim().split("\n").at(-1) ?? "");
  } catch {
    return undefined;
  }
}

/**
 * Runs jobs of GitHub workflows: a bare origin, a checkout like that of actions/checkout, the variables of a runner, and the
 * steps in their shells. Actions that set up engines do nothing: the engines are on PATH.
 *
 * @module
 */

import { chmod, mkdir, readFile, writeFile } from "node:fs/promises";
import { delimiter, join } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { parse } from "yaml";
import { type ProgramResult, runProgram } from "../../lib/process/mod.ts";
import type { TempFolder } from "./temp_folder.ts";

const ROOT = fileURLToPath(new URL("../../", import.meta.url));
const TIME_LIMIT_MS = 300_000;
const LOG_CALL = '[ -z "${PROGRAM_CALLS:-}" ] || echo "$@" >>"$PROGRAM_CALLS"';

/** A step of a job or of a composite action. */
interface Step {
  readonly id?: string;
  readonly if?: string;
  readonly uses?: string;
  readonly run?: string;
  readonly shell?: string;
  readonly with?: Readonly<Record<string, string | number>>;
  readonly env?: Readonly<Record<string, string>>;
  readonly "working-directory"?: string;
}

interface Workflow {
  readonly jobs: Readonly<Record<string, { readonly steps: readonly Step[] }>>;
}

interface Action {
  readonly inputs: Readonly<Record<string, { readonly default?: string }>>;
  readonly runs: { readonly steps: readonly Step[] };
}

/** The result of a job: that of each step that ran, and the first exit code that is not 0. */
export interface JobResult {
  readonly code: number;
  readonly output: string;
  readonly ran: readonly string[];
}

/** Runs git in a folder. @returns its output */
export async function git(cwd: string, ...args: string[]): Promise<string> {
  const identity = ["-c", "user.name=a", "-c", "user.email=a@example.com"];
  const { code, stdout, stderr } = await runProgram("git", [...identity, ...args], { cwd });
  if (code !== 0) throw new Error(`git ${args.join(" ")}: ${stderr}`);
  return stdout;
}

/** Makes a bare repository `origin.git`, whose branch `main` has the first files and `feature` the second ones on top. */
export async function makeOrigin(
  folder: TempFolder,
  main: Readonly<Record<string, string>>,
  feature: Readonly<Record<string, string>>,
): Promise<string> {
  const [work, origin] = [folder.at("work"), folder.at("origin.git")];
  await mkdir(work);
  await git(work, "init", "--quiet", "--initial-branch=main");
  for (const [branch, files] of [["main", main], ["feature", feature]] as const) {
    if (branch === "feature") await git(work, "checkout", "--quiet", "-b", "feature");
    for (const [path, text] of Object.entries(files)) {
      await mkdir(join(work, path, ".."), { recursive: true });
      await writeFile(join(work, path), text);
    }
    await git(work, "add", "-A");
    await git(work, "commit", "--quiet", "--allow-empty", "-m", branch);
  }
  await git(folder.path, "clone", "--quiet", "--bare", work, origin);
  return origin;
}

/**
 * Writes programs of that name which run the tool from the source, as `npx pyrpc` and `pyrpc-toolkit` do. They append their
 * arguments to the file that PROGRAM_CALLS names.
 */
export async function writePrograms(folder: string): Promise<void> {
  await mkdir(folder, { recursive: true });
  const tool = process.versions["bun"] === undefined
    ? `"${process.execPath}" run -A --no-check --config "${ROOT}deno.json" "${ROOT}main.ts"`
    : `"${process.execPath}" "${ROOT}main.ts"`;
  const programs = {
    "pyrpc-toolkit": `${LOG_CALL}\nexec ${tool} "$@"`,
    npx:
      `while [ "\${1#-}" != "$1" ]; do shift; done\nif [ "$1" = tsc ]; then exit 0; fi\n[ "$1" = pyrpc ] || exit 97\nshift\n${LOG_CALL}\nexec ${tool} "$@"`,
    npm: `if [ "$1" = ci ]; then mkdir -p node_modules; exit 0; fi\nexit 96`,
    pip: "exit 0",
  };
  for (const [name, text] of Object.entries(programs)) {
    await writeFile(join(folder, name), `#!/bin/sh\n${text}\n`);
    await chmod(join(folder, name), 0o755);
  }
}

/** Options of {@link runJob}. */
export interface JobOptions {
  /** The bare repository. */
  readonly origin: string;
  /** The branch of the pull request; undefined for a push to main. */
  readonly branch?: string;
  /** Folders of programs, which come before those of PATH. */
  readonly programs: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
}

/** Runs the only job of a workflow. */
export async function runJob(
  text: string,
  folder: TempFolder,
  { origin, branch, programs, env = {} }: JobOptions,
): Promise<JobResult> {
  const workspace = folder.at(`runner/${origin.length}-${branch ?? "main"}-${Date.now()}`);
  await mkdir(workspace, { recursive: true });
  const event = `${workspace}.event.json`;
  await writeFile(
    event,
    JSON.stringify(branch === undefined ? {} : { pull_request: { number: 7 } }),
  );
  const [job] = Object.values((parse(text) as Workflow).jobs);
  const runner = new Runner(workspace, {
    PATH: [...programs, process.env["PATH"]].join(delimiter),
    HOME: folder.path,
    NO_COLOR: "1",
    CI: "true",
    GITHUB_ACTIONS: "true",
    GITHUB_WORKSPACE: workspace,
    GITHUB_REPOSITORY: "org/shop",
    GITHUB_EVENT_PATH: event,
    GITHUB_BASE_REF: branch === undefined ? "" : "main",
    GITHUB_REF: branch === undefined ? "refs/heads/main" : "refs/pull/7/merge",
    ...env,
  }, { origin, branch });
  await runner.runSteps(job?.steps ?? [], {});
  return { code: runner.code, output: runner.output, ran: runner.ran };
}

class Runner {
  code = 0;
  output = "";
  readonly ran: string[] = [];
  readonly #outputs = new Map<string, string>();

  readonly workspace: string;
  readonly env: Readonly<Record<string, string>>;
  readonly source: { readonly origin: string; readonly branch: string | undefined };

  constructor(workspace: string, env: Runner["env"], source: Runner["source"]) {
    this.workspace = workspace;
    this.env = env;
    this.source = source;
  }

  async runSteps(steps: readonly Step[], inputs: Readonly<Record<string, string>>): Promise<void> {
    for (const step of steps) {
      // The condition of a step is success() unless it is given.
      if (this.code !== 0 || !this.#isDue(step)) continue;
      this.ran.push(step.id ?? step.run ?? step.uses ?? "");
      if (step.run !== undefined) await this.#runScript(step, step.run, inputs);
      else if (step.uses?.startsWith("actions/checkout@")) await this.#checkOut(step);
      else if (step.uses?.startsWith("pyrpc/toolkit@")) await this.#runAction(step);
      else if (!step.uses?.startsWith("actions/setup-")) throw new Error(`uses: ${step.uses}`);
    }
  }

  #isDue({ if: condition }: Step): boolean {
    if (condition === undefined) return true;
    const variable = /^env\.(\w+) != ''$/.exec(condition)?.[1];
    if (variable !== undefined) return (this.env[variable] ?? "") !== "";
    const [, output, value] = /^steps\.(\w+\.outputs\.\w+) == '(\w+)'$/.exec(condition) ?? [];
    if (output === undefined) throw new Error(`if: ${condition}`);
    return this.#outputs.get(output) === value;
  }

  async #runScript(
    step: Step,
    script: string,
    inputs: Readonly<Record<string, string>>,
  ): Promise<void> {
    const outputs = `${this.workspace}.output`;
    await writeFile(outputs, "");
    const valueOf = (text: string) => evaluate(text, inputs);
    const own = Object.entries(step.env ?? {}).map(([name, text]) =>
      [name, valueOf(text)] as const
    );
    // Without "shell", GitHub's bash has neither pipefail nor -u.
    const bash = step.shell === "bash" ? ["--noprofile", "--norc", "-eo", "pipefail"] : ["-e"];
    const { code, stdout, stderr } = await run("bash", [...bash, "-c", valueOf(script)], {
      cwd: join(this.workspace, valueOf(step["working-directory"] ?? ".")),
      env: {
        ...this.env,
        ...Object.fromEntries(own),
        GITHUB_OUTPUT: outputs,
        GITHUB_ACTION_PATH: ROOT,
      },
    });
    this.output += `$ ${script}\n${stdout}${stderr}`;
    this.code = code ?? 255;
    for (const line of (await readFile(outputs, "utf8")).split("\n")) {
      const [, name, value] = /^(\w+)=(.*)$/.exec(line) ?? [];
      if (name !== undefined) this.#outputs.set(`${step.id}.outputs.${name}`, value ?? "");
    }
  }

  async #runAction({ with: given = {} }: Step): Promise<void> {
    const { inputs, runs } = parse(await readFile(join(ROOT, "action.yml"), "utf8")) as Action;
    for (const name of Object.keys(given)) {
      if (inputs[name] === undefined) throw new Error(`action.yml has no input "${name}"`);
    }
    const values = Object.entries(inputs).map(([name, { default: value = "" }]) =>
      [name, evaluate(String(given[name] ?? value), {})] as const
    );
    await this.runSteps(runs.steps, Object.fromEntries(values));
  }

  /** Fetches as actions/checkout does: one commit, or all branches with `fetch-depth: 0`; a pull request is a detached merge. */
  async #checkOut({ with: given = {} }: Step): Promise<void> {
    const { origin, branch } = this.source;
    const cwd = this.workspace;
    await git(cwd, "init", "--quiet");
    await git(cwd, "remote", "add", "origin", `file://${origin}`);
    const depth = given["fetch-depth"] === 0 ? [] : ["--depth=1"];
    const all = depth.length === 0 ? ["+refs/heads/*:refs/remotes/origin/*"] : [];
    const own = branch === undefined
      ? "+refs/heads/main:refs/remotes/origin/main"
      : `+refs/heads/${branch}:refs/remotes/pull/7/merge`;
    await git(cwd, "fetch", "--quiet", "--no-tags", ...depth, "origin", ...all, own);
    const head = branch === undefined ? "refs/remotes/origin/main" : "refs/remotes/pull/7/merge";
    await git(cwd, "checkout", "--quiet", "--detach", head);
  }
}

/** Replaces the expressions of a text. */
function evaluate(text: string, inputs: Readonly<Record<string, string>>): string {
  return text.replace(/\$\{\{ ([\w.-]+) \}\}/g, (_, name: string) => {
    if (name.startsWith("inputs.")) return inputs[name.slice("inputs.".length)] ?? "";
    if (name === "github.token" || /^(secrets|vars)\./.test(name)) return `value-of-${name}`;
    throw new Error(`Unknown expression: ${name}`);
  });
}

function run(
  program: string,
  args: readonly string[],
  options: { cwd: string; env: Readonly<Record<string, string>> },
): Promise<ProgramResult> {
  return runProgram(program, args, { ...options, maxBytes: 1 << 24, limitMs: TIME_LIMIT_MS });
}

import { realpathSync } from "node:fs";
import { isAbsolute, relative, resolve } from "node:path";
import { ToolError } from "../errors.ts";
import { plainText } from "../plain_text.ts";
import { type Finding, sentenceOf } from "./finding.ts";

/** The folder of the command and the environment of the workflow. */
export interface WorkflowContext {
  readonly cwd: string;
  readonly env: Readonly<Record<string, string | undefined>>;
}

/**
 * Formats findings as GitHub Actions annotations. Notices and accepted findings are left out. GitHub reads paths from the root
 * of the repository, which GITHUB_WORKSPACE names.
 */
export function renderGithub(
  findings: readonly Finding[],
  summary: string,
  context: WorkflowContext,
): string {
  const lines = findings
    .filter(({ level, allowed }) => level !== "notice" && allowed === undefined)
    .map((finding) => {
      const { level, rule, details } = finding;
      const location = locationOf(finding, context);
      const text = escapeData([sentenceOf(finding), ...details].join("\n"));
      return `::${level} ${location}title=${escapeProperty(`pyrpc ${rule}`)}::${text}`;
    });
  return `${[...lines, `::notice title=pyrpc::${escapeData(summary)}`].join("\n")}\n`;
}

/**
 * Runs a command whose findings are annotations, and writes the error that ends it as an annotation as well: reviewers do not
 * read the log of a job.
 */
export async function withGithubErrors<T>(
  stdout: { write(bytes: Uint8Array): void },
  isGithub: boolean,
  work: () => Promise<T>,
): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (isGithub && error instanceof ToolError) {
      stdout.write(workflowCommands(renderGithubError(error)));
    }
    throw error;
  }
}

function renderGithubError({ code, message, where, fix, details }: ToolError): string {
  const lines = [message, ...(where === undefined ? [] : [`at ${where}`]), ...details];
  const text = [...lines, ...fix.map((line) => `fix: ${line}`)].join("\n");
  return `::error title=${escapeProperty(`pyrpc ${code}`)}::${escapeData(text)}\n`;
}

// Findings with a line have paths relative to the workspace already.
function locationOf({ file, line, column }: Finding, context: WorkflowContext): string {
  if (file === undefined) return "";
  if (line === undefined) return `file=${escapeProperty(workspacePath(file, context))},`;
  return `file=${escapeProperty(file)},line=${line},col=${column ?? 1},`;
}

/** Returns the path of a file relative to the root of the repository, which annotations need. */
export function workspacePath(file: string, { cwd, env }: WorkflowContext): string {
  const workspace = env["GITHUB_WORKSPACE"];
  if (!workspace) return file;
  const path = relative(real(workspace), resolve(real(cwd), file)).replaceAll("\\", "/");
  // A file outside of the checkout has no place in an annotation's diff.
  return path.startsWith("../") || isAbsolute(path) ? file : path;
}

// On macOS the folder of a runner is a link.
function real(folder: string): string {
  try {
    return realpathSync(folder);
  } catch {
    return folder;
  }
}

/** The bytes of annotations: a console escapes workflow commands in text. */
export function workflowCommands(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

// A line break would end the workflow command and start another one.
function escapeData(text: string): string {
  return plainText(text).replaceAll("%", "%25").replaceAll("\r", "%0D").replaceAll("\n", "%0A");
}

function escapeProperty(text: string): string {
  return escapeData(text).replaceAll(":", "%3A").replaceAll(",", "%2C");
}

import { defined } from "../defined.ts";
import { ToolError } from "../errors.ts";

/** One result of the doctor. */
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
    | "mcp"
    | "path";
  readonly status: "ok" | "warning" | "broken" | "skipped";
  readonly message: string;
  /** Further lines. */
  readonly details?: readonly string[];
  /** Commands that fix the problem. */
  readonly fix?: readonly string[];
  /** The command that `pyrpc doctor --fix` runs. It deletes nothing, and installs only what a manifest lists and pyRPC's own packages. */
  readonly command?: string;
  /** Source text to paste. */
  readonly snippet?: readonly string[];
}

/** The diagnoses of a probe, and the value that later probes need. */
export interface Probe<T> {
  readonly value?: T;
  readonly diagnoses: readonly Diagnosis[];
}

/** Runs a probe; a {@link ToolError} becomes a diagnosis. */
export async function runProbe<T>(
  check: Diagnosis["check"],
  probe: () => Probe<T> | Promise<Probe<T>>,
): Promise<Probe<T>> {
  try {
    return await probe();
  } catch (error) {
    if (!(error instanceof ToolError)) throw error;
    return { diagnoses: [brokenBy(check, error)] };
  }
}

function brokenBy(check: Diagnosis["check"], error: ToolError): Diagnosis {
  const { where, position, message, fix, snippet, command } = error;
  const details = [...error.details];
  if (position !== undefined) details.unshift(position.text.trim());
  if (where !== undefined) {
    details.unshift(
      position === undefined ? where : `${where}:${position.line}:${position.column}`,
    );
  }
  const paste = snippet.length === 0 ? {} : { snippet };
  return { check, status: "broken", message, details, fix, ...paste, ...defined({ command }) };
}

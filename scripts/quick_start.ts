/** The quick start of README.md as a project: the pictures show it, and a test runs it. */

import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { ROOT } from "./project.ts";

/** The samples of the README's section "Quick start". */
export interface QuickStart {
  /** `main.py`. */
  readonly python: string;
  /** Commands in the frontend. */
  readonly shell: string;
  /** `src/main.ts`. */
  readonly typescript: string;
  /** The compiler's output after the field was renamed. */
  readonly error: string;
}

/** The field that the text renames, and its new name. */
export const RENAMED = ["in_stock", "stock"] as const;

/** Reads the samples. */
export async function readQuickStart(): Promise<QuickStart> {
  const readme = await readFile(join(ROOT, "README.md"), "utf8");
  const section = /^## Quick start$([^]*?)^## /m.exec(readme)?.[1] ?? "";
  const block = (language: string) => {
    const found = new RegExp(`^\`\`\`${language}\\n([^]*?)^\`\`\``, "m").exec(section)?.[1];
    if (found === undefined) throw new Error(`README: no ${language} sample in the quick start`);
    return found;
  };
  return {
    python: block("python"),
    shell: block("sh"),
    typescript: block("ts"),
    error: block("text"),
  };
}

/** `main.py` after the rename. */
export function renamed(python: string): string {
  const [from, to] = RENAMED;
  return python.replaceAll(from, to);
}

import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Json, JsonObject } from "../../lib/contract/mod.ts";
import { runTsc, strictOptions, type TypeScriptVersion } from "./typescript.ts";
import { tempFolder } from "./temp_folder.ts";

/** A line of TypeScript and whether it has to compile. `c` is a client of the generated `Types`. */
export interface Check {
  readonly code: string;
  readonly compiles: boolean;
}

/** Options of {@link checkTypes}. */
export interface CheckTypesOptions {
  /** @default "5.9" */
  readonly version?: TypeScriptVersion;
  /** Put before the checks. */
  readonly prelude?: string;
  /** Compiler options that replace the strict ones of the same name. */
  readonly compilerOptions?: Readonly<Record<string, unknown>>;
}

/**
 * Compiles a generated file and, line by line, what is done with it.
 *
 * @returns one sentence for each error in the generated file itself and for each check that went the other way
 */
export async function checkTypes(
  generated: string,
  checks: readonly Check[],
  { version = "5.9", prelude = "", compilerOptions = {} }: CheckTypesOptions = {},
): Promise<string[]> {
  await using folder = await tempFolder();
  const head = `import type * as api from "./types.js";\n${prelude}\ndeclare const c: api.Types;\n`;
  const firstLine = head.split("\n").length;
  await writeFile(join(folder.path, "package.json"), '{ "type": "module" }');
  await writeFile(join(folder.path, "types.ts"), generated);
  await writeFile(
    join(folder.path, "use.ts"),
    `${head}${checks.map(({ code }) => `${code.replaceAll("\n", " ")}\n`).join("")}export { c };\n`,
  );
  const errors = await runTsc(folder.path, version, {
    ...strictOptions(version),
    ...compilerOptions,
    include: ["*.ts"],
  });
  const failed = new Map<number, string>();
  const wrong: string[] = [];
  for (const line of errors.split("\n").filter((line) => line.trim() !== "")) {
    const [, file, row] = /^(\w+)\.ts\((\d+),/.exec(line) ?? [];
    if (file === "use" && Number(row) >= firstLine) failed.set(Number(row) - firstLine, line);
    else if (!line.startsWith(" ")) wrong.push(line);
  }
  checks.forEach(({ code, compiles }, index) => {
    const error = failed.get(index);
    if (compiles && error !== undefined) wrong.push(`does not compile: ${code}\n  ${error}`);
    if (!compiles && error === undefined) wrong.push(`compiles: ${code}`);
  });
  return wrong;
}

/** TypeScript for a JSON value, as an expression. */
export function expression(value: Json): string {
  if (Array.isArray(value)) return `[${value.map((item: Json) => expression(item)).join(", ")}]`;
  if (typeof value !== "object" || value === null) return oneLine(JSON.stringify(value));
  // As a plain key `__proto__` would be the prototype.
  const members = Object.entries(value as JsonObject).map(([key, item]) =>
    `${key === "__proto__" ? '["__proto__"]' : oneLine(JSON.stringify(key))}: ${expression(item)}`
  );
  return `{ ${members.join(", ")} }`;
}

// TypeScript counts these two as line breaks.
function oneLine(json: string): string {
  return json.replaceAll("\u2028", "\\u2028").replaceAll("\u2029", "\\u2029");
}

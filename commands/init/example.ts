import { relative } from "node:path";
import { ExitCode } from "../../lib/errors.ts";
import type { CopiedExample, ExampleRequest } from "../../lib/example_projects/mod.ts";
import type { Console } from "../../lib/runtime/mod.ts";
import { plainText, styleFor } from "../../lib/terminal/mod.ts";

/** `pyrpc init --example NAME`: copies an example project. */
export async function initExample(
  console: Console,
  request: Omit<ExampleRequest, "cwd">,
  { json }: { readonly json: boolean },
): Promise<ExitCode> {
  const { copyExample } = await import("../../lib/example_projects/mod.ts");
  const copied = await copyExample({ ...request, cwd: console.cwd });
  if (json) console.stdout.write(`${JSON.stringify(toJson(request.name, copied), null, 2)}\n`);
  report(console, request, copied);
  return ExitCode.Ok;
}

function toJson(example: string, { folder, files, next }: CopiedExample) {
  return { example, folder, files: files.map(({ path, state }) => ({ path, state })), next };
}

function report(
  console: Console,
  { name, mode }: Pick<ExampleRequest, "name" | "mode">,
  { folder, files, plan, next }: CopiedExample,
): void {
  const style = styleFor(console.stderr, console.env);
  const print = (line: string) => console.stderr.write(`${line}\n`);
  const line = plainText(
    `${name} → ${relative(console.cwd, folder) || "."}  ${files.length} files`,
  );
  if (mode === "dry-run") {
    for (const text of plan) print(`  ${plainText(text)}`);
    print(`nothing written (--dry-run): ${line}`);
    return;
  }
  for (const { path, state } of files) {
    if (state === "change") print(`  replaced ${plainText(relative(console.cwd, path))}`);
  }
  print(`${style.green("✓")} ${line}`);
  next.forEach((commands, index) => {
    print(index === 0 ? "\nNext:" : "In a second terminal:");
    for (const command of commands) print(`  ${style.bold(plainText(command))}`);
  });
}

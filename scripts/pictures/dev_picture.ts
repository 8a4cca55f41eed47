/** The development loop: the backend's source, `pyrpc dev`, and an editor with the frontend. */

import { spawn } from "node:child_process";
import { once } from "node:events";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import process from "node:process";
import ts from "typescript";
import { freePort } from "../../tests/support/free_port.ts";
import { pythonEnvironment } from "../../tests/support/python.ts";
import { tempFolder } from "../../tests/support/temp_folder.ts";
import { waitUntil } from "../../tests/support/wait_until.ts";
import { ROOT } from "../project.ts";
import { readQuickStart, RENAMED, renamed } from "../quick_start.ts";
import { openInEditor } from "./hover.ts";
import { columnsOf, drawWindow, heightOf, picture, type Window } from "./svg.ts";
import { type Line, pythonLines, terminalLines, typescriptLines, wrapLines } from "./text.ts";
import { type ThemeName, THEMES } from "./theme.ts";

const GAP = 14;
const LEFT = 520;
const RIGHT = 640;

/** Runs the quick start with `pyrpc dev`, renames a field, and returns the picture in each theme. */
export async function devPicture(): Promise<Readonly<Record<ThemeName, string>>> {
  const { python, typescript } = await readQuickStart();
  await using folder = await tempFolder({
    "backend/main.py": python,
    "backend/pyrpc.json": JSON.stringify({
      version: 1,
      framework: "fastapi",
      entrypoint: "main",
      distribution: "workspace",
      client_root: [{ root: "../web", target: "src/api.ts" }],
    }),
    "web/package.json": JSON.stringify({ dependencies: { "@pyrpc/client": "*" } }),
    "web/src/main.ts": typescript,
  });
  const output = await devOutput(folder.path, renamed(python));
  const view = await openInEditor(folder.at("web/src/main.ts"), folder.at("web"), {
    strict: true,
    noEmit: true,
    target: ts.ScriptTarget.ES2022,
    module: ts.ModuleKind.ESNext,
    moduleResolution: ts.ModuleResolutionKind.Bundler,
    allowImportingTsExtensions: true,
    lib: ["lib.es2022.d.ts", "lib.dom.d.ts"],
    types: [],
    paths: { "@pyrpc/client": [join(ROOT, "lib/client/pyrpc_client.ts")] },
  });
  const [error] = view.errors;
  if (error === undefined) throw new Error("The editor reports no error after the rename");
  const windows = windowsOf(renamed(python), output, typescript, {
    hover: view.hover("get_product"),
    error,
  });
  const draw = (name: ThemeName) => {
    const theme = THEMES[name];
    const upper = heightOf(windows.backend.lines.length);
    const height = Math.max(
      upper + GAP + heightOf(windows.terminal.lines.length),
      heightOf(windows.frontend.lines.length),
    );
    const lower = height - GAP - upper;
    return picture(
      { width: LEFT + GAP + RIGHT, height },
      "pyrpc dev reports a changed field; the editor shows the new type of the call",
      [
        drawWindow(windows.backend, { x: 0, y: 0, width: LEFT, height: upper }, theme),
        drawWindow(windows.terminal, { x: 0, y: upper + GAP, width: LEFT, height: lower }, theme),
        drawWindow(windows.frontend, { x: LEFT + GAP, y: 0, width: RIGHT, height }, theme),
      ],
    );
  };
  return { light: draw("light"), dark: draw("dark") };
}

/** The output of `pyrpc dev` from its start until the types were written again for the changed source. */
async function devOutput(folder: string, changed: string): Promise<string> {
  const { env } = await pythonEnvironment("shop-0.14");
  const port = await freePort();
  const child = spawn(process.execPath, [
    ...["run", "-A", "--no-check", `--config=${join(ROOT, "deno.json")}`, join(ROOT, "main.ts")],
    ...["dev", "--no-console", "--no-source-map", "--port", String(port)],
  ], {
    cwd: join(folder, "backend"),
    env: { ...process.env, ...env, FORCE_COLOR: "1", CI: "1" },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const closed = once(child, "close");
  let output = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding("utf8").on("data", (text: string) => output += text);
  }
  const prints = (pattern: RegExp) => waitUntil(() => pattern.test(output), 60_000);
  try {
    await prints(/Types:/);
    await writeFile(join(folder, "backend/main.py"), changed);
    await prints(new RegExp(`\\+ ${RENAMED[1]}`));
  } finally {
    child.kill("SIGINT");
    await closed;
  }
  return output
    .replaceAll(String(port), "8000")
    .replaceAll(join(folder, "web"), "../web")
    .replaceAll(folder, "~/shop");
}

interface Shown {
  readonly hover: readonly string[];
  readonly error: {
    readonly line: number;
    readonly column: number;
    readonly length: number;
    readonly message: string;
  };
}

function windowsOf(python: string, output: string, typescript: string, { hover, error }: Shown) {
  const pythonText = python.trimEnd().replace(/^from[^]*?(?=^class)/m, "");
  const backend: Window = {
    title: "backend/main.py",
    lines: pythonLines(pythonText),
    highlighted: [pythonText.split("\n").findIndex((line) => line.includes(`${RENAMED[1]}: int`))],
  };
  const terminal: Window = {
    title: "pyrpc dev",
    lines: wrapLines(
      terminalLines(output.split("\n").filter((line) => line.trim() !== "").join("\n")),
      columnsOf(LEFT),
    ),
  };
  const code = typescript.trimEnd().replace(/^\/\/ .*\n/, "").split("\n");
  const source = typescript.split("\n");
  const lineOf = (text: string) => code.findIndex((line) => line.includes(text));
  const call = lineOf("rpc.get_product");
  const errorLine = code.indexOf(source[error.line] ?? "");
  const hoverLines: Line[] = hover.flatMap((line, index) =>
    index === hover.length - 1
      ? [[], [{ text: line, color: "text" as const }]]
      : typescriptLines(line)
  );
  // Room for the boxes: the lines that follow a box are moved down by its height.
  const errorLines: Line[] = [[{ text: error.message, color: "red" }]];
  const room = (lines: readonly Line[]) => lines.length + 2;
  const lines = typescriptLines(code.join("\n"));
  const moved = [
    ...lines.slice(0, call + 1),
    ...Array.from({ length: room(hoverLines) }, (): Line => []),
    ...lines.slice(call + 1, errorLine + 1),
    ...Array.from({ length: room(errorLines) }, (): Line => []),
    ...lines.slice(errorLine + 1),
  ];
  const movedErrorLine = errorLine + room(hoverLines);
  const frontend: Window = {
    title: "web/src/main.ts",
    lines: moved,
    errors: [{ line: movedErrorLine, from: error.column, to: error.column + error.length }],
    hovers: [
      {
        line: call,
        column: code[call]?.indexOf("get_product") ?? 0,
        lines: hoverLines,
      },
      { line: movedErrorLine, column: error.column, lines: errorLines },
    ],
  };
  return { backend, terminal, frontend };
}

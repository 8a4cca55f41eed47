import { startLanguageServer } from "../../tests/support/language_server.ts";
import { readQuickStart } from "../quick_start.ts";
import { FRONTEND, shopProject } from "./shop_project.ts";
import { drawWindow, heightOf, picture, type Window } from "./svg.ts";
import { pythonLines, typescriptLines } from "./text.ts";
import { type ThemeName, THEMES } from "./theme.ts";

const WIDTH = 560;
const GAP = 14;

/** "Go to definition" on two names of the frontend, as TypeScript's language server answers it. */
export async function definitionPicture(): Promise<Readonly<Record<ThemeName, string>>> {
  const { python } = await readQuickStart();
  await using project = await shopProject(python);
  await project.pyrpc(0, "codegen", "main", "--out", "web/src/api.d.ts", "--client");
  await using server = await startLanguageServer("5.9", project.path);
  const file = project.at("web/src/label.ts");
  const names = ["get_product", "in_stock"] as const;
  const lines: number[] = [];
  for (const name of names) {
    const [definition] = await server.definitions(file, name);
    if (definition?.path !== project.at("main.py")) {
      throw new Error(`"${name}" is defined in ${definition?.path}`);
    }
    lines.push(definition.line - 1);
  }
  const frontend: Window = {
    title: "web/src/label.ts: go to definition …",
    lines: typescriptLines(FRONTEND.trimEnd()),
    highlighted: names.map((name) => FRONTEND.split("\n").findIndex((line) => line.includes(name))),
  };
  const shown = python.trimEnd().split("\n");
  const first = shown.findIndex((line) => line.startsWith("class "));
  const end = shown.findIndex((line) => line.startsWith("app = "));
  const backend: Window = {
    title: "… opens main.py",
    lines: pythonLines(shown.slice(first, end).join("\n").trimEnd()),
    highlighted: lines.map((line) => line - first),
  };
  const height = heightOf(Math.max(frontend.lines.length, backend.lines.length));
  const draw = (name: ThemeName) =>
    picture(
      { width: 2 * WIDTH + GAP, height },
      "Go to definition in TypeScript opens the Python function and the field of its model",
      [
        drawWindow(frontend, { x: 0, y: 0, width: WIDTH, height }, THEMES[name]),
        drawWindow(backend, { x: WIDTH + GAP, y: 0, width: WIDTH, height }, THEMES[name]),
      ],
    );
  return { light: draw("light"), dark: draw("dark") };
}

import { columnsOf, drawWindow, heightOf, picture } from "./svg.ts";
import { terminalLines, wrapLines } from "./text.ts";
import { type ThemeName, THEMES } from "./theme.ts";

const WIDTH = 940;

/** Draws the output of a command in one window, in each theme; `label` describes it for screen readers. */
export function terminalPicture(
  title: string,
  label: string,
  output: string,
): Readonly<Record<ThemeName, string>> {
  const lines = wrapLines(terminalLines(output.trimEnd()), columnsOf(WIDTH));
  const height = heightOf(lines.length);
  const draw = (name: ThemeName) =>
    picture({ width: WIDTH, height }, label, [
      drawWindow({ title, lines }, { x: 0, y: 0, width: WIDTH, height }, THEMES[name]),
    ]);
  return { light: draw("light"), dark: draw("dark") };
}

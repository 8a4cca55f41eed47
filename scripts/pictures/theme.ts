/** Colors of a picture. */
export interface Theme {
  readonly background: string;
  readonly bar: string;
  readonly border: string;
  readonly text: string;
  readonly dim: string;
  readonly red: string;
  readonly green: string;
  readonly yellow: string;
  readonly cyan: string;
  readonly keyword: string;
  readonly string: string;
  readonly type: string;
  readonly comment: string;
  readonly highlight: string;
  readonly hover: string;
}

/** Names of the colors that a piece of text can have. */
export type Color = Exclude<keyof Theme, "background" | "bar" | "border" | "highlight" | "hover">;

/** One picture is drawn for each theme. */
export const THEMES = {
  light: {
    background: "#ffffff",
    bar: "#f6f8fa",
    border: "#d1d9e0",
    text: "#1f2328",
    dim: "#59636e",
    red: "#d1242f",
    green: "#1a7f37",
    yellow: "#9a6700",
    cyan: "#0969da",
    keyword: "#cf222e",
    string: "#0a3069",
    type: "#953800",
    comment: "#59636e",
    highlight: "#fff8c5",
    hover: "#f6f8fa",
  },
  dark: {
    background: "#0d1117",
    bar: "#151b23",
    border: "#3d444d",
    text: "#f0f6fc",
    dim: "#9198a1",
    red: "#f85149",
    green: "#3fb950",
    yellow: "#d29922",
    cyan: "#58a6ff",
    keyword: "#ff7b72",
    string: "#a5d6ff",
    type: "#ffa657",
    comment: "#9198a1",
    highlight: "#2e2a1f",
    hover: "#212830",
  },
} as const satisfies Readonly<Record<string, Theme>>;

/** A name of {@link THEMES}. */
export type ThemeName = keyof typeof THEMES;

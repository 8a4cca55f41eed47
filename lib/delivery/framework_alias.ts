import * as fs from "node:fs";
import { join } from "node:path";

/** A framework that writes the compiler's configuration anew each time: aliases belong into its own. */
export interface FrameworkConfig {
  readonly name: "Nuxt" | "SvelteKit";
  /** Absolute. */
  readonly path: string;
  /** True if it has the alias already. */
  readonly hasAlias: boolean;
  /** The lines to add. */
  readonly snippet: string;
}

/** The framework of a client that manages aliases itself; undefined if `tsconfig.json` does. */
export function frameworkConfig(
  root: string,
  alias: string,
  file: string,
): FrameworkConfig | undefined {
  const pair = `alias: { "${alias}": "./${file}" }`;
  const rows = [
    // Nuxt reads relative paths from the folder that its generated configuration is in.
    [
      "Nuxt",
      "nuxt.config",
      /./,
      `alias: { "${alias}": new URL("./${file}", import.meta.url).pathname }`,
    ],
    // Svelte without SvelteKit has a tsconfig.json of its own.
    ["SvelteKit", "svelte.config", /\bkit\b/, `kit: { ${pair} }`],
    // Newer projects give the options to the plugin.
    ["SvelteKit", "vite.config", /\bsveltekit\(/, `${pair} to the options of sveltekit()`],
  ] as const;
  for (const [name, stem, mark, snippet] of rows) {
    const path = ["ts", "js", "mjs"].map((ending) => join(root, `${stem}.${ending}`))
      .find((path) => fs.existsSync(path));
    if (path === undefined) continue;
    const text = fs.readFileSync(path, "utf8");
    if (!mark.test(text)) continue;
    return { name, path, hasAlias: text.includes(alias), snippet };
  }
  return undefined;
}

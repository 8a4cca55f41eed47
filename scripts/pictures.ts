/**
 * `deno task pictures [NAME…]`: draws the pictures of README and docs into `docs/pictures`, light and dark, from real runs
 * of the program. Python 3.11 and Chromium are needed.
 *
 * @module
 */

import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import process from "node:process";
import { ROOT } from "./project.ts";

type Drawing = () => Promise<Readonly<Record<"light" | "dark", string | Uint8Array>>>;

const PICTURES: Readonly<Record<string, { readonly ending: string; load(): Promise<Drawing> }>> = {
  dev: {
    ending: "svg",
    load: async () => (await import("./pictures/dev_picture.ts")).devPicture,
  },
  check: {
    ending: "svg",
    load: async () => (await import("./pictures/check_picture.ts")).checkPicture,
  },
  "broken-lines": {
    ending: "svg",
    load: async () => (await import("./pictures/broken_lines_picture.ts")).brokenLinesPicture,
  },
  "contract-test": {
    ending: "svg",
    load: async () => (await import("./pictures/contract_test_picture.ts")).contractTestPicture,
  },
  deployed: {
    ending: "svg",
    load: async () => (await import("./pictures/deployed_picture.ts")).deployedPicture,
  },
  definition: {
    ending: "svg",
    load: async () => (await import("./pictures/definition_picture.ts")).definitionPicture,
  },
  explorer: {
    ending: "png",
    load: async () => (await import("./pictures/explorer_picture.ts")).explorerPicture,
  },
};

async function main(args: readonly string[]): Promise<number> {
  const folder = join(ROOT, "docs", "pictures");
  await mkdir(folder, { recursive: true });
  for (const name of args.length === 0 ? Object.keys(PICTURES) : args) {
    const found = PICTURES[name];
    if (found === undefined) {
      process.stderr.write(`No picture "${name}": ${Object.keys(PICTURES).join(", ")}\n`);
      return 2;
    }
    const drawing = await (await found.load())();
    for (const [theme, content] of Object.entries(drawing)) {
      const file = `docs/pictures/${name}-${theme}.${found.ending}`;
      await writeFile(join(ROOT, file), content);
      process.stderr.write(`${file}  ${content.length} bytes\n`);
    }
  }
  return 0;
}

process.exitCode = await main(process.argv.slice(2));

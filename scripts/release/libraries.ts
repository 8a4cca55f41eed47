/**
 * The libraries that are inside the executable and the bundle: for the notices and the bill of materials.
 *
 * @module
 */

import { existsSync } from "node:fs";
import { readdir, readFile, realpath } from "node:fs/promises";
import { dirname, join } from "node:path";
import process from "node:process";
import { VERSION } from "../../lib/version.ts";
import { BUN_VERSION } from "../bun.ts";
import { filesBelow, ROOT } from "../project.ts";

/** The Deno that runs this script embeds its own version into executables. */
const DENO_VERSION = process.versions["deno"] ?? "";

/** An installed library. */
export interface Library {
  readonly name: string;
  readonly version: string;
  /** SPDX identifier in its manifest. */
  readonly license: string;
  /** The text of its licence file. */
  readonly text: string;
}

/** Returns the imported packages and their dependencies, sorted by name. */
export async function shippedLibraries(): Promise<Library[]> {
  const found = new Map<string, Library>();
  const visit = async (folder: string): Promise<void> => {
    const real = await realpath(folder);
    const manifest = JSON.parse(await readFile(join(real, "package.json"), "utf8")) as {
      name: string;
      version: string;
      license?: string;
      dependencies?: Record<string, string>;
    };
    const key = `${manifest.name}@${manifest.version}`;
    if (found.has(key)) return;
    const { name, version, license = "" } = manifest;
    if (license === "") throw new Error(`${key} names no licence`);
    const text = await licenseText(real) || await commonText(license);
    if (text === "") throw new Error(`The package of ${key} holds no text of its licence`);
    found.set(key, { name, version, license, text });
    // Dependencies are beside a library in the store.
    const modules = name.startsWith("@") ? dirname(dirname(real)) : dirname(real);
    for (const needed of Object.keys(manifest.dependencies ?? {})) {
      if (existsSync(join(modules, needed))) await visit(join(modules, needed));
    }
  };
  for (const name of await importedPackages()) await visit(join(ROOT, "node_modules", name));
  return [...found.values()].sort((one, other) => one.name < other.name ? -1 : 1);
}

async function importedPackages(): Promise<Set<string>> {
  const files = [...await filesBelow("commands", ".ts"), ...await filesBelow("lib", ".ts")];
  const names = new Set<string>();
  for (const file of files) {
    const text = await readFile(join(ROOT, file), "utf8");
    for (
      const match of text.matchAll(/^(?:import|export|\}) (?!type\b).*from "([^".:][^":]*)";/gm)
    ) {
      names.add(match[1]!);
    }
    for (const match of text.matchAll(/\bimport\("([^".:][^":]*)"\)/g)) names.add(match[1]!);
  }
  // Excludes paths below a package ("ws/x"), and names in comments and generated text.
  const { imports } = JSON.parse(await readFile(join(ROOT, "deno.json"), "utf8"));
  return new Set([...names].filter((name) => Object.hasOwn(imports, name)));
}

async function licenseText(folder: string): Promise<string> {
  const name = (await readdir(folder)).find((name) => /^licen[cs]e/i.test(name));
  return name === undefined
    ? ""
    : (await readFile(join(folder, name), "utf8")).replaceAll("\r\n", "\n").trim();
}

// The Apache licence must be included; TypeScript's package contains its text.
async function commonText(license: string): Promise<string> {
  return license === "Apache-2.0"
    ? await licenseText(join(ROOT, "node_modules", "typescript"))
    : "";
}

/** Creates `THIRD_PARTY_NOTICES.txt`. */
export function noticesText(libraries: readonly Library[]): string {
  const rule = "=".repeat(80);
  const parts = libraries.map(({ name, version, license, text }) =>
    `${rule}\n${name} ${version} (${license})\n\n${text}\n`
  );
  return `pyrpc-toolkit ${VERSION} contains the work of others.\n\n${RUNTIMES}\n${
    parts.join("\n")
  }`;
}

const RUNTIMES = `The executables contain a runtime:

Bun ${BUN_VERSION}: MIT; it links JavaScriptCore and WebKit (LGPL 2.1), BoringSSL, libuv, lol-html, mimalloc, SQLite,
zlib-ng, zstd and others. Their list, their licences and how to link them anew: https://bun.sh/docs/project/licensing
Deno (if the file name contains it): MIT, with V8 (BSD): https://github.com/denoland/deno/blob/main/LICENSE.md

The libraries:
`;

/**
 * Creates the bill of materials, CycloneDX 1.6. Without time and serial number: the same sources produce the same
 * bytes.
 */
export function billOfMaterials(libraries: readonly Library[]): string {
  const own = `pkg:npm/%40pyrpc/client@${VERSION}`;
  const runtime = (name: string, version: string, where: string) => {
    const purl = `pkg:npm/${name}@${version}`;
    const licenses = [{ license: { id: "MIT" } }];
    return { type: "platform", "bom-ref": purl, name, version, description: where, licenses, purl };
  };
  const components = [
    runtime("bun", BUN_VERSION, "In every executable but those with deno in their archive's name"),
    runtime("deno", DENO_VERSION, "In the executables with deno in their archive's name"),
    ...libraries.map(({ name, version, license }) => {
      const purl = `pkg:npm/${name.replace("@", "%40")}@${version}`;
      const licenses = /[ (]/.test(license)
        ? [{ expression: license }]
        : [{ license: { id: license } }];
      return { type: "library", "bom-ref": purl, name, version, licenses, purl };
    }),
  ];
  const bom = {
    bomFormat: "CycloneDX",
    specVersion: "1.6",
    version: 1,
    metadata: {
      component: {
        type: "application",
        "bom-ref": own,
        name: "pyrpc-toolkit",
        version: VERSION,
        licenses: [{ license: { id: "MIT" } }],
      },
    },
    components,
    dependencies: [{ ref: own, dependsOn: components.map((each) => each["bom-ref"]) }],
  };
  return `${JSON.stringify(bom, null, 2)}\n`;
}

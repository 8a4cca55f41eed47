/**
 * The npm packages as folders, ready for `npm pack`.
 *
 * @module
 */

import { chmod, cp, mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import process from "node:process";
import ts from "typescript";
import { commonJsText, moduleText, PLACEHOLDER_TYPES } from "../../lib/codegen/mod.ts";
import { CLIENT_PACKAGE_MARK } from "../../lib/runtime/process_console.ts";
import { OLDEST_NODE, VERSION } from "../../lib/version.ts";
import { bundle, bundleTesting } from "../bundle.ts";
import { ROOT, run } from "../project.ts";
import { emitPackage } from "./emit_package.ts";
import { executableName, type Target } from "./targets.ts";

/** The package with the executable from npm; the platform packages append the name of a system. */
export const CLI_PACKAGE = "@pyrpc/cli";

const COMMON = {
  version: VERSION,
  license: "MIT",
  repository: { type: "git", url: "git+https://github.com/pyrpc/toolkit.git" },
  publishConfig: { access: "public", provenance: true },
};
const BOTH_NAMES = (file: string) => ({ pyrpc: file, "pyrpc-toolkit": file });

/** Writes a package's folder below `out`. @returns the folder */
async function writePackage(
  out: string,
  manifest: { readonly name: string } & Readonly<Record<string, unknown>>,
  files: Iterable<readonly [string, string]>,
): Promise<string> {
  const folder = join(out, manifest.name);
  await rm(folder, { recursive: true, force: true });
  const all = new Map(files);
  all.set(
    "package.json",
    `${JSON.stringify({ ...COMMON, ...manifest }, null, 2)}\n`,
  );
  all.set("LICENSE", await readFile(join(ROOT, "LICENSE"), "utf8"));
  for (const [path, text] of all) {
    await mkdir(dirname(join(folder, path)), { recursive: true });
    await writeFile(join(folder, path), text);
  }
  return folder;
}

async function readMe(name: string): Promise<string> {
  return await readFile(join(ROOT, "install", "npm", `${name}.md`), "utf8");
}

/**
 * Creates `@pyrpc/client`: `createClient` with declarations, `@pyrpc/client/nats`, `@pyrpc/client/query`,
 * `@pyrpc/client/contract`, `@pyrpc/client/testing`, and the bundled tool as its `bin`. It has no install script.
 *
 * @param isWhole False leaves out the tool and the testing package, which take seconds to bundle.
 */
export async function clientPackage(
  out: string,
  notices: string,
  isWhole = true,
): Promise<string> {
  const { files } = await emitPackage([
    "client/pyrpc_client.ts",
    "client/nats_link.ts",
    "client/query/mod.ts",
    "client/contract/mod.ts",
  ]);
  const entryPoint = (name: string) => ({
    types: `./dist/${name}.d.ts`,
    default: `./dist/${name}.js`,
  });
  const folder = await writePackage(out, {
    name: "@pyrpc/client",
    description: "Typed calls to a pyRPC backend, and the tool that fetches the types",
    type: "module",
    exports: {
      ".": entryPoint("pyrpc_client"),
      "./nats": entryPoint("nats_link"),
      "./query": entryPoint("query/mod"),
      "./contract": entryPoint("contract/mod"),
      "./testing": {
        types: "./dist/testing/mod.d.ts",
        production: "./dist/testing/production.js",
        default: "./dist/testing/mod.js",
      },
      "./package.json": "./package.json",
    },
    types: "./dist/pyrpc_client.d.ts",
    // Bundlers would drop the error of that module together with its values, which it never uses.
    sideEffects: ["./dist/testing/production.js"],
    bin: BOTH_NAMES("bin/pyrpc.js"),
    files: ["dist", "bin", "THIRD_PARTY_NOTICES.txt"],
    engines: { node: `>=${OLDEST_NODE}` },
    // Resolves `import type { Types } from "@pyrpc/types"` until the first sync.
    dependencies: { "@pyrpc/types": `^${VERSION}` },
  }, [
    ...[...files].map(([path, text]) => [path.replace(/^client\//, "dist/"), text] as const),
    ...(isWhole ? await testingFiles() : []),
    ["README.md", await readMe("client")],
    ["THIRD_PARTY_NOTICES.txt", notices],
  ]);
  if (!isWhole) return folder;
  const program = join(folder, "bin", "pyrpc.js");
  await bundle(program);
  const text = await readFile(program, "utf8");
  await writeFile(program, text.replace(/^#!.*\n/, `$&${CLIENT_PACKAGE_MARK}\n`));
  return folder;
}

/** The files of `@pyrpc/client/testing`: one module, its declarations, and the one that refuses production builds. */
async function testingFiles(): Promise<(readonly [string, string])[]> {
  const { files } = await emitPackage(["testing/mod.ts", "testing/production.ts"]);
  const folder = "dist/testing/";
  const found: (readonly [string, string])[] = [[`${folder}mod.js`, await bundleTesting()]];
  const add = (path: string) => {
    const text = (files.get(path) ?? "").replaceAll("../client/", "../");
    if (text === "") throw new Error(`No ${path}`);
    found.push([`dist/${path}`, text]);
    return text;
  };
  add("testing/production.js");
  const names = ["mod"];
  for (const name of names) {
    for (const { fileName } of ts.preProcessFile(add(`testing/${name}.d.ts`)).importedFiles) {
      const next = /^\.\/(\w+)\.js$/.exec(fileName)?.[1];
      // Everything else is in the bundle, whose types are internal.
      if (next === undefined && fileName !== "../pyrpc_client.js") {
        throw new Error(`The declarations of lib/testing import ${fileName}`);
      }
      if (next !== undefined && !names.includes(next)) names.push(next);
    }
  }
  return found;
}

/** Creates `@pyrpc/types`: the placeholder until the first `pyrpc sync`. */
export async function typesPackage(out: string): Promise<string> {
  return await writePackage(out, {
    name: "@pyrpc/types",
    description: "Placeholder that pyrpc sync replaces by a backend's types",
    // Like the package that replaces it (lib/delivery/plan_layout.ts).
    type: "module",
    sideEffects: false,
    // pyRPC 0.6 to 0.9 writes src/index.ts only, so the compiler reads that file.
    types: "./src/index.ts",
    main: "./src/index.cjs",
    exports: {
      ".": {
        require: { types: "./src/index.d.cts", default: "./src/index.cjs" },
        types: "./src/index.ts",
        default: "./src/index.js",
      },
      "./package.json": "./package.json",
    },
    files: ["src"],
  }, [
    ["src/index.ts", PLACEHOLDER_TYPES],
    ["src/index.js", moduleText(PLACEHOLDER_TYPES, "esm")],
    ["src/index.d.cts", commonJsText("index.ts")],
    ["src/index.cjs", moduleText(PLACEHOLDER_TYPES, "cjs")],
    ["README.md", await readMe("types")],
  ]);
}

const ALIAS = `#!/usr/bin/env node
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { pathToFileURL } from "node:url";

const manifest = createRequire(import.meta.url).resolve("@pyrpc/client/package.json");
await import(pathToFileURL(join(dirname(manifest), "bin", "pyrpc.js")).href);
`;

/**
 * Creates `pyrpc`, the package that `npx pyrpc` installs in a project without `@pyrpc/client`. It only starts the program of
 * exactly the same version of `@pyrpc/client`, so that no other package can have the name of the command.
 */
export async function aliasPackage(out: string): Promise<string> {
  const folder = await writePackage(out, {
    name: "pyrpc",
    description: "The command of @pyrpc/client: TypeScript types for a Python backend",
    type: "module",
    bin: BOTH_NAMES("bin/pyrpc.js"),
    files: ["bin"],
    engines: { node: `>=${OLDEST_NODE}` },
    dependencies: { "@pyrpc/client": VERSION },
  }, [["bin/pyrpc.js", ALIAS], ["README.md", await readMe("alias")]]);
  await chmod(join(folder, "bin", "pyrpc.js"), 0o755);
  return folder;
}

/** Creates `@pyrpc/vite`: the plugin in one file, with declarations that need Vite's own. */
export async function vitePackage(out: string, notices: string): Promise<string> {
  const { files } = await emitPackage(["vite/options.ts"]);
  const declarations = `import type { Plugin } from "vite";
import type { PyrpcOptions } from "./options.js";

export type { MockSettings, PyrpcOptions } from "./options.js";

/** The plugin for Vite: types, proxy, mock, and the check of a build. */
export default function pyrpc(options?: PyrpcOptions): Plugin;
`;
  const folder = await writePackage(out, {
    name: "@pyrpc/vite",
    description: "Vite plugin for pyRPC backends: types, proxy, mock, and the check of a build",
    type: "module",
    exports: {
      ".": { types: "./dist/index.d.ts", default: "./dist/index.js" },
      "./package.json": "./package.json",
    },
    types: "./dist/index.d.ts",
    files: ["dist", "THIRD_PARTY_NOTICES.txt"],
    engines: { node: `>=${OLDEST_NODE}` },
    peerDependencies: { vite: ">=6" },
  }, [
    ["dist/index.d.ts", declarations],
    ["dist/options.d.ts", files.get("vite/options.d.ts") ?? ""],
    ["README.md", await readMe("vite")],
    ["THIRD_PARTY_NOTICES.txt", notices],
  ]);
  await bundle(join(folder, "dist", "index.js"), "lib/vite/mod.ts");
  return folder;
}

/**
 * Creates `@pyrpc/server`: servers with any transport, protocol and dispatcher; `@pyrpc/server/modes`: connection
 * modes.
 */
export async function serverPackage(out: string): Promise<string> {
  const { files, packages } = await emitPackage([
    "rpc/mod.ts",
    "rpc/msgpack/mod.ts",
    "server/mod.ts",
    "server/modes/mod.ts",
    "process/workers/mod.ts",
  ]);
  const { imports } = JSON.parse(await readFile(join(ROOT, "deno.json"), "utf8")) as {
    imports: Record<string, string>;
  };
  const dependencies = Object.fromEntries(
    [...packages].sort().map((name) => {
      const version = /@([^@]+)$/.exec(imports[name] ?? "")?.[1];
      if (version === undefined) throw new Error(`deno.json does not name "${name}"`);
      return [name, `^${version}`];
    }),
  );
  const entry = ["rpc", "rpc/msgpack", "server"]
    .map((folder) => `export * from "./${folder}/mod.js";\n`).join("");
  const modes =
    `export * from "./server/modes/mod.js";\nexport * from "./process/workers/mod.js";\n`;
  const entryPoint = (name: string) => ({
    types: `./dist/${name}.d.ts`,
    default: `./dist/${name}.js`,
  });
  return await writePackage(out, {
    name: "@pyrpc/server",
    description:
      "RPC servers of any transport, protocol and dispatcher: pyRPC, JSON-RPC, MessagePack-RPC",
    type: "module",
    exports: {
      ".": entryPoint("mod"),
      "./modes": entryPoint("modes"),
      "./package.json": "./package.json",
    },
    types: "./dist/mod.d.ts",
    files: ["dist"],
    engines: { node: `>=${OLDEST_NODE}` },
    dependencies,
  }, [
    ...[...files].map(([path, text]) => [`dist/${path}`, text] as const),
    ["dist/mod.js", entry],
    ["dist/mod.d.ts", entry],
    ["dist/modes.js", modes],
    ["dist/modes.d.ts", modes],
    ["README.md", await readMe("server")],
  ]);
}

/** Returns the name of a target's package. */
export function platformPackageName({ npm }: Target): string {
  return `${CLI_PACKAGE}-${npm.os}-${npm.cpu}${npm.libc === "musl" ? "-musl" : ""}`;
}

/** Creates a package with one target's executable; npm installs only the one for its system. */
export async function platformPackage(
  out: string,
  target: Target,
  executable: string,
  notices: string,
): Promise<string> {
  const { os, cpu, libc } = target.npm;
  const name = executableName(target);
  const folder = await writePackage(out, {
    name: platformPackageName(target),
    description: `The executable of pyrpc for ${target.triple}`,
    os: [os],
    cpu: [cpu],
    ...(libc === undefined ? {} : { libc: [libc] }),
    files: [name, "THIRD_PARTY_NOTICES.txt"],
    preferUnplugged: true,
  }, [["THIRD_PARTY_NOTICES.txt", notices]]);
  await cp(executable, join(folder, name));
  await chmod(join(folder, name), 0o755);
  return folder;
}

/** Creates `@pyrpc/cli`, which starts the executable of the installed platform package. */
export async function cliPackage(out: string, targets: readonly Target[]): Promise<string> {
  const folder = await writePackage(out, {
    name: CLI_PACKAGE,
    description:
      "The pyrpc executable: TypeScript types for a Python backend, from the backend itself",
    type: "module",
    bin: BOTH_NAMES("bin/pyrpc.js"),
    files: ["bin"],
    engines: { node: `>=${OLDEST_NODE}` },
    optionalDependencies: Object.fromEntries(
      targets.map((target) => [platformPackageName(target), VERSION]),
    ),
  }, [
    ["bin/pyrpc.js", await readFile(join(ROOT, "install", "npm", "cli.js"), "utf8")],
    ["README.md", await readMe("cli")],
  ]);
  await chmod(join(folder, "bin", "pyrpc.js"), 0o755);
  return folder;
}

/** Packs a folder into `out`. @returns the path of the tarball */
export async function npmPack(folder: string, out: string): Promise<string> {
  const npm = process.platform === "win32" ? "npm.cmd" : "npm";
  const { code, stdout, stderr } = await run(npm, [
    "pack",
    "--json",
    "--ignore-scripts",
    `--pack-destination=${out}`,
  ], { cwd: folder });
  if (code !== 0) throw new Error(`"npm pack" failed in ${folder}:\n${stderr}`);
  const found = /"filename":\s*"([^"]+)"/.exec(stdout)?.[1];
  if (found === undefined) throw new Error(`"npm pack" names no file: ${stdout}`);
  return join(out, found.replace(/^@/, "").replace("/", "-"));
}

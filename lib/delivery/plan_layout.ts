import * as fs from "node:fs";
import { dirname, join, relative } from "node:path";
import { commonJsText, type ModuleFormat } from "../codegen/mod.ts";
import type { ChosenLayout, PackageLayout } from "./choose_layout.ts";
import { outIsClient } from "./errors.ts";
import { type FilePlan, planFiles, type PlannedFile } from "./file_plan.ts";
import {
  formatOrigin,
  ORIGIN_FILE,
  originFileText,
  readOrigin,
  type TypesOrigin,
} from "./origin.ts";
import { planAlias } from "./ts_config.ts";

/** The declaration file of a package that has a declaration map. */
export const DECLARATION_FILE = "index.d.ts";

/** The types for files that are CommonJS modules: they may import types of an ES module only from a declaration like this. */
const COMMONJS_FILE = "index.d.cts";

/** The content of a delivery. */
export interface Delivery {
  /** The generated types. */
  readonly types: string;
  /** The same types as a declaration file, which compilers read in the `package` layout. */
  readonly declarations?: string | undefined;
  /** The values at run time, for the `package` layout: engines do not load TypeScript from `node_modules`. */
  readonly values?: Readonly<Record<ModuleFormat, string>> | undefined;
  /** See `PlannedFile.isCurrent`. */
  readonly isCurrent?: ((present: string) => boolean) | undefined;
  /** See `PlannedFile.mayReplace`. */
  readonly mayReplace?: ((present: string) => boolean) | undefined;
  /** The client that goes beside the types, with the name of its file. */
  readonly client?: ClientFile | undefined;
  /** Further files of the `package` layout, by their path in the package; they are published with it. */
  readonly extras?: ReadonlyMap<string, string> | undefined;
  /** The licence of a package that is published. */
  readonly license?: string | undefined;
  /** The backend of the types, to record it beside them. */
  readonly origin?: TypesOrigin | undefined;
}

/** A client to deliver. */
export interface ClientFile {
  readonly file: string;
  readonly text: string;
  /** The same client as JavaScript, which engines load from the `package` layout. */
  readonly module: { readonly file: string; readonly text: string };
  /** See `PlannedFile.isCurrent`. */
  readonly isCurrent?: ((present: string) => boolean) | undefined;
}

/**
 * The files of a layout; the first one holds the types.
 *
 * @throws ToolError where an alias cannot be added
 */
export function planLayout(chosen: ChosenLayout, delivery: Delivery): FilePlan {
  const { root, types } = chosen;
  const at = (path: string) => relative(root, path);
  const files: PlannedFile[] = [
    {
      path: at(types),
      content: delivery.types,
      isCurrent: delivery.isCurrent,
      mayReplace: delivery.mayReplace,
    },
  ];
  const { client } = delivery;
  if (client !== undefined) {
    const path = join(dirname(types), client.file);
    if (path === types) {
      throw outIsClient(client.file);
    }
    files.push({ path: at(path), content: client.text, isCurrent: client.isCurrent });
  }
  if (chosen.layout === "package") {
    if (client !== undefined) {
      const { module, isCurrent } = client;
      files.push({ path: at(join(dirname(types), module.file)), content: module.text, isCurrent });
    }
    const extras = [...delivery.extras ?? []];
    for (const [path, content] of extras) {
      files.push({ path: at(join(chosen.folder, path)), content });
    }
    for (const [path, content] of valueFiles(delivery)) {
      files.push({ path: at(join(dirname(types), path)), content });
    }
    const { declarations, isCurrent } = delivery;
    if (declarations !== undefined) {
      const path = at(join(dirname(types), DECLARATION_FILE));
      files.push({ path, content: declarations, isCurrent });
    }
    files.push({
      path: at(join(dirname(types), COMMONJS_FILE)),
      content: commonJsText(declarations === undefined ? "index.ts" : DECLARATION_FILE),
      // Both files have the same types.
      isCurrent: (present) =>
        ["index.ts", DECLARATION_FILE].some((file) => present === commonJsText(file)),
    });
    const content = manifestText(
      chosen,
      client,
      extras.map(([path]) => path),
      delivery,
    );
    files.push({
      path: at(join(chosen.folder, "package.json")),
      content,
      isCurrent: (present) => isSameManifest(present, content),
    });
    return planFiles(root, files, {
      createRoot: chosen.client === undefined,
      replaceLinks: chosen.replacesLink ? [at(chosen.folder)] : [],
    });
  }
  if (chosen.layout === "alias") {
    for (const { path, content } of planAlias(root, chosen.name, types)) {
      // The user's own file may be a link inside the project: its target is edited, the link stays.
      files.push({ path: relative(fs.realpathSync(root), fs.realpathSync(path)), content });
    }
  }
  // Only backends on this machine write into the same file; an address has its file in its configuration.
  const isRecorded = delivery.origin?.project !== undefined || readOrigin(chosen) !== undefined;
  if (delivery.origin !== undefined && isRecorded) {
    files.push({
      path: at(join(dirname(types), ORIGIN_FILE)),
      content: originFileText(chosen, delivery.origin),
      // Another address of the same backend does not make the types stale.
      isCurrent: () => true,
    });
  }
  return planFiles(root, files, { createRoot: chosen.layout === "file" });
}

/**
 * The `package.json` of the types: what npm needs to publish it, and what every way of resolving modules needs to find the
 * types. `type` is there because the text is an ES module, which strict compilers require to be declared.
 */
function manifestText(
  chosen: PackageLayout,
  client: ClientFile | undefined,
  extras: readonly string[],
  delivery: Delivery,
): string {
  const { origin, declarations, license } = delivery;
  const { name, version } = chosen;
  const types = declarations === undefined ? "./src/index.ts" : `./src/${DECLARATION_FILE}`;
  const [esm = "./src/index.ts", cjs = esm] = valueFiles(delivery).map(([path]) => `./src/${path}`);
  return `${
    JSON.stringify(
      {
        name,
        version,
        description: "TypeScript types of a pyRPC backend, generated by pyrpc",
        ...(license === undefined ? {} : { license }),
        type: "module",
        sideEffects: false,
        types,
        ...(delivery.values === undefined ? {} : { main: cjs }),
        exports: {
          ".": {
            require: { types: `./src/${COMMONJS_FILE}`, default: cjs },
            types,
            default: esm,
          },
          ...(client === undefined ? {} : {
            "./client": { types: `./src/${client.file}`, default: `./src/${client.module.file}` },
          }),
          "./package.json": "./package.json",
        },
        // A published package must not name files of the repository.
        files: [
          "src",
          ...(declarations === undefined ? [] : [`!src/${DECLARATION_FILE}.map`]),
          ...extras,
        ],
        ...(origin === undefined ? {} : { pyrpc: formatOrigin(chosen, origin) }),
      },
      null,
      2,
    )
  }\n`;
}

// Jest and Node before 22 `require` a package also from TypeScript that has `import`.
function valueFiles({ values }: Delivery): [path: string, text: string][] {
  return values === undefined ? [] : [["index.js", values.esm], ["index.cjs", values.cjs]];
}

// A package that was installed from a registry may have more members; those for resolution and publishing are the same.
function isSameManifest(present: string, wanted: string): boolean {
  try {
    // Both files have the same types.
    const [a, b] = [present, wanted].map((text) =>
      JSON.parse(text.replaceAll(`"./src/${DECLARATION_FILE}"`, '"./src/index.ts"'))
    );
    return ["name", "version", "type", "types", "main", "exports"].every((key) =>
      JSON.stringify(a[key]) === JSON.stringify(b[key])
    ) && b.files.every((file: string) => a.files?.includes(file));
  } catch {
    return false;
  }
}

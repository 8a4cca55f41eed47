// Finds the client's own TypeScript.
"use strict";

const fs = require("node:fs");
const { createRequire } = require("node:module");
const path = require("node:path");

/** The oldest version with the functions that are used here. */
const OLDEST = 5;

function findCompiler(root) {
  const require = createRequire(path.join(root, "package.json"));
  const manifest = resolve(require, "typescript/package.json");
  if (manifest === undefined) return { problem: { code: "NO_TYPESCRIPT" } };
  const { version } = JSON.parse(fs.readFileSync(manifest, "utf8"));
  const major = Number(version.split(".")[0]);
  if (!(major >= OLDEST)) return { problem: { code: "OLD_TYPESCRIPT", version } };
  const isNative = major >= 7;
  const main = resolve(require, isNative ? "typescript/unstable/sync" : "typescript");
  if (main === undefined) {
    return { problem: { code: isNative ? "NO_COMPILER_API" : "NO_TYPESCRIPT", version } };
  }
  return {
    version,
    isNative,
    main,
    ast: isNative ? resolve(require, "typescript/unstable/ast") : undefined,
    folder: path.dirname(manifest),
    ...vueOf(require),
  };
}

// The packages of vue-tsc that make a program of single-file components.
function vueOf(require) {
  const manifest = resolve(require, "vue-tsc/package.json");
  if (manifest === undefined) return { isVue: false };
  const own = require.resolve("vue-tsc/package.json");
  const inner = createRequire(own);
  const language = resolve(inner, "@vue/language-core");
  const volar = resolve(inner, "@volar/typescript/lib/node/proxyCreateProgram.js") ??
    resolve(inner, "@volar/typescript/lib/node/proxyCreateProgram");
  return { isVue: language !== undefined && volar !== undefined, language, volar };
}

function resolve(require, name) {
  try {
    return require.resolve(name);
  } catch {
    return undefined;
  }
}

module.exports = { findCompiler };

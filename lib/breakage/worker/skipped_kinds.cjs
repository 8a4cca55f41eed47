// Kinds of code that the client's compiler does not compile.
"use strict";

const fs = require("node:fs");
const { createRequire } = require("node:module");
const path = require("node:path");

const EXTENSIONS = ["vue", "svelte", "astro", "mdx", "gts", "gjs"];
const MAX_DEPTH = 8;

/** Returns the extensions of the client's files that only another compiler reads, and `angular` if it has templates. */
function skippedKinds(root, { isVue }) {
  const wanted = new Set(EXTENSIONS.filter((name) => name !== "vue" || !isVue));
  const found = new Set();
  const visit = (folder, depth) => {
    for (const entry of entriesOf(folder)) {
      if (entry.isDirectory()) {
        if (depth < MAX_DEPTH && !/^(node_modules|dist|\..*)$/.test(entry.name)) {
          visit(path.join(folder, entry.name), depth + 1);
        }
        continue;
      }
      const extension = path.extname(entry.name).slice(1);
      if (wanted.has(extension)) found.add(extension);
    }
  };
  visit(root, 0);
  return [...EXTENSIONS.filter((name) => found.has(name)), ...isAngular(root) ? ["angular"] : []];
}

// The compilers ignore folders that they may not read as well.
function entriesOf(folder) {
  try {
    return fs.readdirSync(folder, { withFileTypes: true });
  } catch {
    return [];
  }
}

function isAngular(root) {
  try {
    createRequire(path.join(root, "package.json")).resolve("@angular/core/package.json");
    return true;
  } catch {
    return false;
  }
}

module.exports = { skippedKinds };

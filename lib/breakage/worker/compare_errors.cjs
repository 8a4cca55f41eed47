// The errors that new types cause.
"use strict";

const { Overlay } = load("overlay");

/**
 * Returns the files whose errors depend on the types: those that import them, directly or through other files. Errors of
 * all other files are the same with any types.
 */
function affectedFiles(program, types) {
  const importers = new Map();
  const names = program.fileNames();
  const isTypes = (name) => types.has(Overlay.keyOf(name));
  const roots = names.filter(isTypes);
  if (roots.length === 0) return [];
  for (const name of names) {
    for (const target of program.imports(name) ?? []) {
      const all = importers.get(target) ?? [];
      importers.set(target, all);
      all.push(name);
    }
  }
  const found = new Set(roots);
  for (const name of found) for (const importer of importers.get(name) ?? []) found.add(importer);
  // Declarations for the whole program reach files that import nothing.
  const isGlobal = [...found].some((name) => !isTypes(name) && program.hasGlobals(name));
  return (isGlobal ? names : [...found]).filter((name) => !isTypes(name));
}

/**
 * Compares the errors of one program. Errors at the same place with the same code existed before. With the old types only
 * the files that have errors with the new ones are checked, because that takes as long as the compilation itself.
 */
function compareErrors(before, after, affected) {
  const syntaxErrors = before.syntaxErrors();
  if (after === undefined) return { ownErrors: syntaxErrors, errors: [] };
  const inFiles = affected.flatMap((name) => after.errors(name));
  const globals = after.globalErrors();
  const found = [...inFiles, ...globals];
  const files = new Set(found.map(({ file }) => file));
  const old = new Set(
    [
      ...affected.filter((name) => files.has(name)).flatMap((name) => before.errors(name)),
      // The native compiler checks the whole program for these.
      ...(globals.length > 0 ? before.globalErrors() : []),
    ].map(keyOf),
  );
  return {
    ownErrors: syntaxErrors + found.filter((error) => old.has(keyOf(error))).length,
    errors: found.filter((error) => !old.has(keyOf(error))),
  };
}

function keyOf({ file, start, code }) {
  return JSON.stringify([file, start, code]);
}

module.exports = { affectedFiles, compareErrors };

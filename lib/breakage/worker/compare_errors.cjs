// The errors that new types cause.
"use strict";

/**
 * Compares the errors of one program. Errors at the same place with the same code existed before. With the old types only
 * the files that have errors with the new ones are checked, because that takes as long as the compilation itself.
 */
function compareErrors(before, after, affected) {
  const syntaxErrors = before.syntaxErrors();
  if (after === undefined || affected.length === 0) return { ownErrors: syntaxErrors, errors: [] };
  const inFiles = after.errorsIn(affected);
  const globals = after.globalErrors();
  const found = [...inFiles, ...globals];
  const old = new Set(
    [
      ...[...new Set(inFiles.map(({ file }) => file))].flatMap((name) => before.errors(name)),
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

module.exports = { compareErrors };

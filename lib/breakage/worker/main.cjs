// Compiles one client with its own TypeScript, and compares its errors with two versions of the generated types.
// One JSON value per line: the request on standard input, then the types; events and the result on standard output.
"use strict";

const { findCompiler } = load("find_compiler");
const { Overlay } = load("overlay");
const { openScriptCompiler } = load("script_compiler");
const { openNativeCompiler } = load("native_compiler");
const { compareErrors } = load("compare_errors");
const { skippedKinds } = load("skipped_kinds");
const { findUses, usesNear } = load("uses");

/** A line at the beginning of every generated file. */
const GENERATED = /^\/\/ Contract: sha256-[0-9a-f]{32}\s*$/m;
const HEADER_LENGTH = 1000;

async function main() {
  const request = await read();
  const found = findCompiler(request.root);
  if (found.problem !== undefined) return write({ kind: "problem", ...found.problem });
  let overlay = new Overlay(request.files);
  const compiler = found.isNative
    ? await openNativeCompiler(found, request.root, overlay)
    : openScriptCompiler(found, request.root);
  const problem = compiler.problem(request.root);
  if (problem !== undefined) return write({ kind: "problem", version: found.version, ...problem });

  let before = compiler.programs(overlay);
  const types = generatedFiles(before, overlay);
  write({ kind: "opened", version: found.version, types });

  const next = await read();
  const isSame = next.before.every(({ path, text }) => overlay.text(path) === text);
  if (!isSame) {
    overlay = new Overlay(next.before);
    before = compiler.programs(overlay);
  }
  const typesSet = new Set(next.types.flatMap(Overlay.keysOf));
  const compared = before.map((program) => ({ program, affected: program.affected(typesSet) }));
  const after = next.isSame ? undefined : compiler.programs(new Overlay(next.after), before);
  const errors = [];
  const uses = [];
  let ownErrors = 0;
  const files = new Set();
  const seen = new Set();
  compared.forEach(({ program, affected }, index) => {
    for (const name of program.ownFileNames()) files.add(name);
    const result = compareErrors(program, after?.[index], affected);
    ownErrors += result.ownErrors;
    for (const error of result.errors) {
      const key = JSON.stringify([error.file, error.start, error.code]);
      if (seen.has(key)) continue;
      seen.add(key);
      errors.push({
        ...error,
        ...program.position(error.file, error.start),
        uses: usesNear(program, error, { ...next, types: typesSet }),
      });
    }
    uses.push(...findUses(program, affected, { ...next, types: typesSet }));
  });
  write({
    kind: "compared",
    errors: errors.map(({ start: _, length: __, ...error }) => error),
    uses,
    ownErrors,
    files: files.size,
    isImported: errors.length > 0 || uses.length > 0 ||
      compared.some(({ program, affected }) => importsAny(program, affected, typesSet)),
    skipped: skippedKinds(request.root, { isVue: found.isVue && !found.isNative }),
  });
}

// Files with generated types that the client compiles.
function generatedFiles(programs, overlay) {
  const found = new Set();
  for (const program of programs) {
    for (const name of program.fileNames()) {
      if (/\/lib\.[^/]*d\.ts$/.test(name) || overlay.has(name)) continue;
      if (GENERATED.test(program.head(name, HEADER_LENGTH))) found.add(name);
    }
  }
  return [...found];
}

function importsAny(program, files, types) {
  return files.some((name) =>
    program.imports(name).some((target) => types.has(Overlay.keyOf(target)))
  );
}

async function read() {
  const { value, done } = await lines.next();
  if (done) process.exit(0);
  return JSON.parse(value);
}

function write(value) {
  process.stdout.write(`${JSON.stringify(value)}\n`);
}

main().then(
  () => process.exit(0),
  (error) => {
    write({ kind: "problem", code: "COMPILER_FAILED", detail: String(error?.stack ?? error) });
    process.exit(0);
  },
);

// TypeScript 5 and 6: programs made with the compiler's own functions.
"use strict";

const fs = require("node:fs");
const path = require("node:path");
const { Overlay } = load("overlay");

function openScriptCompiler(found, root) {
  const ts = require(found.main);
  const config = ["tsconfig.json", "jsconfig.json"].map((name) => path.join(root, name))
    .find((name) => fs.existsSync(name));
  return {
    problem() {
      if (config === undefined) return { code: "NO_TSCONFIG" };
      const read = readConfigs(ts, config, new Overlay([]));
      const broken = read.errors[0];
      if (broken !== undefined) return { code: "BROKEN_TSCONFIG", detail: broken };
      if (read.configs.length === 0) return { code: "EMPTY_TSCONFIG" };
      return undefined;
    },
    programs(overlay, previous) {
      const extensions = found.isVue ? vueExtensions(ts) : [];
      const { configs } = readConfigs(ts, config, overlay, extensions);
      return configs.map((parsed, index) =>
        makeProgram(ts, parsed, overlay, previous?.[index], found)
      );
    },
  };
}

function vueExtensions(ts) {
  return [{ extension: "vue", isMixedContent: true, scriptKind: ts.ScriptKind.Deferred }];
}

// The configuration and all that it refers to; those without files of their own are left out.
function readConfigs(ts, main, overlay, extensions = []) {
  const configs = [];
  const errors = [];
  const seen = new Set();
  const host = {
    ...ts.sys,
    readFile: (name) => overlay.text(name) ?? ts.sys.readFile(name),
    fileExists: (name) => overlay.has(name) || ts.sys.fileExists(name),
    onUnRecoverableConfigFileDiagnostic: (error) => errors.push(textOf(ts, error)),
  };
  const visit = (name) => {
    const file = ts.sys.resolvePath(name);
    if (seen.has(file)) return;
    seen.add(file);
    const isScript = path.basename(file) === "jsconfig.json";
    const options = { noEmit: true, ...(isScript ? { allowJs: true } : {}) };
    const parsed = ts.getParsedCommandLineOfConfigFile(
      file,
      options,
      host,
      undefined,
      undefined,
      extensions,
    );
    if (parsed === undefined) return;
    const references = parsed.projectReferences ?? [];
    // A solution file has no files; an "include" without matches is an error only without references.
    const isEmpty = (error) => error.code === 18002 || error.code === 18003;
    errors.push(
      ...parsed.errors.filter((error) => error.category === 1 && !isEmpty(error)).map((error) =>
        textOf(ts, error)
      ),
    );
    for (const reference of references) visit(ts.resolveProjectReferencePath(reference));
    if (parsed.fileNames.length > 0) configs.push({ file, parsed });
  };
  visit(main);
  return { configs, errors };
}

function textOf(ts, { file, start, messageText }) {
  const message = ts.flattenDiagnosticMessageText(messageText, "\n");
  if (file === undefined || start === undefined) return message;
  const { line } = ts.getLineAndCharacterOfPosition(file, start);
  return `${file.fileName}:${line + 1} ${message}`;
}

function makeProgram(ts, { file, parsed }, overlay, previous, found) {
  const options = {
    ...parsed.options,
    noEmit: true,
    // Components that no file imports are in "include" only.
    ...(found.isVue ? { allowNonTsExtensions: true } : {}),
  };
  const cache = previous?.cache ?? new Map();
  const host = makeHost(ts, options, overlay, cache);
  const create = found.isVue ? vueCreateProgram(ts, found, file) : ts.createProgram;
  const program = create({
    rootNames: parsed.fileNames,
    options,
    projectReferences: parsed.projectReferences,
    host,
    configFileParsingDiagnostics: parsed.errors,
  });
  return programOf(ts, program, { config: file, cache, options });
}

function vueCreateProgram(ts, { language, volar }, config) {
  const core = require(language);
  const { proxyCreateProgram } = require(volar);
  return proxyCreateProgram(ts, ts.createProgram, (ts, { options, host }) => {
    const folder = path.dirname(config).replaceAll("\\", "/");
    const vueOptions = core.createParsedCommandLine(ts, ts.sys, config).vueOptions;
    const plugin = core.createVueLanguagePlugin(ts, options, vueOptions, (id) => id);
    return { languagePlugins: [plugin], setup() {}, folder, host };
  });
}

// A source file is parsed and bound once for both programs; the types differ between them.
function makeHost(ts, options, overlay, cache) {
  const host = ts.createCompilerHost(options);
  const { getSourceFile } = host;
  if (ts.JSDocParsingMode !== undefined) {
    host.jsDocParsingMode = ts.JSDocParsingMode.ParseForTypeErrors;
  }
  host.writeFile = () => {};
  host.fileExists = (name) => overlay.has(name) || ts.sys.fileExists(name);
  host.readFile = (name) => overlay.text(name) ?? ts.sys.readFile(name);
  host.directoryExists = (name) => overlay.hasFolder(name) || ts.sys.directoryExists(name);
  // References are compiled from their sources: their output may be missing or of other types.
  host.useSourceOfProjectReferenceRedirect = () => true;
  host.getSourceFile = (name, version, onError, shouldCreate) => {
    const text = overlay.text(name);
    if (text !== undefined) return ts.createSourceFile(name, text, version);
    const key = JSON.stringify([name, version.impliedNodeFormat ?? ""]);
    if (!cache.has(key)) {
      cache.set(key, getSourceFile.call(host, name, version, onError, shouldCreate));
    }
    return cache.get(key);
  };
  return host;
}

function programOf(ts, program, { config, cache, options }) {
  let checker;
  const checkerOf = () => checker ??= program.getTypeChecker();
  const file = (name) => program.getSourceFile(name);
  const declares = ts.getEmitDeclarations?.(options) ??
    Boolean(options.declaration || options.composite);
  const error = (diagnostic) => ({
    file: diagnostic.file?.fileName ?? "",
    start: diagnostic.start ?? 0,
    length: diagnostic.length ?? 0,
    code: diagnostic.code,
    message: ts.flattenDiagnosticMessageText(diagnostic.messageText, "\n"),
  });
  const errorsOf = (diagnostics) => diagnostics.filter(({ category }) => category === 1).map(error);
  const errors = (name) => {
    const source = file(name);
    if (source === undefined) return [];
    return errorsOf([
      ...program.getSemanticDiagnostics(source),
      ...(declares && !source.isDeclarationFile ? program.getDeclarationDiagnostics(source) : []),
    ]);
  };
  const result = {
    config,
    cache,
    K: ts.SyntaxKind,
    affected: (types) => affectedFiles(result, types),
    fileNames: () => program.getSourceFiles().map(({ fileName }) => fileName),
    ownFileNames: () =>
      program.getSourceFiles().filter((each) =>
        !program.isSourceFileDefaultLibrary(each) &&
        !program.isSourceFileFromExternalLibrary(each) &&
        !each.isDeclarationFile
      ).map(({ fileName }) => fileName),
    head: (name, length) => file(name).text.slice(0, length),
    text: (name) => file(name).text,
    sourceFile: file,
    hasGlobals: (name) => {
      const source = file(name);
      return !ts.isExternalModule(source) || (source.moduleAugmentations?.length ?? 0) > 0;
    },
    imports(name) {
      const source = file(name);
      return (source.imports ?? []).flatMap((literal) => {
        const symbol = checkerOf().getSymbolAtLocation(literal);
        const target = symbol?.declarations?.find(ts.isSourceFile);
        return target === undefined ? [] : [target.fileName];
      });
    },
    errors,
    errorsIn: (names) => names.flatMap(errors),
    globalErrors: () => errorsOf(program.getGlobalDiagnostics()),
    syntaxErrors: () => errorsOf(program.getSyntacticDiagnostics()).length,
    position(name, start) {
      const source = file(name);
      if (source === undefined) return { line: 1, column: 1 };
      const { line, character } = source.getLineAndCharacterOfPosition(start);
      return { line: line + 1, column: character + 1 };
    },
    startOf: (node, source) => node.getStart(source),
    each: (node, visit) => ts.forEachChild(node, visit),
    fileNameOf: (node) => node.getSourceFile().fileName,
    prefetchSymbols() {},
    symbolAt: (node) => checkerOf().getSymbolAtLocation(node),
    declarations(symbol) {
      const isAlias = (symbol.flags & ts.SymbolFlags.Alias) !== 0;
      return (isAlias ? checkerOf().getAliasedSymbol(symbol) : symbol).declarations ?? [];
    },
    typeAt: (node) => checkerOf().getTypeAtLocation(node),
    typesAt: (nodes) => nodes.map((node) => checkerOf().getTypeAtLocation(node)),
    contextualType: (node) => checkerOf().getContextualType(node),
    propertyOf: (type, name) =>
      checkerOf().getPropertyOfType(checkerOf().getNonNullableType(type), name),
    aliasDeclarations: (type) => type.aliasSymbol?.declarations ?? [],
    partsOf(type) {
      if (type.isUnionOrIntersection()) return type.types;
      if (type.flags & ts.TypeFlags.Object && type.target !== undefined) {
        return checkerOf().getTypeArguments(type);
      }
      return [];
    },
  };
  return result;
}

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

module.exports = { openScriptCompiler };

// TypeScript 7: the compiler is a native program; its package has functions that start it and ask it.
"use strict";

const fs = require("node:fs");
const path = require("node:path");
const { pathToFileURL } = require("node:url");
const { Overlay } = load("overlay");

/** @param {Overlay} first The overlay of the first programs. Later ones have no further files that are not on disk. */
async function openNativeCompiler(found, root, first) {
  const { API } = await import(pathToFileURL(found.main).href);
  const ast = await import(pathToFileURL(found.ast).href);
  const config = ["tsconfig.json", "jsconfig.json"].map((name) => path.join(root, name))
    .find((name) => fs.existsSync(name));
  let configs;
  let current = first;
  // One process: it parses each file once, and again only those that an overlay changes. Programs stay as they are.
  const api = new API({ cwd: root, fs: callbacks(() => current) });
  const openProjects = (changed = []) => {
    const snapshot = api.updateSnapshot({ openProjects: configs, fileChanges: { changed } });
    return configs.map((name) => {
      const project = snapshot.getProject(name);
      if (project === undefined) throw new Error(`TypeScript cannot open ${name}`);
      return project;
    });
  };
  return {
    problem() {
      if (config === undefined) return { code: "NO_TSCONFIG" };
      try {
        configs = readConfigs(api, config);
      } catch (error) {
        return { code: "BROKEN_TSCONFIG", detail: String(error.message ?? error) };
      }
      if (configs.length === 0) return { code: "EMPTY_TSCONFIG" };
      const [broken] = openProjects().flatMap(configErrors);
      return broken === undefined ? undefined : { code: "BROKEN_TSCONFIG", detail: broken };
    },
    programs(overlay) {
      const changed = Overlay.differences(current, overlay);
      current = overlay;
      return openProjects(changed).map((project) => programOf(project, ast, overlay));
    },
  };
}

function configErrors({ program }) {
  return program.getConfigFileParsingDiagnostics().filter(({ category }) => category === 1)
    .map(({ fileName, text }) => fileName ? `${fileName} ${text}` : text);
}

// Each callback is a message between processes: only those that the overlay needs.
function callbacks(current) {
  const readFile = (name) => current().text(name);
  if (current().isOnDisk()) return { readFile };
  return {
    readFile,
    fileExists: (name) => current().has(name) || undefined,
    directoryExists: (name) => current().hasFolder(name) || undefined,
    getAccessibleEntries(name) {
      const overlay = current();
      if (!overlay.hasFolder(name)) return undefined;
      const added = overlay.entries(name);
      const present = fs.existsSync(name) ? fs.readdirSync(name, { withFileTypes: true }) : [];
      const isFolder = (entry) =>
        entry.isDirectory() ||
        (entry.isSymbolicLink() &&
          (fs.statSync(path.join(name, entry.name), { throwIfNoEntry: false })?.isDirectory() ??
            false));
      const files = present.filter((entry) => !isFolder(entry)).map((entry) => entry.name);
      const directories = present.filter(isFolder).map((entry) => entry.name);
      return {
        files: [...new Set([...files, ...added.files])],
        directories: [...new Set([...directories, ...added.directories])],
      };
    },
  };
}

// The configuration and all that it refers to; those without files of their own are left out.
function readConfigs(api, main) {
  const found = [];
  const seen = new Set();
  const visit = (file) => {
    if (seen.has(file)) return;
    seen.add(file);
    if (!fs.existsSync(file)) throw new Error(`Cannot read file '${file}'.`);
    const { fileNames, options } = api.parseConfigFile(file);
    for (const reference of referencesOf(file)) visit(reference);
    if ((fileNames ?? []).length > 0) found.push(file);
    return options;
  };
  visit(main);
  return found;
}

function referencesOf(file) {
  const text = fs.readFileSync(file, "utf8").replace(/^\ufeff/, "");
  const references = parseJsonWithComments(text)?.references;
  if (!Array.isArray(references)) return [];
  return references.map((reference) => reference?.path).filter((to) => typeof to === "string")
    .map((to) => path.resolve(path.dirname(file), to))
    .map((to) => to.endsWith(".json") ? to : path.join(to, "tsconfig.json"));
}

// Removes comments and commas before a closing bracket, outside texts.
function parseJsonWithComments(text) {
  const plain = text.replace(
    /("(?:[^"\\]|\\.)*")|\/\/[^\n]*|\/\*[^]*?\*\//g,
    (_, quoted) => quoted ?? " ",
  ).replace(/("(?:[^"\\]|\\.)*")|,(?=\s*[}\]])/g, (_, quoted) => quoted ?? "");
  return plain.trim() === "" ? {} : JSON.parse(plain);
}

function programOf(project, ast, overlay) {
  const { program, checker } = project;
  const names = program.getSourceFileNames();
  const sources = new Map();
  const file = (name) => {
    if (!sources.has(name)) sources.set(name, program.getSourceFile(name));
    return sources.get(name);
  };
  const texts = new Map();
  const text = (name) => {
    if (!texts.has(name)) texts.set(name, overlay.text(name) ?? readText(name));
    return texts.get(name);
  };
  const messageOf = ({ text, messageChain = [] }, depth = 0) =>
    ["  ".repeat(depth) + text, ...messageChain.map((each) => messageOf(each, depth + 1))].join(
      "\n",
    );
  const errorsOf = (diagnostics) =>
    diagnostics.filter(({ category }) => category === 1).map((each) => ({
      file: each.fileName ?? "",
      start: each.pos,
      length: each.end - each.pos,
      code: each.code,
      message: messageOf(each),
    }));
  const declares = project.compilerOptions.declaration || project.compilerOptions.composite;
  // Syntax trees of packages and of the library are large, and only their names are needed.
  const resolved = (handles = []) =>
    handles.map((handle) =>
      isForeign(handle.path) && !overlay.has(handle.path)
        ? { fileName: handle.path }
        : handle.resolve(project)
    ).filter((node) => node !== undefined);
  const fileNameOf = (node) => {
    let each = node;
    while (each.parent !== undefined) each = each.parent;
    return each.fileName;
  };
  const errors = (name) =>
    errorsOf([
      ...program.getSemanticDiagnostics(name),
      ...(declares ? program.getDeclarationDiagnostics(name) : []),
    ]);
  const symbols = new Map();
  const aliased = cached(new Map(), (symbol) => checker.getAliasedSymbol(symbol));
  const nonNullable = cached(new Map(), (type) => checker.getNonNullableType(type));
  const partsOf = cached(new Map(), (type) => {
    if (type.isUnionType() || type.isIntersectionType()) return type.getTypes();
    return type.isTypeReference?.() ? checker.getTypeArguments(type) : [];
  });
  return {
    config: project.configFileName,
    K: ast.SyntaxKind,
    fileNames: () => names,
    ownFileNames: () =>
      names.filter((name) => !isLibrary(name) && !/\/node_modules\/|\.d\.[cm]?ts$/.test(name)),
    head: (name, length) => isLibrary(name) ? "" : text(name).slice(0, length),
    text,
    sourceFile: file,
    // All files: to check one takes less time than to ask for the files that it imports.
    affected: (types) =>
      names.some((name) => types.has(Overlay.keyOf(name)))
        ? names.filter((name) => !types.has(Overlay.keyOf(name)))
        : [],
    imports(name) {
      if (isForeign(name)) return [];
      // One message for all imports of a file.
      const symbols = checker.getSymbolAtLocation([...file(name)?.imports ?? []]);
      const isFile = ({ kind }) => kind === ast.SyntaxKind.SourceFile;
      return symbols.flatMap((symbol) => resolved(symbol?.declarations?.filter(isFile)))
        .map(({ fileName }) => fileName);
    },
    errors,
    // One request for the whole program.
    errorsIn(files) {
      const wanted = new Set(files);
      return errors().filter((error) => wanted.has(error.file));
    },
    globalErrors: () => errorsOf(program.getGlobalDiagnostics()),
    syntaxErrors: () => errorsOf(program.getSyntacticDiagnostics()).length,
    position(name, start) {
      const before = text(name).slice(0, start);
      const line = before.split(/\r\n|[\n\r\u2028\u2029]/);
      return { line: line.length, column: (line.at(-1) ?? "").length + 1 };
    },
    startOf: (node, source) => ast.getTokenPosOfNode(node, source),
    each: (node, visit) => node.forEachChild((child) => void visit(child)),
    fileNameOf,
    // One message for all.
    prefetchSymbols(nodes) {
      const missing = nodes.filter((node) => !symbols.has(node));
      const found = missing.length === 0 ? [] : checker.getSymbolAtLocation(missing);
      missing.forEach((node, index) => symbols.set(node, found[index]));
    },
    symbolAt: cached(symbols, (node) => checker.getSymbolAtLocation(node)),
    declarations(symbol) {
      const isAlias = (symbol.flags & 2097152) !== 0;
      return resolved((isAlias ? aliased(symbol) : symbol).declarations);
    },
    typeAt: (node) => checker.getTypeAtLocation(node),
    typesAt: (nodes) => nodes.length === 0 ? [] : checker.getTypeAtLocation(nodes),
    contextualType: (node) => checker.getContextualType(node),
    propertyOf: (type, name) => checker.getPropertyOfType(nonNullable(type) ?? type, name),
    aliasDeclarations: (type) => resolved(type.getAliasSymbol()?.declarations),
    partsOf,
  };
}

function isLibrary(name) {
  return name.startsWith("bundled:") || /\/lib\.[^/]*\.d\.ts$/.test(name);
}

function isForeign(name) {
  return isLibrary(name) || /\/node_modules\//.test(name);
}

function cached(values, read) {
  return (key) => {
    if (!values.has(key)) values.set(key, read(key));
    return values.get(key);
  };
}

function readText(name) {
  try {
    return fs.readFileSync(name, "utf8");
  } catch {
    return "";
  }
}

module.exports = { openNativeCompiler };

// Which declarations of the types a piece of code depends on, as paths: ["Product", "in_stock"], ["Types", "add"].
"use strict";

const fs = require("node:fs");
const { Overlay } = load("overlay");

/** Levels of enclosing code that are searched around an error. */
const MAX_LEVELS = 12;
/** Steps from a variable to the expression that it was assigned. */
const MAX_DEPTH = 4;
const MAX_NODES = 400;
const MAX_USES = 40;

/**
 * Returns the declarations of the types that the code at an error uses, the nearest first: those in the error's own
 * text, then those of the enclosing expressions, up to the statement or to a declaration that decides the cause.
 */
function usesNear(program, { file, start, length }, context) {
  const source = program.sourceFile(file);
  if (source === undefined) return [];
  const search = newSearch(program, context);
  if (isComponent(file)) {
    for (const word of wordsAround(readComponent(file), start, length)) {
      for (const node of search.namesOf(source, word)) search.collect(node, 0);
    }
    return search.found.slice(0, MAX_USES);
  }
  let node = nodeAt(program, source, start, start + length);
  for (let level = 0; node !== undefined && level < MAX_LEVELS; level++) {
    search.collect(node, 0);
    if (search.isDecided()) break;
    if (isBoundary(program, node)) break;
    node = node.parent;
  }
  return search.found.slice(0, MAX_USES);
}

/** Returns the places in the client's code that name a wanted declaration, or a part of it. */
function findUses(program, affected, context) {
  const { wanted } = context;
  if (wanted.length === 0) return [];
  const names = new Set(wanted.flatMap((each) => [each.at(-1), each.at(-1).split(".").at(-1)]));
  const found = [];
  for (const file of affected) {
    if (/\/node_modules\//.test(file)) continue;
    const text = program.text(file);
    if (![...names].some((name) => text.includes(name))) continue;
    const source = program.sourceFile(file);
    const search = newSearch(program, context);
    const nodes = [];
    walk(program, source, (node) => {
      if (isName(program, node) && names.has(node.text)) nodes.push(node);
    });
    program.prefetchSymbols(nodes);
    for (const node of nodes) {
      const paths = search.direct(node);
      // Several changes can have the same declaration.
      const indexes = [...wanted.keys()].filter((index) =>
        paths.some((path) => isPrefix(wanted[index], path))
      );
      if (indexes.length === 0) continue;
      const at = isComponent(file)
        ? firstLineWith(readComponent(file), node.text)
        : program.position(file, program.startOf(node, source));
      found.push(...indexes.map((index) => ({ index, file, ...at })));
    }
  }
  return found;
}

function newSearch(program, { types, procedures, decisive }) {
  const { K } = program;
  const seen = new Set();
  const keys = new Set();
  const found = [];
  let isDecided = false;
  const add = (path) => {
    const key = JSON.stringify(path);
    if (keys.has(key)) return;
    keys.add(key);
    found.push(path);
    isDecided ||= decisive.some((each) => isPrefix(each, path));
  };

  // The path of a declaration in the types; undefined elsewhere.
  function pathOf(declaration) {
    if (!types.has(Overlay.keyOf(program.fileNameOf(declaration)))) return undefined;
    const path = [];
    for (let node = declaration; node !== undefined; node = node.parent) {
      if (
        node.kind === K.PropertySignature || node.kind === K.NamedTupleMember ||
        node.kind === K.TypeAliasDeclaration
      ) path.unshift(node.name.text);
      if (node.kind === K.TypeAliasDeclaration) return path;
    }
    return undefined;
  }

  function declarationsAt(node) {
    const symbol = program.symbolAt(node);
    return symbol === undefined ? [] : program.declarations(symbol);
  }

  function propertyPaths(type, name) {
    if (type === undefined) return [];
    const symbol = program.propertyOf(type, name);
    return symbol === undefined ? [] : program.declarations(symbol).flatMap(given);
  }

  const given = (declaration) => {
    const path = pathOf(declaration);
    return path === undefined ? [] : [path];
  };

  // The declarations in the types that a name refers to.
  function direct(node) {
    const { parent } = node;
    const declarations = declarationsAt(node);
    const paths = declarations.flatMap(given);
    if (parent?.name === node || parent?.propertyName === node) {
      if (parent.kind === K.PropertyAssignment || parent.kind === K.ShorthandPropertyAssignment) {
        paths.push(...propertyPaths(program.contextualType(parent.parent), node.text));
      }
      if (parent.kind === K.BindingElement && (parent.propertyName ?? parent.name) === node) {
        paths.push(...propertyPaths(program.typeAt(parent.parent), node.text));
      }
    }
    if (paths.length > 0 || declarations.length > 0) return paths;
    if (isTypeArgument(node)) return procedures.includes(node.text) ? [["Types", node.text]] : [];
    // The members of nested clients (`rpc.admin.version`) have no declarations.
    return nestedProcedures(node);
  }

  // A name in a type of the client's own: `Result<"add">`, `Pick<Types, "add" | "greet">`.
  function isTypeArgument(node) {
    if (node.kind !== K.StringLiteral || node.parent?.kind !== K.LiteralType) return false;
    let { parent } = node.parent;
    while (parent?.kind === K.UnionType) parent = parent.parent;
    return parent?.typeArguments !== undefined;
  }

  function nestedProcedures(node) {
    const names = [];
    let access = node.parent;
    if (access?.kind !== K.PropertyAccessExpression || access.name !== node) return [];
    for (; access?.kind === K.PropertyAccessExpression; access = access.expression) {
      names.unshift(access.name.text);
    }
    const dotted = names.map((_, at) => names.slice(at).join("."));
    const name = dotted.find((each) => each.includes(".") && procedures.includes(each));
    return name === undefined ? [] : [["Types", name]];
  }

  // Models in a type: itself, members of a union, arguments of a generic type.
  function modelsOf(type, depth = 0) {
    if (type === undefined || depth > 3) return;
    for (const declaration of program.aliasDeclarations(type)) given(declaration).forEach(add);
    for (const part of program.partsOf(type)) modelsOf(part, depth + 1);
  }

  function collect(root, depth) {
    const names = [];
    walk(program, root, (node) => {
      if (isName(program, node) && !seen.has(node) && seen.size < MAX_NODES) {
        seen.add(node);
        names.push(node);
      }
    });
    program.prefetchSymbols(names);
    const followed = [];
    for (const node of names) {
      direct(node).forEach(add);
      for (const declaration of declarationsAt(node)) {
        if (given(declaration).length === 0) followed.push(declaration);
      }
    }
    if (isDecided) return;
    const identifiers = names.filter(({ kind }) => kind === K.Identifier);
    for (const type of program.typesAt(identifiers)) modelsOf(type);
    if (depth < MAX_DEPTH) { for (const declaration of followed) follow(declaration, depth + 1); }
    // The value as a whole: `rpc.get()` has no name of its own.
    if (depth === 0 && isExpression(program, root)) modelsOf(program.typeAt(root));
  }

  // From a variable of the client to what it was assigned, from a member of its own types to their text.
  function follow(declaration, depth) {
    if (/\/node_modules\/|\/lib\.[^/]*\.d\.ts$/.test(program.fileNameOf(declaration))) return;
    let node = declaration;
    if (node.kind === K.BindingElement) {
      const { text } = node.propertyName ?? node.name;
      if (text !== undefined) propertyPaths(program.typeAt(node.parent), text).forEach(add);
    }
    while (
      node.kind === K.BindingElement || node.kind === K.ObjectBindingPattern ||
      node.kind === K.ArrayBindingPattern
    ) {
      node = node.parent;
    }
    for (const part of [node.type, node.initializer]) if (part !== undefined) collect(part, depth);
  }

  function namesOf(source, word) {
    const nodes = [];
    walk(program, source, (node) => {
      if (isName(program, node) && node.text === word) nodes.push(node);
    });
    return nodes;
  }

  return { found, collect, direct, namesOf, isDecided: () => isDecided };
}

// The compiler checks code that vue-tsc generates from a component: its nodes have other positions than the component.
function isComponent(file) {
  return file.endsWith(".vue");
}

function readComponent(file) {
  return fs.readFileSync(file, "utf8");
}

// The names in a range, the last one first: `product.price` reads `price`. Then those in the rest of its line.
function wordsAround(text, start, length) {
  const wordsOf = (part) => part.match(/[\p{ID_Continue}$]+/gu) ?? [];
  const line = text.slice(text.lastIndexOf("\n", start - 1) + 1).split("\n", 1)[0];
  return [...new Set([...wordsOf(text.slice(start, start + length)).reverse(), ...wordsOf(line)])];
}

function firstLineWith(text, word) {
  const before = text.slice(0, Math.max(0, text.indexOf(word))).split("\n");
  return { line: before.length, column: before.at(-1).length + 1 };
}

function isPrefix(wanted, path) {
  return wanted.every((name, at) => path[at] === name);
}

function isName({ K }, { kind }) {
  return kind === K.Identifier || kind === K.StringLiteral;
}

// A statement, a declaration in a class or a function: code around it does not take part in the error.
function isBoundary({ K }, { kind }) {
  return kind === K.Block || kind === K.SourceFile || kind === K.ExpressionStatement ||
    kind === K.VariableStatement || kind === K.ReturnStatement || kind === K.IfStatement ||
    kind === K.SwitchStatement || kind === K.ForOfStatement || kind === K.FunctionDeclaration ||
    kind === K.MethodDeclaration || kind === K.ImportDeclaration || kind === K.ExportDeclaration ||
    kind === K.InterfaceDeclaration || kind === K.TypeAliasDeclaration;
}

function isExpression({ K }, { kind }) {
  return kind === K.CallExpression || kind === K.AwaitExpression ||
    kind === K.PropertyAccessExpression || kind === K.ElementAccessExpression ||
    kind === K.ObjectLiteralExpression || kind === K.Identifier;
}

// The smallest node around a range.
function nodeAt(program, source, start, end) {
  let node = source;
  for (;;) {
    let inner;
    program.each(node, (child) => {
      if (inner === undefined && program.startOf(child, source) <= start && child.end >= end) {
        inner = child;
      }
    });
    if (inner === undefined) return node;
    node = inner;
  }
}

function walk(program, node, visit) {
  visit(node);
  program.each(node, (child) => walk(program, child, visit));
}

module.exports = { findUses, usesNear };

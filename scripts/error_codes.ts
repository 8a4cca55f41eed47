/**
 * Lists the codes of every `ToolError` that the sources create, for the documentation and its test.
 *
 * @module
 */

import { readFile } from "node:fs/promises";
import { join } from "node:path";
import ts from "typescript";
import { filesBelow, ROOT } from "./project.ts";

/** One place that creates an error. */
export interface ErrorCode {
  readonly code: string;
  readonly file: string;
  /** The messages it can have, with `…` for inserted values; empty if they are computed elsewhere. */
  readonly messages: readonly string[];
}

const CODE = /^[A-Z]+(_[A-Z0-9]+)*$/;

/** Table of the failures of a Python import. The code of each is `BACKEND_` and its key in capitals. */
const BACKEND_TABLE = "FAILURES";

/** Returns the codes of `commands` and `lib`, in order of files. */
export async function errorCodes(): Promise<ErrorCode[]> {
  const files = (await Promise.all(["commands", "lib"].map((folder) => filesBelow(folder, ".ts"))))
    .flat();
  const found: ErrorCode[] = [];
  for (const file of files) {
    found.push(...errorCodesIn(file, await readFile(join(ROOT, file), "utf8")));
  }
  return found;
}

/** Returns the codes of one file: texts in capitals that are the value or default of a `code`. */
export function errorCodesIn(file: string, text: string): ErrorCode[] {
  const source = ts.createSourceFile(file, text, ts.ScriptTarget.Latest, true);
  const found: ErrorCode[] = [];
  const add = (value: ts.Node | undefined, owner: ts.Node) => {
    if (value === undefined) return;
    if (ts.isConditionalExpression(value)) {
      add(value.whenTrue, owner);
      add(value.whenFalse, owner);
    } else if (ts.isBinaryExpression(value)) {
      add(value.left, owner);
      add(value.right, owner);
    } else if (ts.isStringLiteral(value) && CODE.test(value.text)) {
      found.push({ code: value.text, file, messages: messagesBeside(owner) });
    }
  };
  const visit = (node: ts.Node) => {
    if (ts.isPropertyAssignment(node) && node.name.getText() === "code") {
      add(node.initializer, node.parent);
    }
    if (ts.isBindingElement(node) && (node.propertyName ?? node.name).getText() === "code") {
      add(node.initializer, node.parent);
    }
    if (ts.isArrayLiteralExpression(node) && node.elements.length > 1) {
      add(codeOfTuple(node), node);
    }
    if (ts.isVariableDeclaration(node) && node.name.getText() === BACKEND_TABLE) {
      for (const key of keysOf(node.initializer)) {
        found.push({ code: `BACKEND_${key.toUpperCase()}`, file, messages: [] });
      }
    }
    ts.forEachChild(node, visit);
  };
  // Other codes, such as those of diff rules and of Node, are in files that create no `ToolError`.
  if (/\b(new ToolError|serverError|usageError|notJson)\(/.test(text)) visit(source);
  return found;
}

// `describeFailure` returns tuples of code, message and fix.
function codeOfTuple({ elements, parent }: ts.ArrayLiteralExpression): ts.Node | undefined {
  return ts.isReturnStatement(parent) ? elements[0] : undefined;
}

function keysOf(node: ts.Node | undefined): string[] {
  if (node === undefined || !ts.isObjectLiteralExpression(node)) return [];
  return node.properties.flatMap(({ name }) => name === undefined ? [] : [name.getText()]);
}

function messagesBeside(object: ts.Node): string[] {
  if (!ts.isObjectLiteralExpression(object)) return [];
  return object.properties.flatMap((property) =>
    ts.isPropertyAssignment(property) && property.name.getText() === "message"
      ? textsOf(property.initializer)
      : []
  );
}

function textsOf(node: ts.Expression): string[] {
  if (ts.isStringLiteralLike(node)) return [node.text];
  if (ts.isConditionalExpression(node)) {
    return [...textsOf(node.whenTrue), ...textsOf(node.whenFalse)];
  }
  if (ts.isTemplateExpression(node)) {
    return [[node.head.text, ...node.templateSpans.map(({ literal }) => literal.text)].join("…")];
  }
  return [];
}

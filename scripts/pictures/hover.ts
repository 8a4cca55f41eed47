/** Editor view of a file: hovers and errors, from TypeScript's own language service. */

import { readFile } from "node:fs/promises";
import ts from "typescript";

/** The answers of the language service for one file. */
export interface EditorView {
  /** The declaration and documentation of the symbol that `mark` begins with. */
  hover(mark: string): readonly string[];
  /** Errors: position from 0, length and message. */
  readonly errors: readonly {
    readonly line: number;
    readonly column: number;
    readonly length: number;
    readonly message: string;
  }[];
}

/** Opens a file with the compiler options of its project. */
export async function openInEditor(
  file: string,
  folder: string,
  options: ts.CompilerOptions,
): Promise<EditorView> {
  const text = await readFile(file, "utf8");
  const service = ts.createLanguageService({
    getCompilationSettings: () => options,
    getScriptFileNames: () => [file],
    getScriptVersion: () => "1",
    getScriptSnapshot: (name) => {
      const content = ts.sys.readFile(name);
      return content === undefined ? undefined : ts.ScriptSnapshot.fromString(content);
    },
    getCurrentDirectory: () => folder,
    getDefaultLibFileName: (each) => ts.getDefaultLibFilePath(each),
    fileExists: ts.sys.fileExists,
    readFile: ts.sys.readFile,
    directoryExists: ts.sys.directoryExists,
    getDirectories: ts.sys.getDirectories,
  });
  const errors = service.getSemanticDiagnostics(file).map(
    ({ start = 0, length = 0, messageText }) => {
      const before = text.slice(0, start).split("\n");
      return {
        line: before.length - 1,
        column: before.at(-1)?.length ?? 0,
        length,
        message: ts.flattenDiagnosticMessageText(messageText, "\n"),
      };
    },
  );
  return {
    errors,
    hover(mark) {
      const info = service.getQuickInfoAtPosition(file, text.indexOf(mark));
      if (info === undefined) throw new Error(`No hover for "${mark}"`);
      const declaration = ts.displayPartsToString(info.displayParts);
      const documentation = ts.displayPartsToString(info.documentation);
      return [...declaration.split("\n"), ...documentation === "" ? [] : documentation.split("\n")];
    },
  };
}

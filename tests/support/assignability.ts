import { createRequire } from "node:module";
import { join } from "node:path";
import { tscFolder } from "./typescript.ts";

/** Answers questions about types of one TypeScript program. */
export interface Assignability {
  /** Returns true if a value of the first type is assignable to the second; both are names of declared types. */
  isAssignable(from: string, to: string): boolean;
}

/**
 * Compiles a module and returns the compiler's verdict on its exported types.
 *
 * @throws Error if the module does not compile
 */
export function compileTypes(text: string): Assignability {
  // Version 7 has no programming interface.
  const path = join(tscFolder("5.9"), "lib", "typescript.js");
  const ts = createRequire(import.meta.url)(path) as typeof import("typescript");
  const options = {
    noEmit: true,
    strict: true,
    target: ts.ScriptTarget.ES2022,
    lib: ["lib.es2022.d.ts"],
    types: [],
  };
  const host = ts.createCompilerHost(options);
  const read = host.getSourceFile.bind(host);
  const source = ts.createSourceFile("types.ts", text, ts.ScriptTarget.ES2022, true);
  host.getSourceFile = (name, ...rest) => name === "types.ts" ? source : read(name, ...rest);
  const program = ts.createProgram(["types.ts"], options, host);
  const [error] = program.getSemanticDiagnostics(source);
  if (error !== undefined) {
    throw new Error(ts.flattenDiagnosticMessageText(error.messageText, "\n"));
  }
  const checker = program.getTypeChecker();
  const types = new Map<string, import("typescript").Type>();
  for (const statement of source.statements) {
    if (ts.isTypeAliasDeclaration(statement)) {
      types.set(statement.name.text, checker.getTypeAtLocation(statement.name));
    }
  }
  const typeOf = (name: string) => {
    const type = types.get(name);
    if (type === undefined) throw new Error(`No type ${name}`);
    return type;
  };
  return { isAssignable: (from, to) => checker.isTypeAssignableTo(typeOf(from), typeOf(to)) };
}

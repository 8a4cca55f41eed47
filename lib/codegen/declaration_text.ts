const VALUE = "\nexport const procedureKinds: ProcedureKinds = ";

/** The text of generated types as a declaration file (`.d.ts`), which may hold no values: they are declared only. */
export function declarationText(text: string): string {
  // The last one: names in comments and properties before and after it never begin a line so.
  const at = text.lastIndexOf(VALUE);
  return at === -1
    ? text
    : `${text.slice(0, at)}\nexport declare const procedureKinds: ProcedureKinds;\n`;
}

const VALUE = "\nexport const procedureKinds: ProcedureKinds = ";

/** Converts generated types to a declaration file (`.d.ts`), which declares values without defining them. */
export function declarationText(text: string): string {
  // Uses the last match; no line of a comment or property begins like this.
  const at = text.lastIndexOf(VALUE);
  return at === -1
    ? text
    : `${text.slice(0, at)}\nexport declare const procedureKinds: ProcedureKinds;\n`;
}

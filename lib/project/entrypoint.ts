const ENTRY =
  /^[\p{L}_][\p{L}\p{N}_]*(\.[\p{L}_][\p{L}\p{N}_]*)*(:[\p{L}_][\p{L}\p{N}_.]*(\(\))?)?$/u;

/** True for a text of the form `module` or `module:app`. */
export function isEntrypoint(text: string): boolean {
  return ENTRY.test(text);
}

/** Converts a path such as `app/main.py` or `app/__init__.py` to the name of its module. */
export function entryOfPath(path: string): string {
  return path.replace(/^\.[/\\]/, "").replace(/\.py$/, "").replace(/[/\\]__init__$/, "")
    .replace(/[/\\]+$/, "").replace(/[/\\]+/g, ".");
}

/** A fix for a path that was given instead of a module; undefined for other texts. */
export function moduleHint(text: string): string | undefined {
  return /\.py$|[/\\]/.test(text)
    ? `Write the module, not its file: ${entryOfPath(text)}`
    : undefined;
}

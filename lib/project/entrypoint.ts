const ENTRY =
  /^[\p{L}_][\p{L}\p{N}_]*(\.[\p{L}_][\p{L}\p{N}_]*)*(:[\p{L}_][\p{L}\p{N}_.]*(\(.*\))?)?$/u;

/** True for a text of the form `module`, `module:app` or, as in Flask, `module:create_app("test")`. */
export function isEntrypoint(text: string): boolean {
  return ENTRY.test(text);
}

/** True for the path of a Python file; Django's configurations name manage.py. */
export function isPythonFile(text: string): boolean {
  return /[^/\\]\.py$/.test(text) && !text.includes("\0");
}

/** Splits `app.main:api` into the module and the expression of the application. */
export function splitEntrypoint(entry: string): { module: string; application?: string } {
  const colon = entry.indexOf(":");
  if (colon < 0) return { module: entry };
  return { module: entry.slice(0, colon), application: entry.slice(colon + 1) };
}

/** Converts a path such as `app/main.py` or `app/__init__.py` to the name of its module. */
export function entryOfPath(path: string): string {
  return path.replace(/^\.[/\\]/, "").replace(/\.py$/, "").replace(/[/\\]__init__$/, "")
    .replace(/[/\\]+$/, "").replace(/[/\\]+/g, ".");
}

/** A fix for a path or URL that was given instead of a module; undefined for other texts. */
export function moduleHint(text: string): string | undefined {
  if (/^[a-z][a-z\d+.-]+:\//i.test(text)) return `Use a running server: pyrpc sync ${text}`;
  return /\.py$|[/\\]/.test(text)
    ? `Write the module, not its file: ${entryOfPath(text)}`
    : undefined;
}

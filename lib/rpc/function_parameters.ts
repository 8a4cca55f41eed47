/** One parameter of a JavaScript function, read from the function's text. */
export interface FunctionParameter {
  readonly name: string;
  /** Has a default, so that it is optional. */
  readonly optional: boolean;
  /** `...rest`: receives all remaining arguments. */
  readonly rest: boolean;
  /** `**kwargs`: receives an object of the arguments by name that have no parameter of their own. Always the last. */
  readonly keywords?: boolean;
}

/** Reads a name of a stated list; `**name` is Python's `**kwargs`. */
export function statedParameter(
  text: string,
  isOptional: boolean,
): FunctionParameter {
  return text.startsWith("**")
    ? { name: text.slice(2), optional: true, rest: false, keywords: true }
    : { name: text, optional: isOptional, rest: false };
}

/**
 * Reads the parameters of a function, or of a class's constructor, from its text; `undefined` for built-in and bound
 * functions and for destructured parameters.
 */
export function functionParameters(
  fn: (...args: never[]) => unknown,
): readonly FunctionParameter[] | undefined {
  const source = Function.prototype.toString.call(fn);
  const text = parameterText(/^class\b/.test(source) ? constructorText(source) : source);
  if (text === undefined) return undefined;
  const parameters: FunctionParameter[] = [];
  for (const part of text) {
    const [, dots, name, sign] =
      /^(\.\.\.)?([\p{ID_Start}$_][\p{ID_Continue}$]*)\s*(=|$)/u.exec(part) ?? [];
    if (name === undefined) return undefined;
    parameters.push({ name, optional: sign === "=", rest: dots !== undefined });
  }
  return parameters;
}

/** Reads the names in the pattern of a first parameter that is a destructured object: `({ id, name: { first } }) => …`. */
export function destructuredNames(
  fn: (...args: never[]) => unknown,
): readonly string[] | undefined {
  let [pattern = ""] = parameterText(Function.prototype.toString.call(fn)) ?? [];
  if (!pattern.startsWith("{")) return undefined;
  // Without nested patterns and defaults.
  for (let outer = ""; outer !== pattern;) {
    outer = pattern;
    pattern = pattern.replace(/(?<=.)(?:\{[^{}[\]()]*\}|\[[^{}[\]()]*\]|\([^{}[\]()]*\))/gsu, "_");
  }
  return [...pattern.matchAll(/[{,]\s*["']?([\p{ID_Start}$_][\p{ID_Continue}$]*)/gu)]
    .flatMap(([, name]) => name ?? []);
}

// A class without its own constructor has no parameter list.
function constructorText(source: string): string {
  const at = source.search(/(?<=[\s;{}])constructor\s*\(/);
  return at < 0 ? "" : source.slice(at);
}

// Splits the parameter list at its commas, without comments; undefined for native code.
function parameterText(source: string): string[] | undefined {
  if (/\{\s*\[native code\]\s*\}\s*$/.test(source)) return undefined;
  const bare = /^(?:async\s+)?([\p{ID_Start}$_][\p{ID_Continue}$]*)\s*=>/u.exec(source);
  if (bare?.[1] !== undefined) return [bare[1]];
  const parts: string[] = [];
  let part = "";
  let depth = 0;
  let started = false;
  for (let index = 0; index < source.length; index++) {
    const char = source.charAt(index);
    const end = endOfOpaque(source, index);
    if (end !== undefined) {
      // A string may be a default; comments are dropped.
      if (started && char !== "/") part += source.slice(index, end);
      index = end - 1;
    } else if ("([{".includes(char)) {
      // A computed method name precedes the list, in brackets.
      if (depth++ === 0 && char === "(" && !started) started = true;
      else if (started) part += char;
    } else if (")]}".includes(char)) {
      if (--depth === 0 && started && char === ")") {
        if (part.trim() !== "") parts.push(part.trim());
        return parts;
      }
      if (started) part += char;
    } else if (char === "," && started && depth === 1) {
      parts.push(part.trim());
      part = "";
    } else if (started) part += char;
  }
  return undefined;
}

// Returns the index after a string, template or comment at `index`; undefined for other text.
function endOfOpaque(source: string, index: number): number | undefined {
  const char = source[index];
  if (char === '"' || char === "'" || char === "`") {
    let at = index + 1;
    while (at < source.length && source[at] !== char) at += source[at] === "\\" ? 2 : 1;
    return at + 1;
  }
  const opener = source.slice(index, index + 2);
  if (opener === "//") return ends(source.indexOf("\n", index), 1, source);
  if (opener === "/*") return ends(source.indexOf("*/", index + 2), 2, source);
  return undefined;
}

function ends(found: number, width: number, source: string): number {
  return found === -1 ? source.length : found + width;
}

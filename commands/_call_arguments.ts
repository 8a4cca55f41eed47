import { usageError } from "../lib/errors.ts";

/** Arguments of a call as they were typed; each is JSON or plain text. */
export type CallArguments =
  | { readonly kind: "position"; readonly values: readonly string[] }
  | { readonly kind: "name"; readonly values: ReadonlyMap<string, string> }
  /** The whole params as JSON text. */
  | { readonly kind: "params"; readonly text: string };

/** What is known of the procedure, to read arguments as it wants them. */
export interface KnownParameters {
  readonly names: readonly string[];
  /** Whether the parameter of that name takes the value that a JSON text stands for. */
  takes(name: string, json: string): boolean;
}

const NAMED = /^([\p{ID_Start}_][\p{ID_Continue}]*)=(.*)$/su;

/** Tells arguments by position from arguments by name. @throws ToolError exit code 2 for a mixture */
export function readArguments(args: readonly string[]): CallArguments {
  const named = args.map((argument) => NAMED.exec(argument));
  const count = named.filter((match) => match !== null).length;
  if (args.length === 0 || count === 0) return { kind: "position", values: args };
  if (count < args.length) {
    throw usageError(
      "Arguments by position and by name cannot be mixed",
      'Give all as key=value, or quote a text that holds "=": \'"a=b"\'',
    );
  }
  const values = new Map<string, string>();
  for (const match of named) {
    const [, name, value] = match!;
    if (values.has(name!)) throw usageError(`The argument "${name}" is there twice`);
    values.set(name!, value!);
  }
  return { kind: "name", values };
}

/** Reads `--data`. @throws ToolError exit code 2 for what is no list, object or null in JSON */
export function readData(text: string): CallArguments {
  const trimmed = text.replace(/^\ufeff/, "").trim();
  const value = parse(trimmed);
  if (value === undefined) throw usageError("--data is not JSON", "Give a list or an object");
  if (typeof value.value !== "object") {
    throw usageError(
      "--data is neither a list nor an object",
      "The params of a call are a list (by position) or an object (by name)",
    );
  }
  return { kind: "params", text: trimmed === "null" ? "[]" : trimmed };
}

/** The `params` of the request as JSON text; numbers keep every digit that was typed. */
export function paramsText(given: CallArguments, known: KnownParameters | undefined): string {
  switch (given.kind) {
    case "params":
      return given.text;
    case "position":
      return `[${
        given.values.map((text, index) => valueText(text, known?.names[index], known)).join(",")
      }]`;
    case "name":
      return `{${
        [...given.values].map(([name, text]) =>
          `${JSON.stringify(name)}:${valueText(text, name, known)}`
        ).join(",")
      }}`;
  }
}

function valueText(
  text: string,
  name: string | undefined,
  known: KnownParameters | undefined,
): string {
  const json = parse(text);
  const asText = JSON.stringify(text);
  if (json === undefined) {
    if (/^\s*["{[]/.test(text) && !(name !== undefined && known?.takes(name, asText))) {
      throw usageError(
        `The argument ${JSON.stringify(text.slice(0, 60))} is not JSON`,
        "Quote it for the shell: '{\"key\": 1}'",
      );
    }
    return asText;
  }
  const wantsText = known !== undefined && name !== undefined && typeof json.value !== "string" &&
    !known.takes(name, text) && known.takes(name, asText);
  return wantsText ? asText : text.trim();
}

function parse(text: string): { value: unknown } | undefined {
  try {
    return { value: JSON.parse(text) };
  } catch {
    return undefined;
  }
}

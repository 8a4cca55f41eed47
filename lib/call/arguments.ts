import {
  malformedArgument,
  malformedData,
  mixedArguments,
  repeatedArgument,
  scalarData,
} from "./errors.ts";

/** Arguments of a call as typed; each is JSON or plain text. */
export type CallArguments =
  | { readonly kind: "position"; readonly values: readonly string[] }
  | { readonly kind: "name"; readonly values: ReadonlyMap<string, string> }
  /** The whole params as JSON text. */
  | { readonly kind: "params"; readonly text: string };

/** The parameters of the procedure, by which arguments are read. */
export interface KnownParameters {
  readonly names: readonly string[];
  /** True if the parameter accepts the value of a JSON text. */
  accepts(name: string, json: string): boolean;
}

const NAMED = /^([\p{ID_Start}_][\p{ID_Continue}]*)=(.*)$/su;

/** Distinguishes arguments by position and by name. @throws ToolError exit code 2 for a mixture */
export function readArguments(args: readonly string[]): CallArguments {
  const named = args.flatMap((argument) => {
    const [, name, value] = NAMED.exec(argument) ?? [];
    return name === undefined || value === undefined ? [] : [[name, value] as const];
  });
  if (named.length === 0) return { kind: "position", values: args };
  if (named.length < args.length) throw mixedArguments();
  const values = new Map<string, string>();
  for (const [name, value] of named) {
    if (values.has(name)) throw repeatedArgument(name);
    values.set(name, value);
  }
  return { kind: "name", values };
}

/** Reads `--data`. @throws ToolError exit code 2 for anything but a list, object or null in JSON */
export function readData(text: string): CallArguments {
  const trimmed = text.replace(/^\ufeff/, "").trim();
  const value = parse(trimmed);
  if (value === undefined) throw malformedData();
  if (typeof value.value !== "object") throw scalarData();
  return { kind: "params", text: trimmed === "null" ? "[]" : trimmed };
}

/** The `params` of the request as JSON text; numbers keep every typed digit. */
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
    if (/^\s*["{[]/.test(text) && !(name !== undefined && known?.accepts(name, asText))) {
      throw malformedArgument(text);
    }
    return asText;
  }
  const isText = known !== undefined && name !== undefined && typeof json.value !== "string" &&
    !known.accepts(name, text) && known.accepts(name, asText);
  return isText ? asText : text.trim();
}

function parse(text: string): { value: unknown } | undefined {
  try {
    return { value: JSON.parse(text) };
  } catch {
    return undefined;
  }
}

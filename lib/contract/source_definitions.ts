import type { Model } from "./models.ts";
import { isJsonObject, ownMember } from "./keywords.ts";

/** The range of a name: index of the file, line (from 1), first column and the one after it (from 0, in UTF-16 code units). */
export type NameRange = readonly [file: number, line: number, start: number, end: number];

/** The definitions of a backend's procedures, models and fields in its source files. */
export interface SourceDefinitions {
  /** Absolute paths. */
  readonly files: readonly string[];
  readonly procedures: Readonly<Record<string, NameRange>>;
  readonly models: readonly DefinedModel[];
}

/** The definition of a class or type alias. */
export interface DefinedModel {
  /** Its title in JSON Schema. */
  readonly label: string;
  /** Dotted. */
  readonly module: string;
  readonly position: NameRange | null;
  /** By the name in JSON Schema; null without a certain position. */
  readonly fields: Readonly<Record<string, NameRange | null>>;
}

/** Returns a function that finds the definition of a model; undefined if several classes may be meant. */
export function modelFinder(
  { models }: SourceDefinitions,
): (model: Pick<Model, "label" | "module" | "schema">) => DefinedModel | undefined {
  const byLabel = new Map<string, DefinedModel[]>();
  for (const model of models) {
    const list = byLabel.get(model.label);
    if (list === undefined) byLabel.set(model.label, [model]);
    else list.push(model);
  }
  return ({ label, module, schema }) => {
    const properties = isJsonObject(schema) ? ownMember(schema, "properties") : undefined;
    const names = isJsonObject(properties) ? Object.keys(properties) : [];
    const found = (byLabel.get(label) ?? []).filter((model) =>
      (module.length === 0 || model.module.replaceAll(".", "__") === module.join("__")) &&
      names.every((name) => Object.hasOwn(model.fields, name))
    );
    const [first, ...others] = found;
    return others.every(({ position }) => String(position) === String(first?.position))
      ? first
      : undefined;
  };
}

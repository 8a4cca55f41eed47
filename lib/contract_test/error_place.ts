import { isJsonObject, type Json, type Procedure } from "../contract/mod.ts";

/**
 * Returns the place of an error, the same for each item of a list and each key of a `dict`. Only names of parameters and of
 * models' members distinguish places: keys are as many as there are generated values.
 */
export function errorPlace(field: string, value: unknown, procedure: Procedure): string {
  const names = memberNames(procedure);
  const keys = new Set(keysIn(value).filter((key) => !names.has(key)));
  return field.split(".")
    .map((part) => /^\d+$/.test(part) || keys.has(part) ? "[]" : part)
    .join(".");
}

const cache = new WeakMap<Procedure, ReadonlySet<string>>();

function memberNames(procedure: Procedure): ReadonlySet<string> {
  let names = cache.get(procedure);
  if (names === undefined) {
    const { parameters, result } = procedure;
    names = new Set([
      ...parameters.map(({ name }) => name),
      ...[...parameters.map(({ schema }) => schema), result].flatMap(propertiesIn),
    ]);
    cache.set(procedure, names);
  }
  return names;
}

function propertiesIn(schema: Json): string[] {
  if (Array.isArray(schema)) return (schema as readonly Json[]).flatMap(propertiesIn);
  if (!isJsonObject(schema)) return [];
  const { properties } = schema;
  return [
    ...(isJsonObject(properties) ? Object.keys(properties) : []),
    ...Object.values(schema).flatMap(propertiesIn),
  ];
}

function keysIn(value: unknown): string[] {
  if (typeof value !== "object" || value === null) return [];
  if (Array.isArray(value)) return value.flatMap(keysIn);
  return [...Object.keys(value), ...Object.values(value).flatMap(keysIn)];
}

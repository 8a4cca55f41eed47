import type { GeneratedChanges, ModelChanges } from "../../codegen/mod.ts";

const MAX_NAMES = 12;

/** Changes of the types. */
export interface ChangedTypes {
  readonly changes: GeneratedChanges;
  readonly models: readonly ModelChanges[];
}

/** Lists the procedures and models that differ: `+ added  ~ changed  - removed`, a line for each changed model. */
export function changedTypesLines(
  { changes: { procedures, types }, models }: ChangedTypes,
): string[] {
  const lines = models.slice(0, MAX_NAMES).map(({ name, added, changed, removed }) => {
    const members = signed({ added, changed, removed }).slice(0, MAX_NAMES).join(", ");
    return `~ ${name}${members === "" ? "" : `: ${members}`}`;
  });
  const more = models.length - MAX_NAMES;
  return [
    joined(signed(procedures)),
    joined(signed({ ...types, changed: [] })),
    ...lines,
    ...(more > 0 ? [`and ${more} more models`] : []),
  ].filter((line) => line !== "");
}

function signed(
  { added, changed, removed }: GeneratedChanges["procedures"],
): string[] {
  return [
    ...added.map((name) => `+ ${name}`),
    ...changed.map((name) => `~ ${name}`),
    ...removed.map((name) => `- ${name}`),
  ];
}

function joined(names: readonly string[]): string {
  const more = names.length - MAX_NAMES;
  return [...names.slice(0, MAX_NAMES), ...(more > 0 ? [`and ${more} more`] : [])].join("  ");
}

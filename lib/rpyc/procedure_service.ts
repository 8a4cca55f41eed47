import { groupObject } from "./root_object.ts";
import { defaultAlias, type RpycService, type ServiceNames } from "./service.ts";

/** Returns a service of procedures by name. A procedure with a dotted name is a member of an object: `root.admin.version()`. */
export function procedureService(
  className: string,
  procedures: ReadonlyMap<string, unknown>,
  { aliases }: ServiceNames,
): RpycService {
  const groups = new Map<string, object>();
  const find = (name: string): unknown => procedures.get(name) ?? groups.get(name) ?? group(name);
  const group = (name: string): object | undefined => {
    const prefix = `${name}.`;
    const members = [...procedures.keys()]
      .filter((key) => key.startsWith(prefix))
      .map((key) => key.slice(prefix.length));
    if (members.length === 0) return undefined;
    const object = groupObject(
      name.slice(name.lastIndexOf(".") + 1),
      firstParts(members),
      (member) => find(prefix + member),
    );
    groups.set(name, object);
    return object;
  };
  return {
    className,
    aliases: aliases ?? [defaultAlias(className)],
    names: () => firstParts(procedures.keys()),
    find,
  };
}

function firstParts(names: Iterable<string>): string[] {
  return [...new Set(Array.from(names, (name) => name.split(".", 1)[0] ?? ""))];
}

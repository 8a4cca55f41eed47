/** Elements without markup: what comes from a contract only ever becomes text. */

type Child = Node | string | undefined;

/** Attributes, listeners (`onclick`) and children of a new element. */
export function element<Name extends keyof HTMLElementTagNameMap>(
  name: Name,
  attributes: Readonly<Record<string, string | boolean | ((event: Event) => void) | undefined>> =
    {},
  ...children: readonly Child[]
): HTMLElementTagNameMap[Name] {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (value === undefined || value === false) continue;
    if (typeof value === "function") made.addEventListener(key.slice(2), value);
    else made.setAttribute(key, value === true ? "" : value);
  }
  made.append(...children.filter((child) => child !== undefined));
  return made;
}

/** The element of the page with that id. */
export function byId(id: string): HTMLElement {
  return document.getElementById(id)!;
}

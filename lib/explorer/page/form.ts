import { element } from "./dom.ts";
import {
  asSchema,
  emptyOf,
  isRecord,
  type Json,
  labelOf,
  labelsOf,
  looksLike,
  own,
  resolve,
  type SchemaNode,
  type Variants,
  variantsOf,
} from "./schema.ts";

/** Called for each new value. */
export type Change = (value: Json) => void;

let counter = 0;

/** The field of one value: label, description and control. */
export function field(
  name: string,
  node: SchemaNode,
  value: Json,
  change: Change,
  extra?: HTMLElement,
): HTMLElement {
  const { schema } = resolve(node);
  const description = own(node.schema, "description") ?? own(schema, "description");
  const id = `f${counter++}`;
  const editor = control(node, value, change, id, name);
  const isGroup = editor.tagName === "DIV" || editor.tagName === "FIELDSET";
  const label = isGroup
    ? element("span", { class: "name", id: `${id}-name` }, name)
    : element("label", { class: "name", for: id }, name);
  return element(
    "div",
    {
      class: "field",
      role: isGroup ? "group" : undefined,
      "aria-labelledby": isGroup ? `${id}-name` : undefined,
    },
    element(
      "div",
      { class: "head" },
      label,
      element("span", { class: "type" }, labelOf(node)),
      extra,
    ),
    typeof description === "string" ? element("p", { class: "about" }, description) : undefined,
    editor,
  );
}

/** @param label Accessible name of a single control; groups have none. @default the element with `for` */
function control(
  node: SchemaNode,
  value: Json,
  change: Change,
  id: string,
  name: string,
  label?: string,
): HTMLElement {
  const variants = variantsOf(node);
  if (variants !== undefined) return union(variants, value, change, id, name);
  const { schema, root } = resolve(node);
  const values = own(schema, "enum") ??
    (own(schema, "const") === undefined ? undefined : [schema["const"]]);
  if (Array.isArray(values)) return choice(values, value, change, id, label);
  switch (own(schema, "type")) {
    case "boolean":
      return choice([false, true], value, change, id, label);
    case "integer":
    case "number":
      return text(
        node,
        typeof value === "number" ? String(value) : "",
        (typed) => {
          const number = Number(typed);
          change(typed.trim() === "" ? undefined : Number.isNaN(number) ? typed : number);
        },
        { id, inputmode: "decimal", "aria-label": label },
      );
    case "string":
      return text(node, typeof value === "string" ? value : "", change, {
        id,
        "aria-label": label,
      });
    case "array":
      return Array.isArray(own(schema, "prefixItems"))
        ? tuple({ schema, root }, value, change)
        : list({ schema, root }, value, change);
    case "object":
      return isRecord(own(schema, "properties"))
        ? model({ schema, root }, value, change)
        : dictionary({ schema, root }, value, change);
    case "null":
      return choice([null], value, change, id, label);
    default:
      return raw(value, change, id, label);
  }
}

function choice(
  values: readonly Json[],
  value: Json,
  change: Change,
  id: string,
  label?: string,
): HTMLElement {
  const select = element("select", {
    id,
    "aria-label": label,
    onchange: () => change(values[select.selectedIndex]),
  });
  for (const one of values) {
    select.append(element("option", {}, typeof one === "string" ? one : JSON.stringify(one)));
  }
  select.selectedIndex = values.indexOf(value);
  return select;
}

const INPUTS: Readonly<Record<string, string>> = {
  email: "email",
  uri: "url",
  password: "password",
};
const PLACEHOLDERS: Readonly<Record<string, string>> = {
  "date-time": "2026-01-31T12:00:00Z",
  date: "2026-01-31",
  time: "12:00:00",
  duration: "PT1H30M",
  uuid: "00000000-0000-4000-8000-000000000000",
  email: "ada@example.com",
  uri: "https://example.com",
};

function text(
  node: SchemaNode,
  value: string,
  change: (typed: string) => void,
  named: Readonly<Record<string, string | undefined>>,
): HTMLElement {
  const { schema } = resolve(node);
  const format = String(own(schema, "format") ?? "");
  const maximum = own(schema, "maxLength");
  const isLong = typeof maximum === "number" && maximum > 200 && format === "" ||
    value.includes("\n");
  const attributes = {
    ...named,
    placeholder: PLACEHOLDERS[format],
    spellcheck: "false",
    autocomplete: "off",
    oninput: (event: Event) => change((event.target as HTMLInputElement).value),
  };
  const input = isLong
    ? element("textarea", { ...attributes, rows: "3" })
    : element("input", { ...attributes, type: INPUTS[format] ?? "text" });
  input.value = value;
  return input;
}

/** A control for any value: JSON text. */
function raw(value: Json, change: Change, id: string, label?: string): HTMLElement {
  const area = element("textarea", {
    id,
    "aria-label": label,
    rows: "2",
    spellcheck: "false",
    oninput: () => {
      try {
        change(area.value.trim() === "" ? undefined : JSON.parse(area.value));
        area.removeAttribute("aria-invalid");
      } catch {
        area.setAttribute("aria-invalid", "true");
      }
    },
  });
  area.value = value === undefined ? "" : JSON.stringify(value);
  return area;
}

/** A group that can replace its content when its shape changes. */
function redrawn(draw: (redraw: () => void) => readonly HTMLElement[]): HTMLElement {
  const box = element("div", { class: "group" });
  const redraw = () => box.replaceChildren(...draw(redraw));
  redraw();
  return box;
}

function button(label: string, title: string, onclick: () => void): HTMLElement {
  return element(
    "button",
    { type: "button", class: "small", title, "aria-label": title, onclick },
    label,
  );
}

function union(
  variants: Variants,
  value: Json,
  change: Change,
  id: string,
  name: string,
): HTMLElement {
  const { options, isNullable } = variants;
  let current = value;
  const set = (next: Json) => {
    current = next;
    change(next);
  };
  let index = value === null && isNullable
    ? -1
    : Math.max(0, options.findIndex((option) => looksLike(option, value)));
  return redrawn((redraw) => {
    const labels = [...labelsOf(options), ...isNullable ? ["null"] : []];
    const select = element("select", {
      id: `${id}-kind`,
      "aria-label": `Kind of ${name}`,
      onchange: () => {
        const option = options[select.selectedIndex];
        index = option === undefined ? -1 : select.selectedIndex;
        set(option === undefined ? null : emptyOf(option));
        redraw();
      },
    });
    for (const label of labels) select.append(element("option", {}, label));
    select.selectedIndex = index === -1 ? options.length : index;
    const option = options[index];
    return option === undefined
      ? [select]
      : [select, control(option, current, set, id, name, name)];
  });
}

function list({ schema, root }: SchemaNode, value: Json, change: Change): HTMLElement {
  const items: Json[] = Array.isArray(value) ? [...value] : [];
  const item = { schema: asSchema(own(schema, "items")), root };
  return redrawn((redraw) => [
    ...items.map((one, index) =>
      field(
        String(index),
        item,
        one,
        (next) => {
          items[index] = next;
          change([...items]);
        },
        button("−", `Remove item ${index}`, () => {
          items.splice(index, 1);
          change([...items]);
          redraw();
        }),
      )
    ),
    button("+ item", "Add an item", () => {
      items.push(emptyOf(item));
      change([...items]);
      redraw();
    }),
  ]);
}

function tuple({ schema, root }: SchemaNode, value: Json, change: Change): HTMLElement {
  const items: Json[] = Array.isArray(value) ? [...value] : [];
  return redrawn(() =>
    (schema["prefixItems"] as unknown[]).map((one, index) =>
      field(String(index), { schema: asSchema(one), root }, items[index], (next) => {
        items[index] = next;
        change([...items]);
      })
    )
  );
}

/** The fields of named members. Optional ones can be added and removed. */
export function members(
  names: readonly (readonly [name: string, node: SchemaNode, isRequired: boolean])[],
  value: Readonly<Record<string, Json>>,
  change: (value: Record<string, Json>) => void,
): HTMLElement {
  const current: Record<string, Json> = Object.assign(Object.create(null), value);
  const changed = () => change({ ...current });
  return redrawn((redraw) =>
    names.map(([name, node, isRequired]) => {
      const given = name in current;
      if (given || isRequired) {
        const remove = isRequired ? undefined : button("−", `Omit ${name}`, () => {
          delete current[name];
          changed();
          redraw();
        });
        return field(name, node, current[name], (next) => {
          current[name] = next;
          changed();
        }, remove);
      }
      return element(
        "div",
        { class: "field absent" },
        button(`+ ${name}`, `Add ${name}`, () => {
          current[name] = emptyOf(node);
          changed();
          redraw();
        }),
        element("span", { class: "type" }, labelOf(node)),
      );
    })
  );
}

function model({ schema, root }: SchemaNode, value: Json, change: Change): HTMLElement {
  const required = own(schema, "required");
  const names = Object.entries(asSchema(own(schema, "properties"))).map(([name, member]) =>
    [
      name,
      { schema: asSchema(member), root },
      Array.isArray(required) && required.includes(name),
    ] as const
  );
  // A discriminator has one value, which is sent with the first member that the user enters.
  return members(names, asSchema(value ?? emptyOf({ schema, root })), change);
}

function dictionary({ schema, root }: SchemaNode, value: Json, change: Change): HTMLElement {
  const entries: [string, Json][] = isRecord(value) ? Object.entries(value) : [];
  const item = { schema: asSchema(own(schema, "additionalProperties")), root };
  const changed = () => change(Object.fromEntries(entries));
  return redrawn((redraw) => [
    ...entries.map((entry, index) => {
      const key = element("input", {
        type: "text",
        "aria-label": "Key",
        oninput: () => {
          entry[0] = key.value;
          changed();
        },
      });
      key.value = entry[0];
      return element(
        "div",
        { class: "entry" },
        key,
        field(
          entry[0] === "" ? "value" : entry[0],
          item,
          entry[1],
          (next) => {
            entry[1] = next;
            changed();
          },
          button("−", `Remove entry ${entry[0]}`, () => {
            entries.splice(index, 1);
            changed();
            redraw();
          }),
        ),
      );
    }),
    button("+ entry", "Add an entry", () => {
      entries.push(["", emptyOf(item)]);
      changed();
      redraw();
    }),
  ]);
}

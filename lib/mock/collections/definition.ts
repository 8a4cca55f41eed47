import { closest } from "../../closest.ts";
import {
  type Contract,
  isJsonObject,
  type Json,
  type JsonObject,
  type Procedure,
} from "../../contract/mod.ts";
import { type ExampleError, type Fail, nearest, pathTo, readError } from "../examples/read.ts";
import { fieldsOf, ItemType, listedObjects, returnedObjects } from "./item_type.ts";
import {
  keyParameter,
  PARAMETER_ROLES,
  type ParameterRole,
  parameterWithRole,
  plainName,
} from "./roles.ts";

/** Operations of procedures on a collection. */
export const OPERATIONS = ["list", "get", "add", "update", "save", "delete"] as const;
/** One of the {@link OPERATIONS}. */
export type Operation = (typeof OPERATIONS)[number];

/** A procedure that works on a collection. */
export interface CollectionProcedure {
  readonly procedure: Procedure;
  readonly operation: Operation;
  /** Names of its parameters by their part in the call. */
  readonly roles: Readonly<Partial<Record<ParameterRole, string>>>;
}

/** A collection of an examples file. */
export interface CollectionDefinition {
  readonly name: string;
  /** Its position in the examples file. */
  readonly path: string;
  readonly procedures: readonly CollectionProcedure[];
  readonly item: ItemType;
  /** The member that identifies an item. */
  readonly key: string;
  /** The items at the start, or their number. */
  readonly items: number | readonly JsonObject[];
  /** The error for an item that does not exist, instead of the usual one. */
  readonly notFound: ExampleError | undefined;
}

const KEYS = ["key", "items", "not_found", "parameters", ...OPERATIONS];
const DEFAULT_ITEMS = 5;
const MAX_ITEMS = 1000;

/** Reads the `collections` of an examples file. @throws ToolError through `fail` */
export function readCollections(
  value: Json,
  contract: Contract,
  fail: Fail,
): readonly CollectionDefinition[] {
  if (!isJsonObject(value)) return fail("$.collections", "expected an object of collections");
  const used = new Map<string, string>();
  return Object.entries(value).map(([name, entry]) =>
    new Reader(name, pathTo("$.collections", name), contract, fail, used).read(entry)
  );
}

class Reader {
  readonly #name: string;
  readonly #path: string;
  readonly #contract: Contract;
  readonly #fail: Fail;
  /** Collections by the procedures that work on them. */
  readonly #used: Map<string, string>;

  constructor(
    name: string,
    path: string,
    contract: Contract,
    fail: Fail,
    used: Map<string, string>,
  ) {
    this.#name = name;
    this.#path = path;
    this.#contract = contract;
    this.#fail = fail;
    this.#used = used;
  }

  read(entry: Json): CollectionDefinition {
    if (!isJsonObject(entry)) return this.#fail(this.#path, "expected an object", this.#example());
    const unknown = Object.keys(entry).find((key) => !KEYS.includes(key));
    if (unknown !== undefined) {
      const [near] = closest(unknown, KEYS);
      const fix = near === undefined ? `Keys: ${KEYS.join(", ")}` : `Did you mean "${near}"?`;
      return this.#fail(pathTo(this.#path, unknown), `unknown key "${unknown}"`, fix);
    }
    const operations = OPERATIONS.flatMap((operation) => {
      const value = entry[operation];
      return value === undefined ? [] : this.#procedures(operation, value);
    });
    if (operations.length === 0) {
      return this.#fail(this.#path, "expected at least one procedure", this.#example());
    }
    const { item, key } = this.#itemType(operations, entry["key"]);
    return {
      name: this.#name,
      path: this.#path,
      item,
      key,
      procedures: this.#withRoles(operations, entry["parameters"], item, key),
      items: this.#items(entry["items"]),
      notFound: entry["not_found"] === undefined
        ? undefined
        : readError(entry["not_found"], `${this.#path}.not_found`, this.#fail),
    };
  }

  #example(): string {
    return "List its procedures: orders: { list: list_orders, get: get_order, add: place_order, delete: delete_order }";
  }

  #procedures(operation: Operation, value: Json) {
    const path = `${this.#path}.${operation}`;
    const names: readonly Json[] = Array.isArray(value) ? value : [value];
    if (names.length === 0) return this.#fail(path, "expected the name of a procedure");
    return names.map((name, index) => {
      const at = Array.isArray(value) ? `${path}[${index}]` : path;
      if (typeof name !== "string") return this.#fail(at, "expected the name of a procedure");
      const procedure = this.#contract.procedures.get(name);
      if (procedure === undefined) {
        const problem = `the contract has no procedure "${name}"`;
        return this.#fail(at, problem, nearest(name, this.#contract));
      }
      const other = this.#used.get(name);
      if (other !== undefined) {
        return this.#fail(at, `"${name}" is already used by the collection "${other}"`);
      }
      this.#used.set(name, this.#name);
      return { operation, procedure, path: at };
    });
  }

  #itemType(
    procedures: readonly { readonly operation: Operation; readonly procedure: Procedure }[],
    key: Json | undefined,
  ): { readonly item: ItemType; readonly key: string } {
    const order: readonly Operation[] = ["get", "list", "save", "add", "update", "delete"];
    const objects = order.flatMap((operation) =>
      procedures.filter((one) => one.operation === operation)
        .flatMap(({ procedure: { result } }) =>
          operation === "list" ? listedObjects(result) : returnedObjects(result)
        )
    );
    const items = objects.map((branch) => new ItemType(branch));
    if (items[0] === undefined) {
      return this.#fail(this.#path, "none of its procedures returns an object with members");
    }
    if (key !== undefined) {
      const item = items.find(({ members }) => members.has(String(key)));
      if (item !== undefined) return { item, key: String(key) };
      const members = [...items[0].members.keys()].join(", ");
      return this.#fail(
        `${this.#path}.key`,
        `no item has the member ${JSON.stringify(key)}`,
        `Members: ${members}`,
      );
    }
    const singular = this.#name.replace(/ies$/, "y").replace(/s$/, "");
    const parameters = procedures.filter(({ operation }) => operation !== "list")
      .flatMap(({ procedure }) => procedure.parameters.map(({ name }) => name));
    const usual = ["id", `${singular}_id`, "uuid", "key", "slug", "sku", "code", ...parameters];
    for (const wanted of usual) {
      for (const item of items) {
        const name = [...item.members.keys()].find((one) => plainName(one) === plainName(wanted));
        if (name !== undefined) return { item, key: name };
      }
    }
    return this.#fail(
      this.#path,
      "its items have no member that identifies them",
      `Set it: key: ${[...items[0].members.keys()][0]}`,
    );
  }

  #withRoles(
    procedures: readonly {
      readonly operation: Operation;
      readonly procedure: Procedure;
      readonly path: string;
    }[],
    names: Json | undefined,
    item: ItemType,
    key: string,
  ): readonly CollectionProcedure[] {
    const given = this.#parameterNames(names, procedures, item);
    return procedures.map(({ operation, procedure, path }) => {
      const fields = fieldsOf(procedure, item.members);
      const roles: Partial<Record<ParameterRole, string>> = {};
      for (const role of PARAMETER_ROLES) {
        if (role === "key" ? operation === "list" || operation === "add" : operation !== "list") {
          continue;
        }
        const own = given[role];
        const name = own !== undefined && fields.has(own)
          ? own
          : role === "key"
          ? keyParameter(key, this.#name, fields)
          : parameterWithRole(role, fields, item.members);
        if (name !== undefined) roles[role] = name;
        else if (role === "key") {
          this.#fail(
            path,
            `no parameter of ${procedure.name} has the key of an item ("${key}")`,
            `Set it: parameters: { key: ${[...fields.keys()][0] ?? "NAME"} }`,
          );
        }
      }
      return { procedure, operation, roles };
    });
  }

  #parameterNames(
    names: Json | undefined,
    procedures: readonly { readonly procedure: Procedure }[],
    item: ItemType,
  ): Readonly<Record<string, string>> {
    const path = `${this.#path}.parameters`;
    if (names === undefined) return {};
    if (!isJsonObject(names)) return this.#fail(path, "expected an object of parameter names");
    const all = new Set(
      procedures.flatMap(({ procedure }) => [...fieldsOf(procedure, item.members).keys()]),
    );
    for (const [role, name] of Object.entries(names)) {
      const at = pathTo(path, role);
      if (!(PARAMETER_ROLES as readonly string[]).includes(role)) {
        return this.#fail(at, `unknown key "${role}"`, `Keys: ${PARAMETER_ROLES.join(", ")}`);
      }
      if (typeof name !== "string" || !all.has(name)) {
        return this.#fail(
          at,
          `${JSON.stringify(name)} is not a parameter of its procedures`,
          `Parameters: ${[...all].join(", ")}`,
        );
      }
    }
    return names as Readonly<Record<string, string>>;
  }

  #items(value: Json | undefined): number | readonly JsonObject[] {
    const path = `${this.#path}.items`;
    if (value === undefined) return DEFAULT_ITEMS;
    if (typeof value === "number" && Number.isInteger(value) && value >= 0 && value <= MAX_ITEMS) {
      return value;
    }
    if (!Array.isArray(value)) {
      return this.#fail(path, `expected a list of items, or their number (at most ${MAX_ITEMS})`);
    }
    const wrong = value.findIndex((one) => !isJsonObject(one));
    if (wrong !== -1) return this.#fail(`${path}[${wrong}]`, "expected an object");
    return value as readonly JsonObject[];
  }
}

/** Classification of the client's objects: which of them are copied, and how. */

/** The kind of a client's object. Functions and objects are represented by proxies, all other kinds are copied. */
export type RemoteKind =
  | "sequence"
  | "dict"
  | "set"
  | "bytes"
  | "function"
  | "object"
  | "str"
  | "int"
  | "float";

const BUILTINS: Readonly<Record<string, RemoteKind>> = {
  "builtins.list": "sequence",
  "builtins.tuple": "sequence",
  "builtins.dict": "dict",
  "builtins.mappingproxy": "dict",
  "builtins.set": "set",
  "builtins.frozenset": "set",
  "builtins.bytearray": "bytes",
  "builtins.function": "function",
  "builtins.method": "function",
  "builtins.builtin_function_or_method": "function",
  "builtins.type": "function",
  "builtins.method-wrapper": "function",
  "builtins.wrapper_descriptor": "function",
  "builtins.generator": "object",
  "builtins.list_iterator": "object",
  "builtins.tuple_iterator": "object",
  "builtins.set_iterator": "object",
  "builtins.range_iterator": "object",
  "builtins.memoryview": "bytes",
  "builtins.object": "object",
  "builtins.module": "object",
  "builtins.code": "object",
  "builtins.frame": "object",
  "builtins.traceback": "object",
  "builtins.BaseException": "object",
  "builtins.Exception": "object",
};

/** Returns the kind of an instance of one of Python's own classes; `undefined` for any other class. */
export function kindOfBuiltin(className: string): RemoteKind | undefined {
  return Object.hasOwn(BUILTINS, className) ? BUILTINS[className] : undefined;
}

/** Returns the kind of an instance of any other class by the class's methods, so that a subclass of str is a str. */
export function kindByMethods(methods: ReadonlySet<string>): RemoteKind {
  const has = (...names: string[]) => names.every((name) => methods.has(name));
  if (has("encode", "isalpha")) return "str";
  if (has("keys", "__getitem__")) return "dict";
  if (has("__index__")) return "int";
  if (has("is_integer", "__float__")) return "float";
  if (has("__call__")) return "function";
  if (has("__next__")) return "object";
  if (has("isdisjoint", "__iter__") && !has("__getitem__") && has("__and__")) return "set";
  return has("__iter__", "__len__") ? "sequence" : "object";
}

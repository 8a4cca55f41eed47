import type { BackendFact, FactCode, UnservableDefault } from "./protocol.ts";

const MAX_MEMBERS = 10;

const MESSAGES: Readonly<Record<FactCode, (members: string) => string>> = {
  COMPUTED_FIELD: (members) => `results have computed fields that the types lack: ${members}`,
  EXCLUDED_FIELD: (members) => `results may lack members that the types have: ${members}`,
  FIELD_ALIAS: (members) => `results have the Python name, the types have the alias: ${members}`,
  INT_FLAG: () => "an IntFlag also has combinations of its values, which the types lack",
  ITERABLE_RESULT: (members) =>
    `an Iterable or Generator is not sent as a list${members === "" ? "" : `: ${members}`}`,
  KEYS_REJECTED: (members) =>
    `keys of JSON are strings, which the server does not convert to the values it expects: ${members}`,
  KIND_UNDECLARED: (members) => `a bare @rpc is a query, also if it changes data: ${members}`,
  SERIALIZER: (members) =>
    `a serializer may change the type in results${members === "" ? "" : `: ${members}`}`,
  TYPED_DICT: (members) => `a TypedDict with defaults has members that may be absent: ${members}`,
  VARIADIC_PARAMETERS: (members) =>
    `the types have one ordinary parameter each for ${members}, which the server does not accept`,
};

/** Formats the message of a fact, without its code and subject. */
export function factMessage({ code, members }: BackendFact): string {
  const shown = members.slice(0, MAX_MEMBERS).join(", ");
  const more = members.length - MAX_MEMBERS;
  return MESSAGES[code](more > 0 ? `${shown} and ${more} more` : shown);
}

const ADAPTER_NAMES: Readonly<Record<string, string>> = {
  fastapi: "FastAPI",
  flask: "Flask",
  asgi: "bare ASGI",
};

/** Formats the message of a default that makes `GET /rpc` fail, without the name of its procedure. */
export function defaultMessage({ parameter, type, adapters }: UnservableDefault): string {
  const names = adapters.map((adapter) => ADAPTER_NAMES[adapter] ?? adapter).join(" and ");
  return `the default of "${parameter}" (${type}) makes GET /rpc fail on ${names}`;
}

import { type Contract, isJsonObject, type Json } from "../contract/mod.ts";
import { formatJsonText } from "../json/mod.ts";

/**
 * Formats the body of `GET /rpc`: the contract as it was loaded. `?keys=schema_` (as a live server writes it) and
 * `?keys=schema` (as `pyrpc pull` does) select one of the two names of a parameter's schema.
 */
export function contractDocument(
  { document }: Pick<Contract, "document">,
  query: URLSearchParams,
): string {
  const keys = query.get("keys");
  if (keys !== "schema" && keys !== "schema_") return formatJsonText(document);
  return formatJsonText(Object.fromEntries(
    Object.entries(document).map(([name, procedure]) => [name, withKey(procedure, keys)]),
  ));
}

function withKey(procedure: Json, key: "schema" | "schema_"): Json {
  if (!isJsonObject(procedure) || !Array.isArray(procedure["parameters"])) return procedure;
  const other = key === "schema" ? "schema_" : "schema";
  const parameters = (procedure["parameters"] as readonly Json[]).map((parameter) =>
    isJsonObject(parameter) && Object.hasOwn(parameter, other) && !Object.hasOwn(parameter, key)
      ? Object.fromEntries(
        Object.entries(parameter).map(([name, value]) => [name === other ? key : name, value]),
      )
      : parameter
  );
  return { ...procedure, parameters };
}

import type { Procedure } from "../../contract/mod.ts";
import { decodeCursor, encodeCursor } from "../cursor.ts";
import { backendDocumentation } from "../safe_text.ts";
import { BACKEND_DOCUMENTATION, READ_ONLY, SOURCE_MEMBERS, type Tool } from "../tool.ts";

const PAGE = 50;
const MAX_SUMMARY = 160;

/** Lists the procedures, in pages. */
export const listProcedures: Tool = {
  name: "list_procedures",
  title: "List procedures",
  description: "Lists the backend's procedures with their parameters, sorted by name. " +
    "`search` finds words in names, parameters and documentation. Continue with `next_cursor`.",
  inputSchema: {
    type: "object",
    properties: {
      search: { type: "string", description: "Words that must all occur" },
      cursor: { type: "string", description: "next_cursor of the previous page" },
      limit: { type: "integer", minimum: 1, maximum: 500, description: `Default: ${PAGE}` },
    },
    additionalProperties: false,
  },
  outputSchema: {
    type: "object",
    properties: {
      ...SOURCE_MEMBERS,
      total: { type: "integer", description: "Procedures that match" },
      procedures: {
        type: "array",
        items: {
          type: "object",
          properties: {
            name: { type: "string" },
            kind: { enum: ["query", "mutation", null] },
            parameters: {
              type: "array",
              items: { type: "string" },
              description: "Optional ones end with ?",
            },
            backend_documentation: BACKEND_DOCUMENTATION,
          },
          required: ["name", "kind", "parameters"],
        },
      },
      next_cursor: { type: "string" },
    },
    required: ["source", "warnings", "total", "procedures"],
  },
  annotations: READ_ONLY,
  async run({ search = "", cursor, limit = PAGE }, { source }) {
    const { contract, where, warnings } = await source.load();
    const words = String(search).toLowerCase().split(/\s+/).filter((word) => word !== "");
    const found = [...contract.procedures.values()]
      .filter((procedure) => matches(procedure, words))
      .sort((a, b) => a.name < b.name ? -1 : 1);
    // The name after which the page begins, so that a change of the contract shifts nothing.
    const after = cursor === undefined ? "" : decodeCursor(String(cursor));
    const rest = found.filter(({ name }) => name > after);
    const page = rest.slice(0, Number(limit));
    const last = page.at(-1);
    return {
      source: where,
      warnings,
      total: found.length,
      procedures: page.map(row),
      ...(last !== undefined && rest.length > page.length
        ? { next_cursor: encodeCursor(last.name) }
        : {}),
    };
  },
};

function row({ name, kind, parameters, doc }: Procedure) {
  const summary = backendDocumentation(doc.trim().split("\n")[0] ?? "", MAX_SUMMARY);
  return {
    name,
    kind: kind ?? null,
    parameters: parameters.map((each) => `${each.name}${each.required ? "" : "?"}`),
    ...(summary === "" ? {} : { backend_documentation: summary }),
  };
}

function matches({ name, doc, parameters }: Procedure, words: readonly string[]): boolean {
  if (words.length === 0) return true;
  const text = `${name}\n${parameters.map((each) => each.name).join("\n")}\n${doc}`.toLowerCase();
  return words.every((word) => text.includes(word));
}

import { escapeMarkdown } from "../report/mod.ts";
import { plainText } from "../plain_text.ts";
import { anchorOf, defaultText, MARKS, type Reference, summaryOf } from "./reference.ts";
import type { ProcedureDescription } from "../inspect/mod.ts";

/** Formats a reference as Markdown, as GitHub renders it. All texts of the contract are escaped. */
export function renderMarkdown(reference: Reference): string {
  const { title, version, url, procedures, types } = reference;
  const about = [version === undefined ? [] : `Version ${version}`, url ?? []].flat();
  const lines = [MARKS.markdown, "", `# ${line(title)}`, ""];
  if (about.length > 0) lines.push(about.map(line).join(" · "), "");
  if (procedures.length > 0) {
    lines.push("| Procedure | Kind | Description |", "| --- | --- | --- |");
    for (const procedure of procedures) {
      const { name, kind } = procedure;
      const link = `[${line(name)}](#${anchor("procedure", name)})`;
      lines.push(`| ${link} | ${kind ?? ""} | ${line(summaryOf(procedure))} |`);
    }
    lines.push("");
  }
  for (const procedure of procedures) lines.push(...procedureLines(procedure));
  if (types.size > 0) lines.push("## Types", "");
  for (const [name, text] of types) {
    lines.push(`<a id="${anchor("type", name)}"></a>`, "", `### ${line(name)}`, "", ...code(text));
  }
  return `${lines.join("\n").trimEnd()}\n`;
}

function procedureLines(procedure: ProcedureDescription): string[] {
  const { name, kind, doc, signature, parameters, returns } = procedure;
  const lines = [`<a id="${anchor("procedure", name)}"></a>`, "", `## ${line(name)}`, ""];
  if (kind !== null) lines.push(`*${kind}*`, "");
  if (doc.trim() !== "") {
    // Two spaces end a line; indented lines would become code.
    lines.push(doc.trim().split(/\r?\n/).map((text) => line(text.trim())).join("  \n"), "");
  }
  lines.push(...code(signature));
  if (parameters.length > 0) {
    lines.push("| Parameter | Type | Default | Description |", "| --- | --- | --- | --- |");
    for (const parameter of parameters) {
      const cells = [parameter.name, parameter.type, defaultText(parameter), parameter.about];
      lines.push(`| ${cells.map(line).join(" | ")} |`);
    }
    lines.push("");
  }
  const about = returns.about === "" ? "" : ` ${line(returns.about)}`;
  return [...lines, `Returns ${line(returns.type)}.${about}`, ""];
}

/** An anchor in a link and an attribute: `encodeURIComponent` leaves only characters that either may contain. */
function anchor(kind: "procedure" | "type", name: string): string {
  return anchorOf(kind, name).replace(
    /[()'*!~]/g,
    (mark) => `%${mark.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}

function line(text: string): string {
  return escapeMarkdown(text.replace(/\s+/g, " ").trim());
}

function code(text: string): string[] {
  const safe = plainText(text);
  const longest = Math.max(0, ...(safe.match(/`+/g) ?? []).map((run) => run.length));
  const fence = "`".repeat(Math.max(3, longest + 1));
  return [`${fence}ts`, safe, fence, ""];
}

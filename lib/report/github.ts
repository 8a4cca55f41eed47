import { plainText } from "../plain_text.ts";
import { type Finding, sentenceOf } from "./finding.ts";

/** Formats findings as GitHub Actions annotations. Notices and accepted findings are left out. */
export function renderGithub(findings: readonly Finding[], summary: string): string {
  const lines = findings
    .filter(({ level, allowed }) => level !== "notice" && allowed === undefined)
    .map((finding) => {
      const { level, rule, details, file } = finding;
      const location = file === undefined ? "" : `file=${escapeProperty(file)},`;
      const text = escapeData([sentenceOf(finding), ...details].join("\n"));
      return `::${level} ${location}title=${escapeProperty(`pyrpc ${rule}`)}::${text}`;
    });
  return `${[...lines, `::notice title=pyrpc::${escapeData(summary)}`].join("\n")}\n`;
}

/** The bytes of annotations: a console escapes workflow commands in text. */
export function workflowCommands(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

// A line break would end the workflow command and start another one.
function escapeData(text: string): string {
  return plainText(text).replaceAll("%", "%25").replaceAll("\r", "%0D").replaceAll("\n", "%0A");
}

function escapeProperty(text: string): string {
  return escapeData(text).replaceAll(":", "%3A").replaceAll(",", "%2C");
}

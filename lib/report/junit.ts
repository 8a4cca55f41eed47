import { plainText } from "../plain_text.ts";
import { type Finding, isError } from "./finding.ts";

/**
 * Formats findings as JUnit XML: one test case each, failed for an error, skipped for an accepted finding.
 *
 * @param passed names of test cases without a finding
 */
export function renderJunit(
  findings: readonly Finding[],
  suite: string,
  passed: readonly string[] = [],
): string {
  const cases = [
    ...passed.map((name) => [
      `    <testcase classname="${escapeXml(suite)}" name="${escapeXml(name)}"/>`,
    ]),
    ...findings.map(testCase),
  ];
  if (cases.length === 0) {
    cases.push([`    <testcase classname="${escapeXml(suite)}" name="nothing found"/>`]);
  }
  const failures = findings.filter(isError).length;
  const skipped = findings.filter(({ allowed }) => allowed !== undefined).length;
  const counts = `tests="${cases.length}" failures="${failures}" skipped="${skipped}" errors="0"`;
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<testsuites ${counts}>`,
    `  <testsuite name="${escapeXml(suite)}" ${counts}>`,
    ...cases.flat(),
    "  </testsuite>",
    "</testsuites>",
    "",
  ].join("\n");
}

function testCase(finding: Finding): string[] {
  const { rule, level, subject, message, details, allowed, file } = finding;
  const location = file === undefined ? "" : ` file="${escapeXml(file)}"`;
  const text = escapeXml([message, ...details].join("\n"));
  const outcome = allowed !== undefined
    ? `<skipped message="${escapeXml(allowed)}"/>`
    : level === "error"
    ? `<failure message="${escapeXml(message)}" type="${escapeXml(rule)}">${text}</failure>`
    : `<system-out>${level}: ${text}</system-out>`;
  return [
    `    <testcase classname="${escapeXml(rule)}" name="${escapeXml(subject)}"${location}>`,
    `      ${outcome}`,
    "    </testcase>",
  ];
}

const ENTITIES: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "\n": "&#10;",
};

// XML 1.0 cannot represent control characters and lone surrogates, not even as references.
const NOT_IN_XML = /[\u0000-\u0008\u000b-\u001f\ufffe\uffff]|[\ud800-\udfff](?![\udc00-\udfff])/gu;

function escapeXml(text: string): string {
  return plainText(text.replace(NOT_IN_XML, "\ufffd"))
    .replace(/[&<>"\n]/g, (character) => ENTITIES[character] ?? character);
}

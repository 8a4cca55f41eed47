import {
  changeFinding,
  type DiffReport,
  impactLines,
  positionText,
  sentenceOf,
} from "../../lib/report/mod.ts";
import type { DevSession } from "../../lib/dev/mod.ts";
import type { Console } from "../../lib/runtime/mod.ts";
import { plainText, type Style, styleFor } from "../../lib/terminal/mod.ts";

/** The lines of the clients that break, each change with its own; then the clients that were not, or not all, compiled. */
export function brokenLinesTexts(
  { report: { changes, otherLines = [], clients = [] }, milliseconds }: {
    readonly report: DiffReport;
    readonly milliseconds?: number;
  },
  style: Style,
): string[] {
  const time = milliseconds === undefined ? "" : style.dim(` ${Math.round(milliseconds)} ms`);
  const problems = clients.flatMap(({ root, problem }) =>
    problem === undefined ? [] : [{ root, problem }]
  );
  const broken = new Set(
    [...changes.flatMap(({ impact }) => impact?.lines ?? []), ...otherLines].map(positionText),
  );
  const title = broken.size > 0
    ? [
      `  ${style.red("✗")} ${
        broken.size === 1
          ? "1 line of the clients breaks"
          : `${broken.size} lines of the clients break`
      }${time}`,
    ]
    : problems.length === clients.length
    ? []
    : [`  ${style.green("✓")} No line of the clients breaks${time}`];
  return [
    ...title,
    ...changes.flatMap((change) => {
      const { impact, severity } = change;
      if (impact === undefined) return [];
      if (impact.lines.length === 0 && severity !== "breaking") return [];
      const finding = changeFinding(change);
      return [
        `    ${style.cyan(finding.rule)}  ${plainText(sentenceOf(finding))}`,
        ...impactLines(impact).map((line) => `        ${plainText(line)}`),
      ];
    }),
    ...otherLines.map((line) =>
      `    ${plainText(`${positionText(line)} ${line.code} ${line.message.split("\n")[0]}`)}`
    ),
    ...problems.flatMap(({ root, problem }) => [
      `  ${style.yellow("⚠")} Cannot compile ${plainText(root)}: ${plainText(problem.message)}`,
      ...problem.fix.map((fix) => `      ${style.cyan("fix:")} ${plainText(fix)}`),
    ]),
    ...clients.flatMap(({ root, notes }) =>
      notes.map((note) => `  ${style.yellow("⚠")} ${plainText(`${root}: ${note}`)}`)
    ),
  ];
}

/** The command `lines` of the console: compiles the clients now. */
export async function listBrokenLines(
  { session, console }: { readonly session: DevSession; readonly console: Console },
): Promise<void> {
  const print = (text: string) => console.stderr.write(`${text}\n`);
  if (session.contract === undefined) {
    return print("  No procedures yet: the backend has to load once");
  }
  const report = await session.brokenLines();
  if (report === undefined) return print("  Cancelled, because the backend has changed");
  brokenLinesTexts({ report }, styleFor(console.stderr, console.env)).forEach(print);
}

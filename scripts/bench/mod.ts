/** A benchmark: its tables, rows and options. */

/** One line of a table. */
export interface BenchRow {
  readonly what: string;
  readonly ours: string;
  readonly peer: string;
  readonly ratio: string;
  /** The bound. */
  readonly wanted: string;
  readonly holds: boolean;
}

/** One table. */
export interface BenchResult {
  readonly title: string;
  /** The method, in one or two sentences. */
  readonly note: string;
  readonly rows: readonly BenchRow[];
}

/** Options of a run. */
export interface BenchOptions {
  /** Measured runs of each program. */
  readonly runs: number;
}

/** A table as Markdown. */
export function formatTable({ title, note, rows }: BenchResult, heading: string): string {
  const cells = rows.map(({ what, ours, peer, ratio, wanted, holds }) =>
    `| ${what} | ${ours} | ${peer} | ${ratio} | ${wanted} | ${holds ? "yes" : "**no**"} |`
  );
  return [
    `## ${title}`,
    `${note} ${heading}`,
    [
      "| measured | pyrpc | other tool | ratio | target | met |",
      "| --- | --- | --- | --- | --- | --- |",
      ...cells,
    ]
      .join("\n"),
  ].join("\n\n");
}

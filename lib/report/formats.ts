/** Formats of a report. */
export const REPORT_FORMATS = ["text", "json", "github", "junit", "markdown"] as const;
/** One of the {@link REPORT_FORMATS}. */
export type ReportFormat = (typeof REPORT_FORMATS)[number];

import { stringifyJson } from "../json/mod.ts";
import { consoleReporter } from "../cli/mod.ts";
import { counted } from "../counted.ts";
import { ExitCode } from "../errors.ts";
import type { ProxySummary } from "../proxy/mod.ts";
import type { Console } from "../runtime/mod.ts";
import { requestLines } from "../serve/log/mod.ts";
import { plainText, styleFor } from "../terminal/mod.ts";
import { bannerJson, bannerText, procedureCount } from "./banner.ts";
import type { DumpedAnswers } from "./dump_answers.ts";
import type { RecordingResult } from "./recorder.ts";
import type { ServedMock, ServeMockEvents } from "./serve_mock.ts";
import type { MockSession } from "./session.ts";
import { summaryText, violationText } from "./summary_text.ts";

/** Options of {@link consoleView}. */
export interface ConsoleViewOptions {
  /** The name of the command, for the banner. */
  readonly title: string;
  readonly json: boolean;
  readonly quiet: boolean;
  readonly path?: string;
  readonly explorer: boolean;
  /** Formats the summary of a proxy as a report, which goes to stdout. */
  readonly render?: (summary: ProxySummary) => string | Uint8Array;
  /** Return exit code 1 if the upstream server violated the contract. @default {false} */
  readonly failOnViolation?: boolean;
}

/** Prints the events and results of a session. */
export interface ConsoleView extends ServeMockEvents {
  /** Prints the result of a server. Returns the exit code of the command. */
  served(result: ServedMock): number;
  /** Prints the result of a dump. Returns the exit code of the command. */
  dumped(result: DumpedAnswers): ExitCode;
}

/** Makes a view that prints text on stderr, or JSON on stdout. */
export function consoleView(console: Console, options: ConsoleViewOptions): ConsoleView {
  const { title, json, quiet, path, explorer, failOnViolation = false, render } = options;
  const style = styleFor(console.stderr, console.env);
  const { note, warn, failed } = consoleReporter(console);
  const requests = requestLines(options, console);
  const printJson = (value: unknown) => console.stdout.write(`${stringifyJson(value)}\n`);
  let session: MockSession | undefined;
  return {
    note,
    warn,
    failed,
    call: requests.observe,
    flush: requests.flush,
    output: (line) => console.stderr.write(`${plainText(line)}\n`),
    violation: (violation) => warn(violationText(violation)),
    reloaded(what) {
      const count = session === undefined ? "" : `: ${procedureCount(session.contract)}`;
      note(`New ${what}${count}`);
    },
    listening(urls, started, origins) {
      session = started;
      if (json) console.stdout.write(bannerJson({ urls, session }));
      else if (!quiet) {
        const hasDefaultPath = path === undefined;
        const banner = { title, urls, session, origins, hasDefaultPath, hasExplorer: explorer };
        console.stderr.write(bannerText(banner, style));
      }
    },
    summary(summary) {
      if (json) printJson({ event: "summary", ...summary });
      else console.stderr.write(summaryText(summary, style));
      if (render !== undefined) console.stdout.write(render(summary));
    },
    served({ exitCode, violations, recording }) {
      if (recording !== undefined) note(recordingText(recording));
      return failOnViolation && violations > 0 ? ExitCode.No : exitCode;
    },
    dumped(result) {
      const { folder, files, failures } = result;
      if (json) printJson({ event: "dumped", ...result });
      else {
        for (const { procedure, message } of failures) warn(`${procedure}: ${message}`);
        note(`${counted(files.length, "answer")} written to ${folder}`);
      }
      return failures.length === 0 ? ExitCode.Ok : ExitCode.No;
    },
  };
}

function recordingText({ calls, path }: RecordingResult): string {
  return calls === 0 ? "No calls were recorded" : `${counted(calls, "call")} recorded in ${path}`;
}

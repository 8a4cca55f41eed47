import type { HostReports } from "./mode.ts";

/** Says one text for one of the parent's outputs. */
export type ReportOne = (to: string, text: string) => void;

/** Sends the texts of a turn of the event loop together: a message for each would cost more than the call that it tells of. */
export function reporter(send: (reports: HostReports) => void): {
  readonly add: ReportOne;
  flush(): void;
} {
  let waiting: [string, string][] = [];
  const flush = () => {
    if (waiting.length === 0) return;
    const reports = waiting;
    waiting = [];
    send(reports);
  };
  return {
    add(to, text) {
      if (waiting.length === 0) setImmediate(flush);
      const last = waiting.at(-1);
      if (last?.[0] === to) last[1] += text;
      else waiting.push([to, text]);
    },
    flush,
  };
}

import type { HostReports } from "./mode.ts";

/** Adds one text for one of the parent's outputs. */
export type ReportOne = (to: string, text: string) => void;

/** Collects texts and sends those of one tick of the event loop together: a message each would cost more than a call. */
export function reportQueue(send: (reports: HostReports) => void): {
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

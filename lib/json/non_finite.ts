import { readJson } from "./read.ts";

/**
 * Replaces `NaN` and `Infinity`, which Python's `json` writes, with `null`. Returns undefined if the text has none, or
 * is not JSON.
 */
export function withoutNonFinite(text: string): string | undefined {
  if (!/NaN|Infinity/.test(text)) return undefined;
  let plain = "";
  let from = 0;
  const fault = readJson(text, {
    scalar(start, end) {
      if (!/^(?:NaN|-?Infinity)$/.test(text.slice(start, Math.min(end, start + 10)))) return;
      plain += `${text.slice(from, start)}null`;
      from = end;
    },
  }, { nonFinite: true });
  return fault !== undefined || from === 0 ? undefined : plain + text.slice(from);
}

import type { Console } from "../../lib/runtime/mod.ts";

/** A Console for functions that only print, and what they printed. */
export function capturedConsole(): {
  readonly console: Console;
  readonly stdout: () => string;
  readonly stderr: () => string;
} {
  const out = captured();
  const err = captured();
  const streams = { stdout: out.stream, stderr: err.stream, env: { NO_COLOR: "1" }, cwd: "/" };
  // Functions that print use no other member.
  return { console: streams as unknown as Console, stdout: out.text, stderr: err.text };
}

function captured() {
  let text = "";
  const write = (chunk: string | Uint8Array) => void (text += String(chunk));
  return { stream: { isTerminal: false, columns: 80, write }, text: () => text };
}

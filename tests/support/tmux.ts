/**
 * A real terminal for a program: tmux, whose keys a test presses and whose screen it reads.
 *
 * @module
 */

import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import process from "node:process";
import { setTimeout as delay } from "node:timers/promises";
import { promisify } from "node:util";
import { requireTool } from "./external.ts";

const tmux = requireTool("tmux");
/** For `test(name, { skip: tmuxSkip }, …)`. */
export const tmuxSkip: string | false = tmux.skip;

/** A program on a terminal of 100 × 40. */
export interface Terminal extends AsyncDisposable {
  /** Presses keys, by tmux's names (`Enter`, `Down`, `C-c`) or as text. */
  press(...keys: string[]): Promise<void>;
  /** The screen once `text` stands on it. `EXIT:` is there when the program has ended, with its exit code. */
  screenWith(text: string): Promise<string>;
  /** The screen with the sequences of its colors. */
  styledScreen(): Promise<string>;
  /** Changes the size, as dragging the corner of a window does. */
  resize(columns: number, rows: number): Promise<void>;
  /** Closes the terminal, as closing its window does. */
  close(): Promise<void>;
}

let terminals = 0;

/** Starts a program without `CI` and `NO_COLOR` on a terminal of its own. */
export async function startTerminal(words: readonly string[], cwd: string): Promise<Terminal> {
  // A server of its own for each, so that the user's tmux is not touched. A server ends with its last session, and a request
  // for a new session at that moment fails with "exited unexpectedly".
  const socket = `pyrpc-test-${process.pid}-${terminals++}`;
  const inTmux = async (...args: string[]): Promise<string> =>
    (await promisify(execFile)(tmux.path, ["-L", socket, "-f", "/dev/null", ...args])).stdout;
  const quoted = words.map((word) => `'${word.replaceAll("'", `'\\''`)}'`).join(" ");
  const command = `env -u CI -u NO_COLOR TERM=tmux-256color PATH='${
    process.env["PATH"]
  }' ${quoted}; echo "EXIT:$?"; exec cat`;
  const size = ["-x", "100", "-y", "40"];
  await inTmux("new-session", "-d", "-s", "terminal", ...size, "-c", cwd, command);
  return {
    async press(...keys) {
      await inTmux("send-keys", "-t", "terminal", ...keys);
    },
    async screenWith(text) {
      let screen = "";
      for (let tries = 0; tries < 600; tries++) {
        screen = await inTmux("capture-pane", "-p", "-t", "terminal").catch(() => "");
        if (screen.includes(text)) return screen;
        await delay(50);
      }
      assert.fail(`"${text}" did not appear:\n${screen}`);
    },
    async styledScreen() {
      return await inTmux("capture-pane", "-p", "-e", "-t", "terminal");
    },
    async resize(columns, rows) {
      await inTmux("resize-window", "-t", "terminal", "-x", `${columns}`, "-y", `${rows}`);
    },
    async close() {
      await inTmux("kill-server");
    },
    async [Symbol.asyncDispose]() {
      await inTmux("kill-server").catch(() => {});
    },
  };
}

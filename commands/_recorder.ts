import * as proxy from "../lib/proxy/mod.ts";
import { realpathSync } from "node:fs";
import { resolve } from "node:path";
import { ToolError, usageError } from "../lib/errors.ts";
import type { PassedCall } from "../lib/proxy/mod.ts";
import type { Console } from "../lib/runtime/mod.ts";
import type { Reporter } from "../lib/cli/mod.ts";

/** A recording and its file, which is written again and again while calls pass. */
export interface Recorder {
  add(passed: PassedCall): void;
  /** Writes what is not in the file yet; warns if that fails. */
  save(): void;
  /** Writes what is not in the file yet, and prints where it is. @throws ToolError */
  finish(): void;
}

/** The flags that a {@link Recorder} depends on. */
export interface RecorderFlags {
  readonly record?: string;
  readonly examples?: string;
}

const SHORTEST_PAUSE_MS = 200;
/** Writing takes at most one part in so many of the time. */
const SHARE = 20;

/**
 * Opens the file of `--record`. Only a recording that nobody edited is replaced, and only once a call has passed.
 *
 * @throws ToolError if the file cannot be written or is not a recording
 */
export async function openRecorder(
  flags: RecorderFlags & { readonly record: string },
  console: Console,
  say: Reporter,
): Promise<Recorder> {
  const delivery = await import("../lib/delivery/mod.ts");
  let path = resolve(console.cwd, flags.record);
  if (flags.examples !== undefined && isSameFile(path, resolve(console.cwd, flags.examples))) {
    throw usageError(
      "--record would replace the file of --examples",
      `Record to another file: --record "${delivery.freeNeighbour(path)}"`,
    );
  }
  const recording = proxy.startRecording();
  const plan = (mayReplace: (digest: string) => boolean) =>
    delivery.planFile(path, recording.format(), {
      flag: "--record",
      mayReplace(present) {
        const digest = proxy.recordingDigest(present);
        return present.trim() === "" || (digest !== undefined && mayReplace(digest));
      },
    });
  // The recording that is there at the start is replaced, and what was written since. One that another program writes is not.
  const atStart = plan(() => true);
  delivery.assertApplicable(atStart);
  let replaced = proxy.recordingDigest(delivery.checkPlan(atStart)[0]?.before ?? "");
  const write = () => {
    const current = plan((digest) => digest === replaced);
    delivery.applyPlan(current);
    replaced = proxy.recordingDigest(current.files[0]!.content);
    isSaved = true;
  };
  const writeSomewhere = () => {
    try {
      write();
    } catch (error) {
      if (!(error instanceof ToolError) || error.code !== "TARGET_FOREIGN") throw error;
      const other = delivery.freeNeighbour(path);
      say.warn(`${path} was changed by another program: recording to ${other}`);
      path = other;
      write();
    }
  };
  let isSaved = true;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let pause = SHORTEST_PAUSE_MS;
  let warned: string | undefined;
  const save = () => {
    clearTimeout(timer);
    timer = undefined;
    if (isSaved) return;
    const start = console.monotonic();
    try {
      writeSomewhere();
      warned = undefined;
    } catch (error) {
      const text = `The recording is not saved: ${(error as Error).message}`;
      if (text !== warned) say.warn(text);
      warned = text;
    }
    pause = Math.max(SHORTEST_PAUSE_MS, (console.monotonic() - start) * SHARE);
  };
  return {
    add(passed) {
      recording.add(passed);
      isSaved = false;
      timer ??= setTimeout(save, pause);
    },
    save,
    finish() {
      clearTimeout(timer);
      if (!isSaved) writeSomewhere();
      say.note(
        recording.size === 0
          ? "No calls were recorded"
          : `${recording.size} calls recorded in ${path}`,
      );
    },
  };
}

function isSameFile(left: string, right: string): boolean {
  return realPath(left) === realPath(right);
}

function realPath(path: string): string {
  try {
    return realpathSync.native(path);
  } catch {
    return path;
  }
}

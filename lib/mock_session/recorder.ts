import { realpathSync } from "node:fs";
import {
  applyPlan,
  assertApplicable,
  checkPlan,
  type FilePlan,
  freeNeighbour,
  planFile,
} from "../delivery/mod.ts";
import { ToolError } from "../errors.ts";
import { type PassedCall, type Recording, recordingDigest, startRecording } from "../proxy/mod.ts";
import type { Clock } from "../runtime/mod.ts";
import { recordReplacesExamples } from "./errors.ts";

/** Options of a {@link Recorder}. */
export interface RecorderOptions {
  /** Absolute path of the file to write. */
  readonly path: string;
  /** Absolute path of the file of `--examples`, which a recording must not replace. */
  readonly examples: string | undefined;
  /** Add to the recording that is there. @default {false} */
  readonly appends?: boolean;
  /** Keep passwords, tokens and the like. @default {false} */
  readonly keepsSecrets?: boolean;
  readonly clock: Clock;
  readonly warn: (text: string) => void;
}

/** A finished recording. */
export interface RecordingResult {
  readonly calls: number;
  readonly path: string;
}

const MIN_PAUSE_MS = 200;
/** Pauses last this many times as long as the last write. */
const PAUSE_FACTOR = 20;

/**
 * Records calls in a file of examples, which is rewritten while calls pass.
 *
 * It replaces only a recording that was not edited, and only once a call has passed.
 */
export class Recorder {
  readonly #recording: Recording;
  readonly #options: RecorderOptions;
  #path: string;
  /** The recording that may be replaced: the one present at the start, then the last one written. */
  #replaceable: string;
  #isSaved = true;
  #cancelTimer: (() => void) | undefined;
  #pause = MIN_PAUSE_MS;
  #lastWarning: string | undefined;

  /** @throws ToolError if the file cannot be written or is not a recording */
  constructor(options: RecorderOptions) {
    const { path, examples, appends = false, keepsSecrets = false, warn } = options;
    if (examples !== undefined && realPath(path) === realPath(examples)) {
      throw recordReplacesExamples(freeNeighbour(path));
    }
    this.#options = options;
    this.#path = path;
    const plan = this.#plan("", () => true);
    assertApplicable(plan);
    const before = checkPlan(plan)[0]?.before ?? "";
    this.#replaceable = before;
    const format = /\.ya?ml$/i.test(path) ? "yaml" : "json";
    this.#recording = startRecording({
      format,
      keepsSecrets,
      warn,
      ...(appends ? { before } : {}),
    });
  }

  /** Adds a call and schedules a write. */
  add(passed: PassedCall): void {
    this.#recording.add(passed);
    this.#isSaved = false;
    this.#cancelTimer ??= this.#options.clock.after(this.#pause, () => this.save());
  }

  /** Writes unsaved calls; warns if that fails. */
  save(): void {
    this.#stopTimer();
    if (this.#isSaved) return;
    const { clock, warn } = this.#options;
    const start = clock.monotonic();
    try {
      this.#writeOrMove();
      this.#lastWarning = undefined;
    } catch (error) {
      const text = `Cannot save the recording: ${(error as Error).message}`;
      if (text !== this.#lastWarning) warn(text);
      this.#lastWarning = text;
    }
    this.#pause = Math.max(MIN_PAUSE_MS, (clock.monotonic() - start) * PAUSE_FACTOR);
  }

  /** Writes unsaved calls. @throws ToolError if the file cannot be written */
  finish(): RecordingResult {
    this.#stopTimer();
    if (!this.#isSaved) this.#writeOrMove();
    return { calls: this.#recording.size, path: this.#path };
  }

  #stopTimer(): void {
    this.#cancelTimer?.();
    this.#cancelTimer = undefined;
  }

  #writeOrMove(): void {
    try {
      this.#write();
    } catch (error) {
      if (!(error instanceof ToolError) || error.code !== "TARGET_FOREIGN") throw error;
      const other = freeNeighbour(this.#path);
      this.#options.warn(
        `${this.#path} was changed by another program: recording to ${other}`,
      );
      this.#path = other;
      this.#write();
    }
  }

  #write(): void {
    const text = this.#recording.format();
    const mayReplace = (digest: string) => digest === recordingDigest(this.#replaceable);
    applyPlan(this.#plan(text, mayReplace));
    this.#replaceable = text;
    this.#isSaved = true;
  }

  #plan(text: string, mayReplace: (digest: string) => boolean): FilePlan {
    return planFile(this.#path, text, {
      flag: "--record",
      isPrivate: true,
      mayReplace: (present) => {
        // Parsing is for a file that another program has formatted.
        if (present.trim() === "" || present === this.#replaceable) return true;
        const digest = recordingDigest(present);
        return digest !== undefined && mayReplace(digest);
      },
    });
  }
}

function realPath(path: string): string {
  try {
    return realpathSync.native(path);
  } catch {
    return path;
  }
}

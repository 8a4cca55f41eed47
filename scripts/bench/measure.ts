/** Time and memory of whole processes, and medians of rounds. */

import { existsSync } from "node:fs";
import { readFile, rm } from "node:fs/promises";
import { run, type RunOptions } from "../project.ts";
import { tempFolder } from "../../tests/support/temp_folder.ts";

/** One process from start to end. */
export interface Measurement {
  readonly milliseconds: number;
  /** Peak resident memory in MiB; undefined where `/usr/bin/time` is missing. */
  readonly peakMiB: number | undefined;
}

/** A program to measure. */
export interface Program {
  readonly command: string;
  readonly args: readonly string[];
  readonly options?: RunOptions;
  /** A file that is removed before each run. */
  readonly makes?: string;
  /** Runs before each start and is not measured. */
  readonly before?: () => Promise<void>;
}

/**
 * Runs each program `runs` times, taking turns so that a busy moment of the machine hits all of them, after one unmeasured
 * run of each. Returns each one's median.
 */
export async function medians(
  programs: Readonly<Record<string, Program>>,
  runs: number,
): Promise<Record<string, Measurement>> {
  const all = new Map<string, Measurement[]>();
  for (let round = 0; round <= runs; round++) {
    for (const [name, program] of Object.entries(programs)) {
      const measured = await measure(program);
      if (round > 0) all.set(name, [...all.get(name) ?? [], measured]);
    }
  }
  return Object.fromEntries([...all].map(([name, list]) => [name, medianOf(list)]));
}

function medianOf(list: readonly Measurement[]): Measurement {
  const sorted = [...list].sort((a, b) => a.milliseconds - b.milliseconds);
  const middle = sorted[Math.floor((sorted.length - 1) / 2)];
  if (middle === undefined) throw new Error("Nothing was measured");
  const peaks = list.map((each) => each.peakMiB).filter((peak) => peak !== undefined);
  // Uses the highest peak instead of the median, because a bound must hold every time.
  return { ...middle, peakMiB: peaks.length === 0 ? undefined : Math.max(...peaks) };
}

/** Runs one program once. Throws if it fails, because a failed run has no speed. */
export async function measure(
  { command, args, options, makes, before }: Program,
): Promise<Measurement> {
  if (makes !== undefined) await rm(makes, { force: true });
  await before?.();
  await using folder = await tempFolder();
  const report = folder.at("peak");
  const isWeighed = existsSync("/usr/bin/time");
  const start = performance.now();
  const { code, stdout, stderr } = isWeighed
    ? await run("/usr/bin/time", ["-f", "%M", "-o", report, command, ...args], options)
    : await run(command, args, options);
  const milliseconds = performance.now() - start;
  if (code !== 0) {
    throw new Error(`${command} ${args.join(" ")} ended with ${code}:\n${stdout}${stderr}`);
  }
  if (!isWeighed) return { milliseconds, peakMiB: undefined };
  return { milliseconds, peakMiB: Number(await readFile(report, "utf8")) / 1024 };
}

/**
 * Runs something and polls a memory size every 50 ms. Returns the highest size: between two garbage collections it changes
 * by a third.
 */
export async function peakDuring<T>(
  weigh: () => number,
  run: () => Promise<T>,
): Promise<[made: T, peak: number]> {
  let peak = weigh();
  const poll = () => peak = Math.max(peak, weigh());
  const timer = setInterval(poll, 50);
  try {
    const made = await run();
    poll();
    return [made, peak];
  } finally {
    clearInterval(timer);
  }
}

/**
 * Returns the round of the median ratio of ours to the other's. The speed of the machine changes between rounds, so that
 * only measurements of one round are compared.
 */
export function roundOfMedianRatio<Measurement>(
  rounds: readonly (readonly Measurement[])[],
  amount: (measurement: Measurement) => number,
): readonly Measurement[] {
  const ratio = ([ours, theirs]: readonly Measurement[]) =>
    amount(ours!) / (theirs === undefined ? 1 : amount(theirs));
  return [...rounds].sort((a, b) => ratio(a) - ratio(b))[Math.floor(rounds.length / 2)]!;
}

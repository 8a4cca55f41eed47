/** HTTP servers under load by wrk. */

import { join } from "node:path";
import { requireTool } from "../../tests/support/external.ts";
import { tempFolder } from "../../tests/support/temp_folder.ts";
import { run } from "../project.ts";

/** A server and its requests. */
export interface Target {
  readonly url: string;
  /** A wrk script. */
  readonly script: string;
}

/** The result of one load. */
export interface Load {
  /** Requests per second. */
  readonly rate: number;
  readonly requests: number;
  /** Milliseconds. */
  readonly p50: number;
  readonly p99: number;
}

/** Options of a load. */
export interface LoadOptions {
  readonly connections: number;
  readonly rounds: number;
}

const SECONDS = 2;
/** The engine compiles hot code in the first seconds. */
const WARM_UP_SECONDS = 3;

/** Loads each target once per round, in reversed order in every other round, after a warm-up round. */
export async function loadInTurns<Name extends string>(
  targets: Readonly<Record<Name, Target>>,
  { connections, rounds }: LoadOptions,
): Promise<readonly Readonly<Record<Name, Load>>[]> {
  const names = Object.keys(targets) as Name[];
  const all: Record<Name, Load>[] = [];
  for (let round = 0; round <= rounds; round++) {
    const seconds = round === 0 ? WARM_UP_SECONDS : SECONDS;
    const loads = {} as Record<Name, Load>;
    for (const name of round % 2 === 0 ? names : names.toReversed()) {
      loads[name] = await runWrk(targets[name], connections, seconds);
    }
    if (round > 0) all.push(loads);
  }
  return all;
}

/** Loads a target once. */
export async function runWrk(
  { url, script }: Target,
  connections: number,
  seconds = SECONDS,
): Promise<Load> {
  await using folder = await tempFolder({ "script.lua": script });
  const file = join(folder.path, "script.lua");
  const args = [
    "-t1",
    `-c${connections}`,
    `-d${seconds}s`,
    "--latency",
    "--timeout",
    "30s",
    "-s",
    file,
    url,
  ];
  const { code, stdout, stderr } = await run(requireTool("wrk").path, args);
  if (code !== 0 || /Non-2xx|Socket errors/.test(stdout)) {
    throw new Error(`wrk failed at ${url}:\n${stdout}${stderr}`);
  }
  const number = (pattern: RegExp) => {
    const match = pattern.exec(stdout);
    if (match === null) throw new Error(`wrk printed no ${pattern}:\n${stdout}`);
    const unit = { us: 0.001, ms: 1, s: 1000 }[match[2] ?? "ms"]!;
    return Number(match[1]) * unit;
  };
  return {
    rate: number(/Requests\/sec:\s+([\d.]+)/),
    requests: number(/(\d+) requests in/),
    p50: number(/^\s+50%\s+([\d.]+)(us|ms|s)/m),
    p99: number(/^\s+99%\s+([\d.]+)(us|ms|s)/m),
  };
}

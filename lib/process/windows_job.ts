/** A job object of Windows: the system ends its processes with the process that made it, however that one ends. */
import { Buffer } from "node:buffer";
import process from "node:process";

interface Kernel32 {
  CreateJobObjectW(attributes: null, name: null): bigint;
  SetInformationJobObject(job: bigint, kind: number, limits: Uint8Array, size: number): number;
  OpenProcess(access: number, inherits: number, pid: number): bigint;
  AssignProcessToJobObject(job: bigint, child: bigint): number;
  CloseHandle(handle: bigint): number;
}

interface BunFfi {
  dlopen(library: string, signatures: unknown): { readonly symbols: unknown };
}

const SIGNATURES = {
  CreateJobObjectW: { args: ["ptr", "ptr"], returns: "u64" },
  SetInformationJobObject: { args: ["u64", "i32", "ptr", "u32"], returns: "i32" },
  OpenProcess: { args: ["u32", "i32", "u32"], returns: "u64" },
  AssignProcessToJobObject: { args: ["u64", "u64"], returns: "i32" },
  CloseHandle: { args: ["u64"], returns: "i32" },
};

// JOBOBJECT_EXTENDED_LIMIT_INFORMATION on 64-bit Windows: its size, and the flags of its basic limits.
const EXTENDED_LIMITS = 9;
const LIMITS_SIZE = 144;
const FLAGS_OFFSET = 16;
// Without a flag that lets processes leave: those that a Node below starts leave Node's job, and every job above that allows it.
const KILL_ON_JOB_CLOSE = 0x2000;
const PROCESS_SET_QUOTA_AND_TERMINATE = 0x0101;

/**
 * Ends a child and all processes that it starts from now on with this process, even if this one is killed.
 *
 * @returns false if this engine is not Bun, or the system refuses
 */
export function endWithThisProcess(pid: number): boolean {
  const kernel = openKernel32();
  if (kernel === undefined) return false;
  const job = kernel.CreateJobObjectW(null, null);
  if (job === 0n) return false;
  const limits = Buffer.alloc(LIMITS_SIZE);
  limits.writeUInt32LE(KILL_ON_JOB_CLOSE, FLAGS_OFFSET);
  const child = kernel.OpenProcess(PROCESS_SET_QUOTA_AND_TERMINATE, 0, pid);
  // The handle of the job is never closed: the system closes it when this process ends.
  const isAssigned = child !== 0n &&
    kernel.SetInformationJobObject(job, EXTENDED_LIMITS, limits, LIMITS_SIZE) !== 0 &&
    kernel.AssignProcessToJobObject(job, child) !== 0;
  if (child !== 0n) kernel.CloseHandle(child);
  if (!isAssigned) kernel.CloseHandle(job);
  return isAssigned;
}

let opened: Kernel32 | undefined;

function openKernel32(): Kernel32 | undefined {
  if (opened !== undefined || process.platform !== "win32") return opened;
  const { getBuiltinModule } = process as { getBuiltinModule?: (name: string) => unknown };
  const ffi = getBuiltinModule?.("bun:ffi") as BunFfi | undefined;
  try {
    opened = ffi?.dlopen("kernel32.dll", SIGNATURES).symbols as Kernel32 | undefined;
  } catch {
    // A build of Bun without native calls.
  }
  return opened;
}

export { type Clock, systemClock } from "./clock.ts";
export * from "./console.ts";

export { errorWithPosition, lateErrorLines } from "./late_error_lines.ts";
export { onLateError } from "./on_late_error.ts";

export { keepStdoutForData } from "./keep_stdout_for_data.ts";
export { scheduleForcedExit } from "./force_exit.ts";
export { createProcessConsole } from "./process_console.ts";
export { untilSignal } from "./until_signal.ts";

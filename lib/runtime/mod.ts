export { type Clock, systemClock } from "./clock.ts";
export * from "./console.ts";
export { loadUserModule, type UserModule } from "./load_user_module.ts";
export { lateErrorLines } from "./late_error_lines.ts";
export { onLateError } from "./on_late_error.ts";
export { localImports } from "./local_imports.ts";
export { keepStdoutForData } from "./free_stdout.ts";

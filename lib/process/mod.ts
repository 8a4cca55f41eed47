export { childEnvironment } from "./child_environment.ts";
export { isBatchFile } from "./command_line.ts";
export { isProgram, programsOnPath } from "./find_program.ts";
export { openInBrowser } from "./open_in_browser.ts";
export { type ProgramResult, runProgram, type RunProgramOptions } from "./run_program.ts";
export { startProgram, type StartProgramOptions } from "./start_program.ts";
export { type RunningCommand, startCommand, type StartCommandOptions } from "./start_command.ts";
export { loadUserModule, type UserModule } from "./load_user_module.ts";
export { localImports } from "./local_imports.ts";

/**
 * Child processes. All are started in this folder, so that one rule holds: **a child ends with this process, also if this
 * process is killed.** What ends it then:
 *
 * | child, started by | POSIX | Windows, Bun (the executable) | Windows, Node |
 * | --- | --- | --- | --- |
 * | command of `--exec` and `doctor --fix`, `startCommand` | a watching shell kills its group | a job object | a supervisor ends its tree |
 * | Python worker, `startProgram` | its standard input closes: it kills its group | the engine; what it started ends by its own job object | the same |
 * | compiler of a client, `startProgram` | its standard input closes: it ends after the step that it computes | the engine | the engine |
 * | child of `serve --mode forking`, `startChild` | its channel closes | not on Windows | not on Windows |
 * | question to a program (`git`, `npm`, `lsof`), `runProgram` | ends by itself | the engine; a batch file's program ends by itself | the same |
 *
 * "The engine": Bun and Node assign their children to a job object that ends with them. It does not contain what these children
 * start. A browser is started by the system, and stays. Where the command of `--exec` reads the keyboard of a terminal, only its
 * shell is killed on POSIX, because it has no group of its own. Deno on Windows is not covered.
 *
 * @module
 */
export { childEnvironment } from "./child_environment.ts";
export { isBatchFile } from "./command_line.ts";
export { isProgram, programsOnPath } from "./find_program.ts";
export { openInBrowser } from "./open_in_browser.ts";
export { type ProgramResult, runProgram, type RunProgramOptions } from "./run_program.ts";
export { startProgram, type StartProgramOptions } from "./start_program.ts";
export { type RunningCommand, startCommand, type StartCommandOptions } from "./start_command.ts";
export { loadUserModule, type UserModule } from "./load_user_module.ts";
export { localImports } from "./local_imports.ts";

/** Sets up backends (`pyrpc.json`) and clients (`pyrpc-client.json`): answers, questions, and writing. @module */
export { hasAnswer } from "./answers.ts";
export type { SetupContext, SetupEvent } from "./context.ts";
export { type FirstRun, setUpOnFirstRun } from "./first_run.ts";
export type { Choice, Prompter } from "./prompter.ts";
export { INSTALL_SCRIPT, saveInstallScript } from "./install_script.ts";
export { setUpClient } from "./set_up_client.ts";
export { setUpProject } from "./set_up_project.ts";

/** The contract of a Python module. */
export { loadedModule, loadModule } from "./load_module.ts";

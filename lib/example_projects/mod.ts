/** The complete projects in `examples/`, which `pyrpc init --example` copies from inside the program. @module */
export { type CopiedExample, copyExample, type ExampleRequest } from "./copy_example.ts";
export { type ExampleName, loadFiles, RUN_COMMANDS } from "./examples.ts";

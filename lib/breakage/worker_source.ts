import compareErrors from "./worker/compare_errors.cjs" with { type: "text" };
import findCompiler from "./worker/find_compiler.cjs" with { type: "text" };
import main from "./worker/main.cjs" with { type: "text" };
import nativeCompiler from "./worker/native_compiler.cjs" with { type: "text" };
import overlay from "./worker/overlay.cjs" with { type: "text" };
import scriptCompiler from "./worker/script_compiler.cjs" with { type: "text" };
import skippedKinds from "./worker/skipped_kinds.cjs" with { type: "text" };
import uses from "./worker/uses.cjs" with { type: "text" };

/** Sources of the program that runs in the user's Node, by module name. A test compares them with the folder. */
export const WORKER_SOURCES: Readonly<Record<string, string>> = {
  compare_errors: compareErrors,
  find_compiler: findCompiler,
  main,
  native_compiler: nativeCompiler,
  overlay,
  script_compiler: scriptCompiler,
  skipped_kinds: skippedKinds,
  uses,
};

/**
 * The program that starts the worker: its sources are the first line of standard input, because a command line is too
 * short for them. `load` of a module returns another one.
 */
export const WORKER_START = `
const lines = require("node:readline").createInterface({ input: process.stdin })[Symbol.asyncIterator]();
lines.next().then(({ value }) => {
  const sources = JSON.parse(value);
  const modules = {};
  const load = (name) => {
    if (modules[name] === undefined) {
      const module = modules[name] = { exports: {} };
      const parameters = ["module", "exports", "require", "load", "lines"];
      new Function(...parameters, sources[name])(module, module.exports, require, load, lines);
    }
    return modules[name].exports;
  };
  load("main");
});`;

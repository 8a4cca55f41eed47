export {
  exampleResolver,
  type ExampleSet,
  parseExamples,
  type ParseExamplesOptions,
  type StatefulResolver,
} from "./example_set.ts";
export { readExamplesFile } from "./read_file.ts";
export { ABOUT, type ExampleError } from "./read.ts";

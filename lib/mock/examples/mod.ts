export {
  exampleResolver,
  type ExampleSet,
  parseExamples,
  type ParseExamplesOptions,
  type StatefulResolver,
} from "./example_set.ts";
export { readExamplesFile } from "./read_file.ts";
export { keyOf as argumentsKey } from "./case_index.ts";
export { ABOUT, type ExampleError, parseExamplesText } from "./read.ts";

export {
  createExampleSet,
  exampleResolver,
  type ExampleSet,
  type ExampleSetOptions,
  type StatefulResolver,
} from "./example_set.ts";
export { keyOf as argumentsKey } from "./case_index.ts";
export { ABOUT, type ExampleError, type ExamplesDocument } from "./read.ts";

export {
  exampleLayer,
  type ExampleSet,
  parseExamples,
  type ParseExamplesOptions,
} from "./example_set.ts";
export type { ExampleError } from "./read.ts";

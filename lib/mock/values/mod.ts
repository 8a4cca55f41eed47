export { createSampler, type Sampler, type SamplerOptions } from "./sampler.ts";

/** The random streams: generators, and what fills flat or strided memory from them. */

export { fillBernoulli, fillBernoulliFrom, fillDropoutMask } from "./bernoulli.ts";
export { fillCauchy, fillExponential, fillGeometric, fillLogNormal } from "./continuous.ts";
export { flat, type Destination } from "./destination.ts";
export { defaultGenerator, Generator, initialSeed, manualSeed, seed } from "./generator.ts";
export { fillIntegers, fillRandom } from "./integers.ts";
export { multinomial } from "./multinomial.ts";
export { fillNormal } from "./normal.ts";
export { randperm } from "./permutation.ts";
export type { Seed } from "./seed.ts";
export { fillTruncatedNormal } from "./truncated-normal.ts";
export { fillUniform } from "./uniform.ts";

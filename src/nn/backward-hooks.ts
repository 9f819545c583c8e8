/**
 * Backward hooks of modules: the gradients of a module's output and of its input, caught where the graph enters and
 * leaves the module.
 *
 * The tensors among input and output pass through an identity op whose backward rule is where the hooks run. The rule
 * at the output comes first in a backward pass and notes the gradient of the output; the one at the input has the
 * gradient of the input and calls the hooks with both.
 */

import { gradMode } from "../autograd/grad-mode.ts";
import { pythonTypeName } from "../autograd/history.ts";
import type { Gradients } from "../autograd/node.ts";
import { torchError } from "../errors.ts";
import { zeros } from "../ops/creation.ts";
import { jointOp } from "../ops/joint-op.ts";
import type { Op } from "../ops/op.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { isTensor, viewOf } from "../tensor/tensor.ts";
import { warn } from "../warnings.ts";
import type { RegisteredHook } from "./hook-tables.ts";
import { globalHooks } from "./hook-tables.ts";
import type { ModuleProtocol } from "./module-record.ts";
import { recordOf } from "./module-record.ts";

/** What a rule does with the gradients that pass through it. */
type Catch = (gradients: readonly (Tensor | null)[]) => readonly (Tensor | null)[];

/** The tensors as they are; `caught` sees and may replace their gradients. */
const passThrough: Op<(caught: Catch, ...tensors: Tensor[]) => readonly Tensor[]> = jointOp<
  [caught: Catch, ...tensors: Tensor[]],
  readonly Tensor[]
>({
  name: "backwardHook",
  gradName: () => "BackwardHookFunctionBackward",
  isView: true,
  tensors: (_caught, ...tensors) => tensors,
  forward: (_caught, ...tensors) =>
    tensors.map((tensor) => viewOf(tensor, tensor.shape, tensor.strides, tensor.offset)),
  backward(gradients, { wanted, outputs, args: [caught] }): Gradients {
    const all = outputs.map(({ shape, dtype }, k) => {
      if (wanted[k] !== true) return null;
      return gradients[k] ?? zeros(shape, { dtype });
    });
    return caught(all).slice();
  },
  result: (outputs) => outputs,
  samples: () => [],
});

/** What is known of one call between its input and its output. */
export interface BackwardWatch {
  readonly module: ModuleProtocol;
  /** The arguments for `forward`. */
  readonly input: unknown[];
  /** The places of the tensors among them; null where none requires a gradient. */
  readonly inputPlaces: readonly number[] | null;
  readonly hooks: readonly RegisteredHook[];
  readonly preHooks: readonly RegisteredHook[];
  /** The gradient of the output, from the moment it is known until the hooks were called. */
  outputGradients: readonly (Tensor | null)[] | null;
}

/** Prepares a call for the backward hooks of its module; null where there are none. */
export function watchInputs(module: ModuleProtocol, input: unknown[]): BackwardWatch | null {
  const { hooks } = recordOf(module);
  const own = [...globalHooks.of("backward"), ...hooks.of("backward")];
  const preHooks = [...globalHooks.of("backwardPre"), ...hooks.of("backwardPre")];
  if (own.length === 0 && preHooks.length === 0) return null;
  const inputPlaces = placesOfTensors(input);
  const watch: BackwardWatch = {
    module,
    input: input.slice(),
    inputPlaces,
    hooks: own,
    preHooks,
    outputGradients: null,
  };
  if (inputPlaces !== null) passPlaces(watch.input, inputPlaces, (gradients) => runHooks(watch, gradients));
  return watch;
}

/** Lets the output of a call pass; arrays are looked into, other values that are no tensors are given back. */
export function watchOutputs(watch: BackwardWatch, output: unknown): unknown {
  const outputs = Array.isArray(output) ? (output.slice() as unknown[]) : [output];
  if (!Array.isArray(output) && !isTensor(output)) {
    warn(
      `For backward hooks to be called, module output should be a Tensor or a tuple of Tensors but received <class '${pythonTypeName(output)}'>`,
    );
  }
  const places = placesOfTensors(outputs);
  if (places === null) return output;
  passPlaces(outputs, places, (gradients) => {
    watch.outputGradients = runPreHooks(watch, spread(places, gradients, outputs.length));
    const passed = watch.outputGradients;
    if (watch.inputPlaces === null) runHooksWithoutInput(watch);
    return places.map((place) => passed[place] ?? null);
  });
  return Array.isArray(output) ? outputs : outputs[0];
}

/** The places of the tensors, if one of them requires a gradient that is being recorded. */
function placesOfTensors(values: readonly unknown[]): readonly number[] | null {
  if (!gradMode.recording) return null;
  if (!values.some((value) => isTensor(value) && value.requiresGrad)) return null;
  return values.flatMap((value, place) => (isTensor(value) ? [place] : []));
}

function passPlaces(values: unknown[], places: readonly number[], caught: Catch): void {
  const passed = passThrough(caught, ...places.map((place) => values[place] as Tensor));
  places.forEach((place, k) => {
    const tensor = values[place] as Tensor;
    // The identity of what collects no gradient is of no use.
    if (tensor.requiresGrad) values[place] = passed[k]!;
  });
}

function spread(
  places: readonly number[],
  gradients: readonly (Tensor | null)[],
  length: number,
): (Tensor | null)[] {
  const all: (Tensor | null)[] = Array.from({ length }, () => null);
  places.forEach((place, k) => {
    all[place] = gradients[k] ?? null;
  });
  return all;
}

function runPreHooks(watch: BackwardWatch, gradients: (Tensor | null)[]): readonly (Tensor | null)[] {
  let current: readonly (Tensor | null)[] = gradients;
  for (const hook of watch.preHooks) {
    const result = hook.run(watch.module, current) as readonly (Tensor | null)[] | null | undefined;
    if (result === undefined || result === null) continue;
    if (result.length !== gradients.length) {
      throw torchError(
        "RuntimeError",
        `Backward pre hook returned an invalid number of grad_output, got ${result.length}, but expected ${gradients.length}`,
      );
    }
    current = result;
  }
  return current;
}

function runHooks(watch: BackwardWatch, gradients: readonly (Tensor | null)[]): readonly (Tensor | null)[] {
  const { outputGradients } = watch;
  const places = watch.inputPlaces!;
  // The gradient came to the input by another way than through the output.
  if (outputGradients === null) return gradients;
  let current: readonly (Tensor | null)[] = spread(places, gradients, watch.input.length);
  for (const hook of watch.hooks) {
    const result = hook.run(watch.module, current, outputGradients) as
      | readonly (Tensor | null)[]
      | null
      | undefined;
    if (result === undefined || result === null) continue;
    if (result.length !== current.length) {
      throw torchError(
        "RuntimeError",
        `Backward hook returned an invalid number of grad_input, got ${result.length}, but expected ${current.length}`,
      );
    }
    current = result;
  }
  watch.outputGradients = null;
  return places.map((place) => current[place] ?? null);
}

function runHooksWithoutInput(watch: BackwardWatch): void {
  warn(
    "Full backward hook is firing when gradients are computed with respect to module outputs since no inputs require gradients. See https://docs.pytorch.org/docs/main/generated/torch.nn.Module.html#torch.nn.Module.register_full_backward_hook for more details.",
  );
  const nothing = watch.input.map(() => null);
  for (const hook of watch.hooks) {
    const result = hook.run(watch.module, nothing, watch.outputGradients);
    const isNothing =
      result === undefined ||
      result === null ||
      (Array.isArray(result) && result.every((one) => one === null));
    if (!isNothing) {
      throw torchError(
        "RuntimeError",
        "Backward hook for Modules where no input requires gradient should always return None or None for all gradients.",
      );
    }
  }
  watch.outputGradients = null;
}

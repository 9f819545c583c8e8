/** L-BFGS: steps along the gradient bent by what the last steps told of the curvature. */

import { enableGrad } from "../autograd/grad-mode.ts";
import { pyFloat } from "../catalog/value.ts";
import { torchError } from "../errors.ts";
import { cat } from "../ops/joining.ts";
import { zerosLike } from "../ops/creation-like.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { isTensor } from "../tensor/tensor.ts";
import type { HyperNumber } from "./hyper-parameter.ts";
import { requireThat } from "./hyper-parameter.ts";
import { strongWolfe } from "./line-search.ts";
import { Optimizer } from "./optimizer.ts";
import type { OptimizerParameters, ParameterGroup } from "./parameter-group.ts";
import type { ParameterState } from "./state-dict.ts";

/** Options of `LBFGS`. */
export interface LBFGSOptions {
  /** The learning rate. Default 1. */
  readonly lr?: HyperNumber;
  /** The most iterations of a step. Default 20. */
  readonly maxIter?: number;
  /** The most calls of the closure in a step. Default 5/4 of `maxIter`, rounded down. */
  readonly maxEval?: number | null;
  /** The step ends when no element of the gradient is larger. Default 1e-7. */
  readonly toleranceGrad?: HyperNumber;
  /** The step ends when loss and parameters change by less. Default 1e-9. */
  readonly toleranceChange?: HyperNumber;
  /** How many steps are remembered. Default 100. */
  readonly historySize?: number;
  /** How the length of a step is found: `"strong_wolfe"`, or null for `lr` as it is. Default null. */
  readonly lineSearchFn?: string | null;
}

/** The group of `LBFGS`. */
export interface LBFGSGroup extends ParameterGroup {
  max_iter: number;
  max_eval: number;
  tolerance_grad: number;
  tolerance_change: number;
  history_size: number;
  line_search_fn: string | null;
}

/** What is remembered between iterations: directions, steps, and the curvatures along them. */
interface Memory {
  d: Tensor | null;
  t: number;
  readonly oldDirs: Tensor[];
  readonly oldSteps: Tensor[];
  readonly ro: Tensor[];
  hDiag: Tensor | null;
  prevGradient: Tensor | null;
  prevLoss: number | null;
}

/**
 * L-BFGS, over all parameters as one vector; there can be one group only. `step` needs the closure, which it calls
 * several times: it computes the gradients anew (`zeroGrad`, `backward`) and gives the loss.
 *
 * State, kept under the first parameter: `func_evals`, `n_iter`, `d`, `t`, `old_dirs`, `old_stps`, `ro`, `H_diag`,
 * `prev_flat_grad`, `prev_loss`.
 *
 * Throws: PyTorch's errors for more than one group, values out of range, a step without closure.
 *
 * @example
 * optimizer.step(() => {
 *   optimizer.zeroGrad();
 *   const loss = mseLoss(model(x), y);
 *   loss.backward();
 *   return loss;
 * });
 */
export class LBFGS extends Optimizer<LBFGSGroup> {
  constructor(params: OptimizerParameters, options: LBFGSOptions = {}) {
    const maxIter = options.maxIter ?? 20;
    super(
      params,
      { ...options, maxEval: options.maxEval ?? Math.floor((maxIter * 5) / 4) },
      {
        lr: 1,
        max_iter: 20,
        max_eval: 25,
        tolerance_grad: 1e-7,
        tolerance_change: 1e-9,
        history_size: 100,
        line_search_fn: null,
      },
    );
    if (this.paramGroups.length !== 1) {
      throw torchError("ValueError", "LBFGS doesn't support per-parameter options (parameter groups)");
    }
  }

  protected override check(values: Readonly<Record<string, unknown>>): void {
    requireThat((values["lr"] as number) >= 0, "Invalid learning rate", values, "lr");
  }

  protected override run<Loss>(closure: (() => Loss) | undefined): Loss {
    if (closure === undefined) {
      throw torchError("TypeError", "LBFGS.step() missing 1 required positional argument: 'closure'");
    }
    const group = this.paramGroups[0]!;
    const params = group.params;
    const { max_iter: maxIter, max_eval: maxEval, tolerance_change: toleranceChange } = group;
    const state = this.stateOf(params[0]!);
    state.set("func_evals", (state.get("func_evals") as number | undefined) ?? 0);
    state.set("n_iter", (state.get("n_iter") as number | undefined) ?? 0);

    const original = enableGrad(closure);
    let loss = lossNumber(original);
    let evaluations = 1;
    count(state, "func_evals", 1);
    let gradient = flatGradient(params);
    let isOptimal = largest(gradient) <= group.tolerance_grad;
    if (isOptimal) return original;

    const memory = readMemory(state);
    for (let iteration = 1; iteration <= maxIter; iteration++) {
      const number = count(state, "n_iter", 1);
      const d =
        number === 1 || memory.d === null ? gradient.neg() : this.#direction(memory, gradient, group, state);
      memory.d = d;
      memory.prevGradient = gradient.clone();
      memory.prevLoss = loss;
      memory.t = number === 1 ? firstLength(gradient, group.lr) : group.lr;
      const slope = gradient.dot(d).item() as number;
      if (slope > -toleranceChange) break;

      let calls = 0;
      if (group.line_search_fn !== null) {
        if (group.line_search_fn !== "strong_wolfe") {
          throw torchError("RuntimeError", "only 'strong_wolfe' is supported");
        }
        const start = params.map((parameter) => parameter.clone());
        const found = strongWolfe(
          (length, direction) => {
            addGradient(params, length, direction);
            const value = lossNumber(enableGrad(closure));
            const slopes = flatGradient(params);
            params.forEach((parameter, k) => parameter.copy_(start[k]!));
            return { loss: value, gradient: slopes };
          },
          { t: memory.t, d, loss, gradient, slope },
          maxEval - evaluations,
        );
        ({ loss, gradient, t: memory.t, calls } = found);
        addGradient(params, memory.t, d);
        isOptimal = largest(gradient) <= group.tolerance_grad;
      } else {
        addGradient(params, memory.t, d);
        // The last iteration does not look at what its step led to.
        if (iteration !== maxIter) {
          loss = lossNumber(enableGrad(closure));
          gradient = flatGradient(params);
          isOptimal = largest(gradient) <= group.tolerance_grad;
          calls = 1;
        }
      }
      evaluations += calls;
      count(state, "func_evals", calls);
      if (iteration === maxIter || evaluations >= maxEval || isOptimal) break;
      if (largest(d.mul(memory.t)) <= toleranceChange) break;
      if (Math.abs(loss - memory.prevLoss) < toleranceChange) break;
    }
    writeMemory(state, memory);
    return original;
  }

  /** The gradient times the approximate inverse of the Hessian, by the two-loop recursion. */
  #direction(memory: Memory, gradient: Tensor, group: LBFGSGroup, state: ParameterState): Tensor {
    const { oldDirs, oldSteps, ro } = memory;
    const y = gradient.sub(memory.prevGradient!);
    const s = memory.d!.mul(memory.t);
    const curvature = y.dot(s);
    if ((curvature.item() as number) > 1e-10) {
      if (oldDirs.length === group.history_size) {
        oldDirs.shift();
        oldSteps.shift();
        ro.shift();
      }
      oldDirs.push(y);
      oldSteps.push(s);
      ro.push(curvature.reciprocal());
      memory.hDiag = curvature.div(y.dot(y));
    }
    if (!state.has("al"))
      state.set(
        "al",
        Array.from({ length: group.history_size }, () => null),
      );
    const al = state.get("al") as (Tensor | null)[];
    const q = gradient.neg();
    for (let k = oldDirs.length - 1; k >= 0; k--) {
      const a = oldSteps[k]!.dot(q).mul(ro[k]!);
      al[k] = a;
      q.add_(oldDirs[k]!, { alpha: -(a.item() as number) });
    }
    const r = memory.hDiag === null ? q.clone() : q.mul(memory.hDiag);
    for (let k = 0; k < oldDirs.length; k++) {
      const b = oldDirs[k]!.dot(r).mul(ro[k]!);
      r.add_(oldSteps[k]!, { alpha: al[k]!.sub(b).item() as number });
    }
    return r;
  }
}

function count(state: ParameterState, name: string, more: number): number {
  const next = Number(state.get(name)) + more;
  state.set(name, next);
  return next;
}

function lossNumber(loss: unknown): number {
  return isTensor(loss) ? Number(loss.item()) : Number(loss);
}

/** The gradients of all parameters in one vector; zeros where there is none. */
function flatGradient(params: readonly Tensor[]): Tensor {
  const parts = params.map((parameter) => (parameter.grad ?? zerosLike(parameter)).detach().reshape(-1));
  return cat(parts, 0);
}

function largest(vector: Tensor): number {
  return vector.count === 0 ? 0 : Number(vector.abs().max().item());
}

/** min(1, 1/Σ|g|)·lr, in the gradient's dtype where it is below 1. */
function firstLength(gradient: Tensor, lr: number): number {
  const inverse = gradient.abs().sum().reciprocal();
  return Number(inverse.item()) < 1 ? Number(inverse.mul(lr).item()) : lr;
}

function addGradient(params: readonly Tensor[], length: number, update: Tensor): void {
  let start = 0;
  for (const parameter of params) {
    parameter.add_(update.narrow(0, start, parameter.count).viewAs(parameter), { alpha: length });
    start += parameter.count;
  }
}

function readMemory(state: ParameterState): Memory {
  const tensor = (name: string): Tensor | null => {
    const value = state.get(name);
    return isTensor(value) ? value : null;
  };
  const list = (name: string): Tensor[] => [...((state.get(name) as Tensor[] | null | undefined) ?? [])];
  const t = state.get("t");
  const prevLoss = state.get("prev_loss");
  return {
    d: tensor("d"),
    t: lossNumber(t ?? 0),
    oldDirs: list("old_dirs"),
    oldSteps: list("old_stps"),
    ro: list("ro"),
    hDiag: tensor("H_diag"),
    prevGradient: tensor("prev_flat_grad"),
    prevLoss: typeof prevLoss === "number" ? prevLoss : null,
  };
}

function writeMemory(state: ParameterState, memory: Memory): void {
  state.set("d", memory.d);
  state.set("t", memory.t);
  state.set("old_dirs", memory.oldDirs);
  state.set("old_stps", memory.oldSteps);
  state.set("ro", memory.ro);
  state.set("H_diag", memory.hDiag ?? 1);
  state.set("prev_flat_grad", memory.prevGradient);
  state.set("prev_loss", memory.prevLoss === null ? null : pyFloat(memory.prevLoss));
}

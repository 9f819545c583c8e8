/**
 * The kind `schedulers`: a scheduler over an SGD with a base learning rate and momentum 0.9; the learning rates and
 * momenta, the first ones after construction, within 1e-15 relative; and, where recorded, the keys of its state dict
 * and of the group.
 */

import { Parameter } from "../../../src/nn/index.ts";
import type { Optimizer } from "../../../src/optim/index.ts";
import { lrScheduler, SGD } from "../../../src/optim/index.ts";
import { optionName } from "../../../src/optim/hyper-parameter.ts";
import { ones } from "../../../src/ops/creation.ts";
import { asList, asRecord, asText, CaseError, decodeArgument, decodeNumber } from "../case-data.ts";
import type { CaseRecord } from "../case-data.ts";
import type { Kind } from "../kind.ts";
import { Comparison, outcomeOf } from "../outcome.ts";
import { programArgument } from "../program-argument.ts";

/** A few units of the last place: PyTorch's C library and JavaScript differ in powers and cosines. */
const tolerance = 1e-15;

/** PyTorch's names of the arguments after the optimizer; those before the bar are required. */
const signatures: Readonly<Record<string, string>> = {
  StepLR: "step_size | gamma last_epoch",
  MultiStepLR: "milestones | gamma last_epoch",
  ConstantLR: "| factor total_iters last_epoch",
  LinearLR: "| start_factor end_factor total_iters last_epoch",
  ExponentialLR: "gamma | last_epoch",
  CosineAnnealingLR: "T_max | eta_min last_epoch",
  CosineAnnealingWarmRestarts: "T_0 | T_mult eta_min last_epoch",
  PolynomialLR: "| total_iters power last_epoch",
  CyclicLR:
    "base_lr max_lr | step_size_up step_size_down mode gamma scale_fn scale_mode cycle_momentum base_momentum max_momentum last_epoch",
  OneCycleLR:
    "max_lr | total_steps epochs steps_per_epoch pct_start anneal_strategy cycle_momentum base_momentum max_momentum div_factor final_div_factor three_phase last_epoch",
  ReduceLROnPlateau: "| mode factor patience threshold threshold_mode cooldown min_lr eps",
};

type Maker = new (...args: unknown[]) => lrScheduler.LRScheduler;

/** The kind `schedulers`. */
export const schedulers: Kind = {
  name: "schedulers",
  check(given) {
    const comparison = new Comparison();
    const run = (): string => {
      const lr = decodeNumber(given["base_lr"]);
      const optimizer = new SGD([new Parameter(ones(1))], { lr, momentum: 0.9 });
      const scheduler = schedulerOf(asRecord(given["scheduler"], "scheduler"), optimizer);
      const [group] = optimizer.paramGroups;
      const metrics =
        given["metrics"] === undefined ? null : asList(given["metrics"], "metrics").map(decodeNumber);
      const count = given["lrs"] === undefined ? 31 : asList(given["lrs"], "lrs").length;
      const rates = [group!.lr];
      const momenta = [group!.momentum];
      for (let step = 0; step < count - 1; step++) {
        optimizer.step();
        if (metrics === null) scheduler.step();
        else (scheduler as lrScheduler.ReduceLROnPlateau).step(metrics[step]!);
        rates.push(group!.lr);
        momenta.push(group!.momentum);
      }
      if (given["lrs"] !== undefined) compareNumbers(comparison, "learning rates", given["lrs"], rates);
      if (given["momenta"] !== undefined) compareNumbers(comparison, "momenta", given["momenta"], momenta);
      if (given["last_lr"] !== undefined) {
        compareNumbers(comparison, "last learning rate", given["last_lr"], scheduler.getLastLr());
      }
      if (given["state_keys"] !== undefined) {
        comparison.equal("state keys", given["state_keys"], [...scheduler.stateDict().keys()]);
      }
      if (given["group_keys"] !== undefined)
        comparison.equal("group keys", given["group_keys"], Object.keys(group!));
      return "";
    };
    const error = given["error"];
    const expected =
      error === undefined ? "" : `${asText(error, "error")}: ${asText(given["message"], "message")}`;
    comparison.equal("error", expected, outcomeOf(run));
    return comparison.mismatches;
  },
};

function compareNumbers(
  comparison: Comparison,
  what: string,
  expected: unknown,
  found: readonly number[],
): void {
  const wanted = asList(expected, what).map(decodeNumber);
  const isClose = wanted.every((value, k) => Math.abs(value - found[k]!) <= tolerance * Math.abs(value));
  if (!isClose || wanted.length !== found.length) comparison.equal(what, wanted, [...found]);
}

function schedulerOf(spec: CaseRecord, optimizer: Optimizer): lrScheduler.LRScheduler {
  const name = asText(spec["cls"], "cls");
  const maker = (lrScheduler as unknown as Readonly<Record<string, Maker | undefined>>)[name];
  if (maker === undefined) throw new CaseError(`there is no lrScheduler.${name}`);
  const positional = asList(spec["args"] ?? [], "args");
  const keywords = asRecord(spec["kw"] ?? {}, "kw");
  if (name === "SequentialLR" || name === "ChainedScheduler") {
    const parts = asList(spec["schedulers"] ?? keywords["schedulers"] ?? positional[0], "schedulers").map(
      (part) => schedulerOf(asRecord(part, "a scheduler"), optimizer),
    );
    if (name === "ChainedScheduler") return new lrScheduler.ChainedScheduler(parts);
    const milestones = asList(spec["milestones"] ?? keywords["milestones"] ?? positional[1], "milestones");
    return new lrScheduler.SequentialLR(optimizer, parts, milestones.map(decodeNumber));
  }
  const signature = signatures[name];
  if (signature === undefined) throw new CaseError(`case files cannot say the arguments of ${name}`);
  const [required = [], optional = []] = signature
    .split("|")
    .map((part) => part.trim().split(" ").filter(Boolean));
  const values = new Map<string, unknown>();
  const names = [...required, ...optional];
  positional.forEach((value, index) =>
    values.set(names[index] ?? `argument ${index}`, programArgument(decodeArgument(value))),
  );
  for (const [key, value] of Object.entries(keywords))
    values.set(key, programArgument(decodeArgument(value)));
  const options: Record<string, unknown> = {};
  for (const key of optional) if (values.has(key)) options[optionOf(key)] = values.get(key);
  return new maker(optimizer, ...required.map((key) => values.get(key)), options);
}

/** The option of an argument: `T_mult` is `tMult`. */
function optionOf(name: string): string {
  return optionName(name.replace(/^T_/, "t_"));
}

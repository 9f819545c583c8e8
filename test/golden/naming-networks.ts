/** The networks of `naming.py`, and how the cases write down what they find. */

import {
  Buffer,
  Identity,
  Linear,
  Module,
  ModuleDict,
  ModuleList,
  Parameter,
  Sequential,
} from "../../src/nn/index.ts";
import { isModule } from "../../src/nn/index.ts";
import { full, ones, zeros } from "../../src/ops/creation.ts";
import { manualSeed } from "../../src/tensor/random/index.ts";
import type { Tensor } from "../../src/tensor/tensor.ts";
import { isTensor } from "../../src/tensor/tensor.ts";

/** What one case does; it gives what `naming.py` gives, or throws. */
export type Case = () => unknown;

/** A module with a buffer of each kind, and with an empty slot. */
export class Inner extends Module {
  mean: Tensor = new Buffer(zeros(2));
  weight: Parameter = new Parameter(ones(2));
  passing: Tensor = new Buffer(ones(1), { persistent: false });

  constructor() {
    super();
    this.registerParameter("empty", null);
  }

  override forward(x: Tensor): Tensor {
    return x.mul(this.weight);
  }
}

/** A network with children before and after its own parameter. */
export class Net extends Module {
  first: Linear = new Linear(2, 2);
  inner: Inner = new Inner();
  scale: Parameter = new Parameter(full([2], 3, { dtype: "float32" }));
  second: Linear = new Linear(2, 2, { bias: false });

  override forward(x: Tensor): Tensor {
    return this.second(this.inner(this.first(x))).mul(this.scale);
  }
}

/** A network that shares a parameter and a module. */
export class Tied extends Module {
  a: Linear = new Linear(2, 2);
  b: Linear = new Linear(2, 2);
  c: Linear;

  constructor() {
    super();
    this.b.weight = this.a.weight;
    this.c = this.a;
  }
}

/** The network with the weights of seed 0. */
export function net(): Net {
  manualSeed(0);
  return new Net();
}

/** A numbered Sequential. */
export function three(): Sequential<readonly [Linear, Identity, Linear]> {
  return new Sequential(new Linear(1, 2), new Identity(), new Linear(2, 3));
}

/** A Sequential with names. */
export function named(): Sequential {
  return new Sequential(
    new Map<string, Module>([
      ["in", new Linear(1, 2)],
      ["mid", new Identity()],
      ["out", new Linear(2, 3)],
    ]),
  ) as unknown as Sequential;
}

/** A ModuleList of the modules of `three`. */
export function listed(): ModuleList {
  return new ModuleList([new Linear(1, 2), new Identity(), new Linear(2, 3)]) as unknown as ModuleList;
}

/** A ModuleDict whose keys an object would not keep in order. */
export function mapped(): ModuleDict {
  return new ModuleDict(
    new Map<string, Module>([
      ["b", new Linear(1, 1)],
      ["10", new Identity()],
      ["2", new Identity()],
    ]),
  );
}

/** The names of a walk. */
export function names(walk: Iterable<readonly [string, unknown]>): string[] {
  return Array.from(walk, ([name]) => name);
}

/** A value as JSON, as `plain` of `naming.py` writes it. */
export function plain(value: unknown): unknown {
  if (isTensor(value)) {
    return {
      shape: [...value.shape],
      dtype: value.dtype.name,
      values: value.detach().to("float64").reshape(-1).tolist(),
    };
  }
  if (isModule(value)) return String(value);
  if (value instanceof Map) return Array.from(value as ReadonlyMap<string, unknown>, plain);
  if (Array.isArray(value)) return value.map(plain);
  return value;
}

/** Calls something with arguments that its types forbid. */
export function untyped<T>(value: unknown): T {
  return value as T;
}

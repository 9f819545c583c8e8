/**
 * Activation layers of each element by itself that need no numbers. Their functions are in `functional/activation.ts`.
 */

import type { InplaceOptions } from "../functional/activation.ts";
import * as activation from "../functional/activation.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { describe } from "./extra-repr.ts";
import { Module } from "./module.ts";
import { signature } from "./signature.ts";

/** The arguments of layers that may only be told to write into their input: by position or by name. */
type InplaceArguments = [inplace?: boolean | InplaceOptions];

const inplaceArguments = signature<[], InplaceOptions>()([], ["inplace"]);

/** A layer that may write into its input. */
export class InplaceModule extends Module {
  inplace: boolean;

  constructor(options: InplaceOptions) {
    super();
    this.inplace = options.inplace ?? false;
  }

  override extraRepr(): string {
    return describe({ inplace: this.inplace || undefined });
  }
}

/**
 * max(x, 0).
 *
 * Shape: any → the same.
 *
 * @example
 * new ReLU()(tensor([-1, 2], { dtype: "float32" })); // tensor([0., 2.])
 */
export class ReLU extends InplaceModule {
  constructor(...args: InplaceArguments) {
    super(...inplaceArguments.take("ReLU", args));
  }

  override forward(input: Tensor): Tensor {
    return activation.relu(input, { inplace: this.inplace });
  }
}

/**
 * min(max(x, 0), 6).
 *
 * Shape: any → the same.
 */
export class ReLU6 extends InplaceModule {
  constructor(...args: InplaceArguments) {
    super(...inplaceArguments.take("ReLU6", args));
  }

  override forward(input: Tensor): Tensor {
    return activation.relu6(input, { inplace: this.inplace });
  }
}

/**
 * 1 / (1 + e⁻ˣ).
 *
 * Shape: any → the same.
 */
export class Sigmoid extends Module {
  override forward(input: Tensor): Tensor {
    return activation.sigmoid(input);
  }
}

/**
 * The hyperbolic tangent.
 *
 * Shape: any → the same.
 */
export class Tanh extends Module {
  override forward(input: Tensor): Tensor {
    return activation.tanh(input);
  }
}

/**
 * min(max(x + 3, 0), 6) / 6.
 *
 * Shape: any → the same.
 */
export class Hardsigmoid extends InplaceModule {
  constructor(...args: InplaceArguments) {
    super(...inplaceArguments.take("Hardsigmoid", args));
  }

  override forward(input: Tensor): Tensor {
    return activation.hardsigmoid(input, { inplace: this.inplace });
  }

  /** PyTorch does not show it here. */
  override extraRepr(): string {
    return "";
  }
}

/**
 * x·hardsigmoid(x).
 *
 * Shape: any → the same.
 */
export class Hardswish extends InplaceModule {
  constructor(...args: InplaceArguments) {
    super(...inplaceArguments.take("Hardswish", args));
  }

  override forward(input: Tensor): Tensor {
    return activation.hardswish(input, { inplace: this.inplace });
  }

  /** PyTorch does not show it here. */
  override extraRepr(): string {
    return "";
  }
}

/**
 * x·σ(x).
 *
 * Shape: any → the same.
 */
export class SiLU extends InplaceModule {
  constructor(...args: InplaceArguments) {
    super(...inplaceArguments.take("SiLU", args));
  }

  override forward(input: Tensor): Tensor {
    return activation.silu(input, { inplace: this.inplace });
  }
}

/**
 * x·tanh(ln(1 + eˣ)).
 *
 * Shape: any → the same.
 */
export class Mish extends InplaceModule {
  constructor(...args: InplaceArguments) {
    super(...inplaceArguments.take("Mish", args));
  }

  override forward(input: Tensor): Tensor {
    return activation.mish(input, { inplace: this.inplace });
  }
}

/**
 * ELU with the constants that keep mean 0 and variance 1.
 *
 * Shape: any → the same.
 */
export class SELU extends InplaceModule {
  constructor(...args: InplaceArguments) {
    super(...inplaceArguments.take("SELU", args));
  }

  override forward(input: Tensor): Tensor {
    return activation.selu(input, { inplace: this.inplace });
  }
}

/**
 * ln σ(x).
 *
 * Shape: any → the same.
 */
export class LogSigmoid extends Module {
  override forward(input: Tensor): Tensor {
    return activation.logSigmoid(input);
  }
}

/**
 * x / (1 + |x|).
 *
 * Shape: any → the same.
 */
export class Softsign extends Module {
  override forward(input: Tensor): Tensor {
    return activation.softsign(input);
  }
}

/**
 * x − tanh x.
 *
 * Shape: any → the same.
 */
export class Tanhshrink extends Module {
  override forward(input: Tensor): Tensor {
    return activation.tanhshrink(input);
  }
}

/** Options of `GELU`. */
export interface GELUOptions {
  /** `"tanh"` for the approximation. Default "none". */
  readonly approximate?: "none" | "tanh";
}

const geluArguments = signature<[], GELUOptions>()([], ["approximate"]);

/**
 * x·Φ(x), with Φ the normal distribution.
 *
 * Shape: any → the same.
 *
 * @example
 * new GELU({ approximate: "tanh" });
 */
export class GELU extends Module {
  approximate: "none" | "tanh";

  constructor(...args: [approximate?: "none" | "tanh" | GELUOptions, options?: GELUOptions]) {
    const [options] = geluArguments.take("GELU", args);
    super();
    this.approximate = options.approximate ?? "none";
  }

  override forward(input: Tensor): Tensor {
    return activation.gelu(input, { approximate: this.approximate });
  }

  override extraRepr(): string {
    return describe({ approximate: this.approximate });
  }
}

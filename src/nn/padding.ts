/**
 * Padding layers. The function is `pad`, in `ops/padding.ts`.
 */

import { torchError } from "../errors.ts";
import type { PadMode } from "../ops/padding.ts";
import { pad } from "../ops/padding.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { describe } from "./extra-repr.ts";
import type { FloatOption } from "./float-option.ts";
import { asGiven, takeFloat } from "./float-option.ts";
import { Module } from "./module.ts";
import type { ArgumentsOf } from "./signature.ts";
import { signature } from "./signature.ts";

/** One length for all ends, or two for each axis, before and after, the last axis first. */
export type PaddingLengths = number | readonly number[];

/** What all padding layers share. */
export class PadModule extends Module {
  padding: readonly number[];

  constructor(rank: number, padding: PaddingLengths) {
    super();
    this.padding =
      typeof padding === "number" ? Array.from({ length: 2 * rank }, () => padding) : [...padding];
  }

  /** What is put at the ends. */
  get mode(): PadMode {
    return "constant";
  }

  override forward(input: Tensor): Tensor {
    return pad(input, this.padding, { mode: this.mode });
  }

  override extraRepr(): string {
    return describe([this.padding]);
  }
}

/** Pads with zeros. */
class ZeroPadModule extends PadModule {}

/** Pads with a number. */
class ConstantPadModule extends PadModule {
  value: number;

  constructor(rank: number, padding: PaddingLengths, value: FloatOption) {
    super(rank, padding);
    this.value = takeFloat(this, "value", value);
  }

  override forward(input: Tensor): Tensor {
    return pad(input, this.padding, { mode: "constant", value: this.value });
  }

  override extraRepr(): string {
    return describe({ padding: this.padding, value: asGiven(this, "value") });
  }
}

/** Pads with the mirror image. */
class ReflectionPadModule extends PadModule {
  override get mode(): PadMode {
    return "reflect";
  }
}

/** Pads with the outermost elements. */
class ReplicationPadModule extends PadModule {
  override get mode(): PadMode {
    return "replicate";
  }
}

/** Pads with what lies at the other end. */
class CircularPadModule extends PadModule {
  override get mode(): PadMode {
    return "circular";
  }

  override forward(input: Tensor): Tensor {
    const rank = this.rank();
    if (input.ndim === rank + 1 || input.ndim === rank + 2) return super.forward(input);
    throw torchError("ValueError", `expected ${rank + 1}D or ${rank + 2}D input (got ${input.ndim}D input)`);
  }

  /** How many axes are padded. */
  rank(): number {
    return this.padding.length / 2;
  }
}

const padArguments = signature<[padding: PaddingLengths]>()(["padding"]);

/**
 * Pads with zeros.
 *
 * Shape: (N, channels, length) or (channels, length) → longer at the ends by `padding`.
 *
 * @example
 * new ZeroPad1d([1, 2])(zeros(1, 1, 3)).shape; // torch.Size([1, 1, 6])
 */
export class ZeroPad1d extends ZeroPadModule {
  constructor(...args: ArgumentsOf<typeof padArguments>) {
    const [padding] = padArguments.take("ZeroPad1d", args);
    super(1, padding);
  }
}

/**
 * Pads with zeros.
 *
 * Shape: (N, channels, height, width) or unbatched → longer at the ends by `padding`.
 */
export class ZeroPad2d extends ZeroPadModule {
  constructor(...args: ArgumentsOf<typeof padArguments>) {
    const [padding] = padArguments.take("ZeroPad2d", args);
    super(2, padding);
  }
}

/**
 * Pads with zeros.
 *
 * Shape: (N, channels, depth, height, width) or unbatched → longer at the ends by `padding`.
 */
export class ZeroPad3d extends ZeroPadModule {
  constructor(...args: ArgumentsOf<typeof padArguments>) {
    const [padding] = padArguments.take("ZeroPad3d", args);
    super(3, padding);
  }
}

const constantPadArguments = signature<[padding: PaddingLengths, value: FloatOption]>()(["padding", "value"]);

/**
 * Pads with a number.
 *
 * Shape: (N, channels, length) or (channels, length) → longer at the ends by `padding`.
 */
export class ConstantPad1d extends ConstantPadModule {
  constructor(...args: ArgumentsOf<typeof constantPadArguments>) {
    const [padding, value] = constantPadArguments.take("ConstantPad1d", args);
    super(1, padding, value);
  }
}

/**
 * Pads with a number.
 *
 * Shape: (N, channels, height, width) or unbatched → longer at the ends by `padding`.
 */
export class ConstantPad2d extends ConstantPadModule {
  constructor(...args: ArgumentsOf<typeof constantPadArguments>) {
    const [padding, value] = constantPadArguments.take("ConstantPad2d", args);
    super(2, padding, value);
  }
}

/**
 * Pads with a number.
 *
 * Shape: (N, channels, depth, height, width) or unbatched → longer at the ends by `padding`.
 */
export class ConstantPad3d extends ConstantPadModule {
  constructor(...args: ArgumentsOf<typeof constantPadArguments>) {
    const [padding, value] = constantPadArguments.take("ConstantPad3d", args);
    super(3, padding, value);
  }
}

/**
 * Pads with the mirror image, without the edge itself.
 *
 * Shape: (N, channels, length) or (channels, length) → longer at the ends by `padding`.
 */
export class ReflectionPad1d extends ReflectionPadModule {
  constructor(...args: ArgumentsOf<typeof padArguments>) {
    const [padding] = padArguments.take("ReflectionPad1d", args);
    super(1, padding);
  }
}

/**
 * Pads with the mirror image, without the edge itself.
 *
 * Shape: (N, channels, height, width) or unbatched → longer at the ends by `padding`.
 */
export class ReflectionPad2d extends ReflectionPadModule {
  constructor(...args: ArgumentsOf<typeof padArguments>) {
    const [padding] = padArguments.take("ReflectionPad2d", args);
    super(2, padding);
  }
}

/**
 * Pads with the mirror image, without the edge itself.
 *
 * Shape: (N, channels, depth, height, width) or unbatched → longer at the ends by `padding`.
 */
export class ReflectionPad3d extends ReflectionPadModule {
  constructor(...args: ArgumentsOf<typeof padArguments>) {
    const [padding] = padArguments.take("ReflectionPad3d", args);
    super(3, padding);
  }
}

/**
 * Pads with the outermost elements.
 *
 * Shape: (N, channels, length) or (channels, length) → longer at the ends by `padding`.
 */
export class ReplicationPad1d extends ReplicationPadModule {
  constructor(...args: ArgumentsOf<typeof padArguments>) {
    const [padding] = padArguments.take("ReplicationPad1d", args);
    super(1, padding);
  }
}

/**
 * Pads with the outermost elements.
 *
 * Shape: (N, channels, height, width) or unbatched → longer at the ends by `padding`.
 */
export class ReplicationPad2d extends ReplicationPadModule {
  constructor(...args: ArgumentsOf<typeof padArguments>) {
    const [padding] = padArguments.take("ReplicationPad2d", args);
    super(2, padding);
  }
}

/**
 * Pads with the outermost elements.
 *
 * Shape: (N, channels, depth, height, width) or unbatched → longer at the ends by `padding`.
 */
export class ReplicationPad3d extends ReplicationPadModule {
  constructor(...args: ArgumentsOf<typeof padArguments>) {
    const [padding] = padArguments.take("ReplicationPad3d", args);
    super(3, padding);
  }
}

/**
 * Pads with what lies at the other end.
 *
 * Shape: (N, channels, length) or (channels, length) → longer at the ends by `padding`.
 */
export class CircularPad1d extends CircularPadModule {
  constructor(...args: ArgumentsOf<typeof padArguments>) {
    const [padding] = padArguments.take("CircularPad1d", args);
    super(1, padding);
  }
}

/**
 * Pads with what lies at the other end.
 *
 * Shape: (N, channels, height, width) or unbatched → longer at the ends by `padding`.
 */
export class CircularPad2d extends CircularPadModule {
  constructor(...args: ArgumentsOf<typeof padArguments>) {
    const [padding] = padArguments.take("CircularPad2d", args);
    super(2, padding);
  }
}

/**
 * Pads with what lies at the other end.
 *
 * Shape: (N, channels, depth, height, width) or unbatched → longer at the ends by `padding`.
 */
export class CircularPad3d extends CircularPadModule {
  constructor(...args: ArgumentsOf<typeof padArguments>) {
    const [padding] = padArguments.take("CircularPad3d", args);
    super(3, padding);
  }
}

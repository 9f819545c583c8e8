/**
 * Sample recipes made into tensors.
 */

import type { DType } from "../dtype.ts";
import { dtypes } from "../dtype.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { tensor } from "./creation.ts";
import type { Sample, SampleTensor } from "./samples.ts";
import { isSampleTensor, sampleValues } from "./samples.ts";

/** The arguments of a sample, its tensors made in `dtype` unless a recipe fixes its own. */
export function sampleArguments(sample: Sample, dtype: DType): unknown[] {
  return sample.map((argument, salt) =>
    isSampleTensor(argument) ? madeOf(argument, salt, dtype) : argument,
  );
}

/** A leaf of the recipe's values and layout. */
function madeOf(recipe: SampleTensor, salt: number, dtype: DType): Tensor {
  const values = sampleValues(recipe, salt);
  const made = recipe.dtype === null ? dtype : dtypes[recipe.dtype];
  const dense = tensor(made.kind === "float" ? values : values.map(Math.trunc), { dtype: made }).reshape(
    recipe.shape,
  );
  switch (recipe.layout) {
    case "dense":
      return dense.clone();
    case "transposed":
      return dense
        .permute(recipe.shape.map((_, axis) => recipe.shape.length - 1 - axis))
        .contiguous()
        .permute(recipe.shape.map((_, axis) => recipe.shape.length - 1 - axis))
        .detach();
    case "stepped": {
      const wide = dense
        .unsqueeze(-1)
        .expand([...recipe.shape, 2])
        .clone();
      return wide.select(-1, 0).detach();
    }
  }
}

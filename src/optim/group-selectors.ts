/** Parameter groups by the names of the parameters. */

import { quote, UsageError } from "../errors.ts";
import { selector } from "../selector.ts";
import type { Tensor } from "../tensor/tensor.ts";
import type { GroupOptions, NamedParameter } from "./parameter-group.ts";

/** What has parameters with names: a module. */
export interface NamedParameters {
  namedParameters(): Iterable<readonly [string, Tensor]>;
}

/**
 * The parameters of a model in groups: each belongs to the first pattern that selects its name. What no pattern selects
 * is in no group and stays as it is; say `"**"` last for all others. See `selector` for the patterns.
 *
 * Throws: `UsageError` for a pattern that selects nothing that is left: it is misspelt, or stands after one that takes
 * all.
 *
 * @example
 * new AdamW(groups(model, { "linear2.**": { lr: 1e-2 }, "**.bias": { weightDecay: 0 }, "**": {} }), { lr: 1e-3 });
 */
export function groups(
  model: NamedParameters,
  patterns: Readonly<Record<string, Readonly<Record<string, unknown>>>>,
): GroupOptions[] {
  const made = Object.entries(patterns).map(([pattern, options]) => ({
    pattern,
    selects: selector(pattern),
    params: [] as NamedParameter[],
    options,
  }));
  for (const [name, parameter] of model.namedParameters()) {
    made.find(({ selects }) => selects(name))?.params.push([name, parameter]);
  }
  for (const { pattern, params } of made) {
    if (params.length > 0) continue;
    throw new UsageError(
      `making parameter groups: the pattern ${quote(pattern)} selects no parameter that is left`,
      {
        code: "empty-group",
        hint: "A parameter belongs to the first pattern that selects it; list the names with namedParameters().",
      },
    );
  }
  return made.map(({ params, options }) => Object.assign({}, options, { params }));
}

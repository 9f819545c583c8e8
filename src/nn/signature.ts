/**
 * What a layer's constructor takes: PyTorch's required arguments by position, the others in one options object at the end, as do
 * required ones from any position on. Binding, and PyTorch's errors, are in `ops/named-arguments.ts`.
 */

import type { Taken } from "../ops/named-arguments.ts";
import { bindArguments } from "../ops/named-arguments.ts";

type Names = readonly string[];

declare const nothing: unique symbol;

/** Options of a constructor that has none. The key that nobody has makes other objects and numbers errors. */
export interface NoOptions {
  readonly [nothing]?: never;
}

/**
 * The arguments of a constructor: all required ones and perhaps options, or the last ones of them among the options.
 *
 * @example
 * // [a: number, b: number, options?: Options] | [a: number, named: Options & { b: number }] | [named: …]
 * type Taken = Arguments<[a: number, b: number], ["a", "b"], Options>;
 */
export type Arguments<Required extends readonly unknown[], Named extends Names, Options> =
  | [...Required, options?: Options | undefined]
  | PartlyNamed<Required, Named, Options>;

/** Those forms of the arguments in which `Given`, at least the last required one, stands in the options. */
type PartlyNamed<
  Required extends readonly unknown[],
  Named extends Names,
  Given,
> = Required extends readonly [...infer First, infer Last]
  ? Named extends readonly [...infer Before extends Names, infer Name extends string]
    ?
        | [...First, named: Given & { readonly [Key in Name]: Last }]
        | PartlyNamed<First, Before, Given & { readonly [Key in Name]: Last }>
    : never
  : never;

/** The arguments of a constructor as its signature has them; `More` are options whose types depend on the class's own. */
export type ArgumentsOf<S, More = unknown> =
  S extends Signature<infer Required, infer Named, infer Options>
    ? Arguments<Required, Named, Options & More>
    : never;

/** The arguments of a constructor: their types, and their names in PyTorch's order. */
export interface Signature<Required extends readonly unknown[], Named extends Names, Options> {
  /** The names of what is required. */
  readonly required: Named;
  /**
   * The required arguments in their order, then the options. `owner` is the class of PyTorch whose `__init__` it is.
   *
   * Throws: PyTorch's TypeErrors for arguments that are missing, too many, unknown or given twice.
   */
  take(owner: string, args: readonly unknown[]): [...Required, Options];
}

/**
 * Says what a constructor takes. The types of the required arguments and of the options are given first, then the names: of the
 * required arguments, of those that PyTorch also takes by position, of those that it takes by name only. Python counts `hidden`
 * arguments in front of them, `self` and what a class says to its base.
 *
 * @example
 * const linearArguments = signature<[inFeatures: number, outFeatures: number], LinearOptions>()(
 *   ["inFeatures", "outFeatures"],
 *   ["bias", "device", "dtype"],
 * );
 * linearArguments.take("Linear", [3, { outFeatures: 4, bias: false }]); // [3, 4, { bias: false }]
 */
export function signature<Required extends readonly unknown[], Options = NoOptions>(): <
  const Named extends { readonly [Place in keyof Required]: string },
>(
  required: Named,
  optional?: Names,
  keywordOnly?: Names,
  hidden?: number,
) => Signature<Required, Named, Options> {
  return (required, optional = [], keywordOnly = [], hidden = 1) => {
    const taken: Taken = {
      names: [...required, ...optional, ...keywordOnly],
      required: required.length,
      positional: required.length + optional.length,
      hidden,
      isOpen: false,
    };
    return {
      required,
      take: (owner, args) => bindArguments(`${owner}.__init__`, taken, args) as [...Required, Options],
    };
  };
}

/**
 * Dotted names as types: what `getParameter`, `getBuffer` and `getSubmodule` complete and check. Types only.
 *
 * Note [typed names]: the walk goes over the fields of a module's type, eight levels deep; below that, and where a
 * value is only known to be a module, any name passes and is checked at run time. Containers publish their children
 * through a phantom property, as their fields say nothing about them. `Base` is the class `Module`, handed in as it
 * stands above this file.
 */

/** Marks parameters for the compiler; there is no such property. */
export declare const parameterMark: unique symbol;

/** Marks buffers for the compiler; there is no such property. */
export declare const bufferMark: unique symbol;

/** Marks modules for the compiler; there is no such property. */
export declare const moduleMark: unique symbol;

/** Where containers publish their children for the compiler; there is no such property. */
export declare const childrenMark: unique symbol;

/** Something marked: `Marked<typeof parameterMark>` is what a parameter looks like. */
export type Marked<Mark extends symbol> = { readonly [Key in Mark]: true };

/** How many levels are left, by level. */
type Below = [never, 0, 1, 2, 3, 4, 5, 6, 7];

/** What of a module the names are made of: its fields, or what it publishes and its fields. */
type Published<M, Base> = M extends { readonly [childrenMark]: infer Children }
  ? Children & Omit<M, keyof Base | number | typeof childrenMark>
  : Omit<M, keyof Base>;

/** Whether nothing is known of a module but that it is one; a layer without fields differs by its `forward`. */
type IsUnknown<M, Base> = Base extends M
  ? M extends { forward(...input: never[]): infer Output }
    ? 0 extends 1 & Output
      ? true
      : false
    : false
  : false;

/** The keys of a type that can be names. */
type NameOf<S> = keyof S & (string | number);

/** The dotted names of the tensors with a mark in `M`. */
export type TensorPath<M, Base, Mark extends symbol, Level extends number = 7> = [Level] extends [never]
  ? string
  : IsUnknown<M, Base> extends true
    ? string
    : TensorPathIn<Published<M, Base>, Base, Mark, Level>;

type TensorPathIn<S, Base, Mark extends symbol, Level extends number> = {
  [Name in NameOf<S>]: NonNullable<S[Name]> extends Marked<Mark>
    ? `${Name}`
    : NonNullable<S[Name]> extends Marked<typeof moduleMark>
      ? `${Name}.${TensorPath<NonNullable<S[Name]>, Base, Mark, Below[Level]>}`
      : never;
}[NameOf<S>];

/**
 * What a name of type `P` has to be to mean one of `Names`: one of them where it is written out, anything where it is a
 * `string`, and of a template (`layers.${number}.weight`) that it can become one of them.
 */
export type Checked<P extends string, Names> = string extends P
  ? P
  : Record<never, unknown> extends Record<P, unknown>
    ? [Extract<Names, P>] extends [never]
      ? Names
      : P
    : Names;

/** The dotted names of the modules in `M`, itself (`""`) included. */
export type SubmodulePath<M, Base> =
  IsUnknown<M, Base> extends true ? string : "" | ChildPath<Published<M, Base>, Base, 7>;

type ChildPath<S, Base, Level extends number> = [Level] extends [never]
  ? string
  : {
      [Name in NameOf<S>]: NonNullable<S[Name]> extends Marked<typeof moduleMark>
        ?
            | `${Name}`
            | (IsUnknown<NonNullable<S[Name]>, Base> extends true
                ? `${Name}.${string}`
                : `${Name}.${ChildPath<Published<NonNullable<S[Name]>, Base>, Base, Below[Level]>}`)
        : never;
    }[NameOf<S>];

/** The module that a dotted name means. */
export type SubmoduleOf<M, Base, Path extends string, Level extends number = 7> = string extends Path
  ? Base
  : Path extends ""
    ? M
    : [Level] extends [never]
      ? Base
      : ChildOf<Published<M, Base>, Base, Path, Level>;

type ChildOf<S, Base, Path extends string, Level extends number> = Path extends `${infer Head}.${infer Rest}`
  ? SubmoduleOf<Child<S, Head, Base>, Base, Rest, Below[Level]>
  : Child<S, Path, Base>;

/** The child of a name; names of numbered children are numbers where a container was typed by position. */
type Child<S, Name extends string, Base> = Name extends keyof S
  ? NonNullable<S[Name]>
  : Name extends `${infer Index extends number}`
    ? Index extends keyof S
      ? NonNullable<S[Index]>
      : Base
    : Base;

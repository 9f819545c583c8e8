/**
 * The figures of one step: written into one array of numbers while the step is measured, which takes a fraction of the
 * time of a dozen columns, and made into the columns of a record when somebody wants them.
 */

import type { WatchRecord } from "../inspect/watch-log.ts";

/** Where each column starts, in counts of parameters. */
const places = {
  norm: 0,
  mean: 1,
  largest: 2,
  weightNorm: 3,
  update: 4,
  zeros: 5,
  nan: 6,
  inf: 7,
  silent: 8,
  off: 9,
  weightNan: 10,
  weightInf: 11,
} as const;

const placeCount = Object.keys(places).length;

/** A figure of a parameter. */
export type FigureName = keyof typeof places;

/** Numbers by parameter; null where there are none. */
type Column = (number | null)[];

/** What a record has of its sheet. */
export type FigureColumns = Pick<WatchRecord, "gradient" | "weight" | "update">;

/** The figures of some parameters. */
export class FigureSheet {
  readonly #count: number;
  /** Holes where a parameter has no such figure. */
  readonly #numbers: (number | undefined)[] = [];

  constructor(count: number) {
    this.#count = count;
    this.#numbers.length = placeCount * count;
  }

  set(name: FigureName, parameter: number, value: number): void {
    this.#numbers[places[name] * this.#count + parameter] = value;
  }

  columns(): FigureColumns {
    return {
      gradient: {
        norm: this.#column("norm"),
        mean: this.#column("mean"),
        largest: this.#column("largest"),
        zeros: this.#counts("zeros"),
        nan: this.#counts("nan"),
        inf: this.#counts("inf"),
        silent: this.#counts("silent"),
        off: this.#counts("off"),
      },
      weight: {
        norm: this.#column("weightNorm"),
        nan: this.#counts("weightNan"),
        inf: this.#counts("weightInf"),
      },
      update: this.#column("update"),
    };
  }

  #column(name: FigureName): Column {
    const start = places[name] * this.#count;
    const column: Column = [];
    for (let at = start; at < start + this.#count; at++) column.push(this.#numbers[at] ?? null);
    return column;
  }

  /** A column of counts; null where none is above 0. */
  #counts(name: FigureName): Column | null {
    const start = places[name] * this.#count;
    for (let at = start; at < start + this.#count; at++) {
      if ((this.#numbers[at] ?? 0) > 0) return this.#column(name);
    }
    return null;
  }
}

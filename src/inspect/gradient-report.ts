/**
 * The report on gradients as plain data: what each parameter and module gets from the backward pass, or why it gets
 * nothing. Who reads them from a network is in `state/`; how they print is in `gradient-text.ts`.
 */

import type { Statistics } from "./statistics.ts";

/**
 * Why a parameter has no gradient.
 *
 * - `frozen`: it does not require one.
 * - `backward-not-run`: nothing asked for gradients since they were last cleared.
 * - `detached`: a recorded computation used it since the last backward pass, but the result is cut off from the loss.
 * - `not-reached`: no recorded computation used it since.
 */
export type NoGradientReason = "frozen" | "backward-not-run" | "detached" | "not-reached";

/** Where the path back from the loss to a parameter ends: an op that takes values cut off from it. */
export interface PathEnd {
  /** The op, by PyTorch's name: `"AddmmBackward0"`. */
  readonly op: string;
  /** A parameter that this op uses; null where it uses none directly. */
  readonly parameter: string | null;
}

/** What is shown of a gradient, and judged. */
export type GradientFigures = Pick<Statistics, "count" | "nan" | "inf" | "zeros" | "mean" | "l2">;

/** Of a weight with outputs along the first dimension: those whose gradient is all zero, and how many there are. */
export interface SilentCounts {
  readonly outputs: number;
  readonly of: number;
}

/** What findings are made from. */
export interface JudgedRow {
  readonly name: string;
  /** The module that it belongs to. */
  readonly module: string;
  readonly shape: readonly number[];
  /** Null where there is none. */
  readonly gradient: GradientFigures | null;
  /** The gradient's largest magnitude. */
  readonly largest: number | null;
  /** Null where there is a gradient. */
  readonly reason: NoGradientReason | null;
  /** Null where there are no elements, as on the meta device. */
  readonly weight: Pick<Statistics, "count" | "nan" | "inf" | "l2"> | null;
  readonly silent: SilentCounts | null;
}

/** The gradients of one parameter. */
export interface GradientRow extends JudgedRow {
  readonly gradient: Statistics | null;
  /** Where the path to a detached parameter ends; null where no op is known to. */
  readonly pathEnd: PathEnd | null;
  readonly weight: Statistics | null;
  /** ‖update‖ / ‖weight‖; null where no update is known. */
  readonly updateRatio: number | null;
}

/** The gradients of all parameters in and below a module; shared ones count once. */
export interface GradientModuleRow {
  readonly name: string;
  readonly class: string | null;
  readonly parameters: number;
  readonly withGradient: number;
  /** How many parameters have none for each reason. */
  readonly reasons: Readonly<Partial<Record<NoGradientReason, number>>>;
  readonly gradient: Statistics | null;
  readonly largest: number | null;
  readonly updateRatio: number | null;
}

/** What stands out. */
export interface GradientFinding {
  readonly code: "nan" | "exploding" | "vanishing" | "dead";
  readonly message: string;
  /** The parameters that it is about; none where it is the loss alone. */
  readonly names: readonly string[];
}

/** What the gradients of a network are at this moment. Plain data. */
export interface GradientReport {
  /** The network's class. */
  readonly source: string;
  /** In PyTorch's order, each parameter under its first name. */
  readonly parameters: readonly GradientRow[];
  /** In tree order; the network itself is the first. */
  readonly modules: readonly GradientModuleRow[];
  readonly findings: readonly GradientFinding[];
}

/** The reasons in words, where no op is named. */
export const reasonWords: Readonly<Record<NoGradientReason, string>> = {
  frozen: "frozen",
  "backward-not-run": "backward not run",
  detached: "detached",
  "not-reached": "not reached",
};

/** How many parameters have no gradient for each reason, in words: `2 frozen, 1 detached`. */
export function reasonsText({ reasons }: Pick<GradientModuleRow, "reasons">): string {
  return Object.entries(reasons)
    .map(([reason, count]) => `${count} ${reasonWords[reason as NoGradientReason]}`)
    .join(", ");
}

/** A reason in words. */
export function reasonText({ reason, pathEnd }: Pick<GradientRow, "reason" | "pathEnd">): string {
  switch (reason) {
    case null:
      return "";
    case "frozen":
    case "backward-not-run":
      return reasonWords[reason];
    case "detached":
      if (pathEnd === null)
        return "detached from the loss: what was computed with it is not used in the loss, or as values without history";
      return `detached from the loss: the path ends at ${pathEnd.op}${pathEnd.parameter === null ? "" : ` (${pathEnd.parameter})`}`;
    case "not-reached":
      return "not reached from the loss: no recorded op used it";
  }
}

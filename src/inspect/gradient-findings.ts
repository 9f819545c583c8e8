/**
 * What stands out in gradients, in words: NaN and where it came first, exploding, vanishing and dead ones. The limits
 * are rules of thumb, stated here and nowhere else.
 */

import { quote } from "../errors.ts";
import type { GradientFinding, GradientRow } from "./gradient-report.ts";

/** A gradient explodes with a norm beyond this that is also ten times the weight's. Clipping is usual at 1. */
const explodingNorm = 1000;
const explodingRatio = 10;

/** A gradient vanishes when its root mean square is below this share of the largest one that does not explode. */
const vanishingShare = 1e-5;

/** A gradient whose root mean square is below this vanishes by itself: float32 weights near 1 do not notice it. */
const vanishingSize = 1e-12;

/** A row, and when the pass back comes to it. */
export interface OrderedRow {
  readonly row: GradientRow;
  /** The greater, the sooner the pass back comes to it. */
  readonly order: number;
}

/** What stands out in some rows, the worst first. `lossIsNan` says that the loss itself is NaN. */
export function findingsOf(ordered: readonly OrderedRow[], lossIsNan: boolean): GradientFinding[] {
  const rows = ordered.map(({ row }) => row);
  const exploding = rows.filter(isExploding);
  const finite = rows.filter((row) => row.gradient !== null && Number.isFinite(row.gradient.l2));
  const sizes = finite.filter((row) => !exploding.includes(row)).map(sizeOf);
  const reference = sizes.reduce((largest, size) => Math.max(largest, size), 0);
  const vanishing = finite.filter((row) => {
    const size = sizeOf(row);
    return size > 0 && (size < vanishingSize || size < reference * vanishingShare);
  });
  return [
    ...nanFindings(ordered, lossIsNan),
    ...exploding.map((row) => explodingFinding(row)),
    ...vanishing.map((row) => vanishingFinding(row, reference)),
    ...rows.flatMap(deadFinding),
  ];
}

/** Root mean square. */
function sizeOf({ gradient }: GradientRow): number {
  return gradient === null || gradient.count === 0 ? 0 : gradient.l2 / Math.sqrt(gradient.count);
}

function isExploding({ gradient, weight }: GradientRow): boolean {
  if (gradient === null || gradient.nan > 0) return false;
  return (
    gradient.inf > 0 || (gradient.l2 > explodingNorm && gradient.l2 > explodingRatio * (weight?.l2 ?? 0))
  );
}

function nanFindings(ordered: readonly OrderedRow[], lossIsNan: boolean): GradientFinding[] {
  const findings: GradientFinding[] = [];
  const inWeights = ordered.map(({ row }) => row).filter(({ weight }) => weight !== null && weight.nan > 0);
  const [firstWeight] = inWeights;
  if (firstWeight !== undefined) {
    const message = `NaN first seen at ${quote(firstWeight.name)}: the parameter itself has ${firstWeight.weight!.nan} of them.`;
    findings.push({ code: "nan", message, names: namesOf(inWeights) });
  }
  const inGradients = ordered.filter(({ row }) => row.gradient !== null && row.gradient.nan > 0);
  if (inGradients.length > 0) {
    const latest = inGradients.reduce((first, next) => (next.order >= first.order ? next : first)).row;
    const from = lossIsNan ? " The loss is NaN already." : "";
    const message = `NaN first seen at the gradient of ${quote(latest.name)}, as the pass goes back: ${latest.gradient!.nan} of ${latest.gradient!.count} elements.${from}`;
    findings.push({ code: "nan", message, names: namesOf(inGradients.map(({ row }) => row)) });
  }
  return findings;
}

function explodingFinding(row: GradientRow): GradientFinding {
  const { inf, l2 } = row.gradient!;
  const what =
    inf > 0
      ? `${inf} of its elements are infinite`
      : `its norm is ${l2.toPrecision(3)}, the weight's ${(row.weight?.l2 ?? 0).toPrecision(3)}`;
  return {
    code: "exploding",
    message: `The gradient of ${quote(row.name)} explodes: ${what}.`,
    names: [row.name],
  };
}

function vanishingFinding(row: GradientRow, reference: number): GradientFinding {
  const size = sizeOf(row);
  const message = `The gradient of ${quote(row.name)} vanishes: its elements are about ${size.toPrecision(2)}, those of the largest ${reference.toPrecision(2)}.`;
  return { code: "vanishing", message, names: [row.name] };
}

function deadFinding(row: GradientRow): GradientFinding[] {
  const { gradient, silent } = row;
  if (gradient === null || gradient.count === 0 || gradient.nan > 0) return [];
  const cause = "as behind a ReLU that is never active";
  if (silent !== null && silent.outputs > 0) {
    const which = silent.outputs === silent.of ? "all" : `${silent.outputs} of`;
    const message = `${quote(row.name)} is dead in ${which} ${silent.of} outputs: their gradient is zero, ${cause}.`;
    return [{ code: "dead", message, names: [row.name] }];
  }
  if (silent !== null || gradient.zeros < gradient.count) return [];
  return [
    {
      code: "dead",
      message: `${quote(row.name)} is dead: its gradient is zero, ${cause}.`,
      names: [row.name],
    },
  ];
}

function namesOf(rows: readonly GradientRow[]): string[] {
  return rows.map(({ name }) => name);
}

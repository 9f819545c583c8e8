/**
 * What stands out in gradients, in words: NaN and where it came first, exploding, vanishing and dead ones. The limits
 * are rules of thumb, stated here and nowhere else; a network that is fresh and sound must not break them.
 */

import { quote } from "../errors.ts";
import { parentModule } from "../name.ts";
import type { GradientFigures, GradientFinding, JudgedRow } from "./gradient-report.ts";

/**
 * A gradient explodes with a norm beyond this that is also so many times the weight's. Clipping is usual at 1; losses that
 * are summed over a batch, and inputs that nobody scaled, come to some thousands.
 */
const explodingNorm = 1e4;
const explodingRatio = 100;

/** A gradient vanishes when its root mean square is below this share of the largest one that does not explode. */
const vanishingShare = 1e-5;

/** A gradient whose root mean square is below this vanishes by itself: float32 weights near 1 do not notice it. */
const vanishingSize = 1e-12;

/** Factors of this size belong to a branch that is to start as if it were not there: 1e-5 and 1e-6 are usual. */
const gateSize = 1e-4;

/** With a loss below this the fit is perfect, and gradients may be as small as they like. */
const perfectLoss = 1e-6;

/** Outputs that their own weights keep off are worth a word from this share on. */
const offShare = 0.1;

/**
 * Of many outputs so large a share is silent in no fresh network: there about half are, when the inputs are alike or few.
 */
const silentShare = 0.9;
const manyOutputs = 32;

/** A row, and what it takes to judge it. */
export interface OrderedRow {
  readonly row: JudgedRow;
  /** When the pass back has its gradient: the greater, the sooner. */
  readonly order: number;
  /** Silent outputs that hardly any input can wake. */
  readonly off: number;
}

/** A row that has a gradient, with elements. */
interface Having extends OrderedRow {
  readonly gradient: GradientFigures;
}

/** What stands out in some rows, the worst first. `loss` is the loss's value, if it is known. */
export function findingsOf(ordered: readonly OrderedRow[], loss: number | null): GradientFinding[] {
  const having = ordered.flatMap((one): Having[] => {
    const { gradient } = one.row;
    return gradient === null || gradient.count === 0 ? [] : [{ ...one, gradient }];
  });
  const exploding = having.filter(isExploding);
  const { vanishing, reference } = vanishingOf(having, exploding, loss);
  const zero = having.filter(isAllZero).filter((one) => !vanishing.includes(one));
  return [
    ...weightFindings(ordered),
    ...nanFindings(having, loss),
    ...explodingFindings(exploding),
    ...vanishingFindings(vanishing, reference),
    ...deadFindings(zero, having, loss),
    ...having.filter((one) => !zero.includes(one)).flatMap(silentFinding),
  ];
}

/** A size in two digits. */
function sizeText(size: number): string {
  return size < 1e-3 || size >= 1e3 ? size.toExponential(1) : String(Number(size.toPrecision(2)));
}

function isAllZero({ gradient }: Having): boolean {
  return gradient.zeros === gradient.count;
}

function isPerfect(loss: number | null): boolean {
  return loss !== null && Math.abs(loss) < perfectLoss;
}

/** Root mean square; of squares too small for a float64, the largest magnitude. */
function sizeOf({ row, gradient }: Having): number {
  return gradient.l2 > 0 ? gradient.l2 / Math.sqrt(gradient.count) : row.largest!;
}

/** `"a"`, or `"a" and 3 more`. */
function listed(rows: readonly OrderedRow[]): string {
  const [first] = rows;
  return `${quote(first!.row.name)}${rows.length > 1 ? ` and ${rows.length - 1} more` : ""}`;
}

function namesOf(rows: readonly OrderedRow[]): string[] {
  return rows.map(({ row }) => row.name);
}

function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? "" : "s"}`;
}

function weightFindings(ordered: readonly OrderedRow[]): GradientFinding[] {
  const withNan = ordered.filter(({ row }) => (row.weight?.nan ?? 0) > 0);
  // What is frozen may be a mask of infinities.
  const withInf = ordered.filter(
    ({ row }) => (row.weight?.inf ?? 0) > 0 && row.weight!.nan === 0 && row.reason !== "frozen",
  );
  const findings: GradientFinding[] = [];
  if (withNan.length > 0) {
    const { name, weight } = withNan[0]!.row;
    const message = `NaN first seen at ${quote(name)}: the parameter itself has ${weight!.nan} of them.`;
    findings.push({ code: "nan", message, names: namesOf(withNan) });
  }
  if (withInf.length > 0) {
    const message = `${listed(withInf)}: the parameter itself has ${counted(withInf[0]!.row.weight!.inf, "infinite element")}.`;
    findings.push({ code: "exploding", message, names: namesOf(withInf) });
  }
  return findings;
}

function nanFindings(having: readonly Having[], loss: number | null): GradientFinding[] {
  const inGradients = having.filter(({ gradient }) => gradient.nan > 0);
  const lossIsNan = loss !== null && Number.isNaN(loss);
  if (inGradients.length === 0) {
    const message = "NaN first seen at the loss: no gradient has any.";
    return lossIsNan ? [{ code: "nan", message, names: [] }] : [];
  }
  const latest = inGradients.reduce((first, next) => (next.order >= first.order ? next : first));
  const from = lossIsNan ? " The loss is NaN already." : "";
  const message = `NaN first seen at the gradient of ${quote(latest.row.name)}, as the pass goes back: ${latest.gradient.nan} of ${latest.gradient.count} elements.${from}`;
  return [{ code: "nan", message, names: namesOf(inGradients) }];
}

function isExploding({ row, gradient }: Having): boolean {
  if (gradient.nan > 0) return false;
  return (
    gradient.inf > 0 || (gradient.l2 > explodingNorm && gradient.l2 > explodingRatio * (row.weight?.l2 ?? 0))
  );
}

function explodingFindings(exploding: readonly Having[]): GradientFinding[] {
  if (exploding.length === 0) return [];
  const worst = exploding.reduce((most, next) => (next.gradient.l2 > most.gradient.l2 ? next : most));
  const { inf, l2 } = worst.gradient;
  const what =
    inf > 0
      ? `${inf} of ${counted(worst.gradient.count, "element")} ${inf === 1 ? "is" : "are"} infinite`
      : `its norm is ${sizeText(l2)}, the weight's ${sizeText(worst.row.weight?.l2 ?? 0)}`;
  return [
    {
      code: "exploding",
      message: `${told(exploding, worst, "explode")}: ${what}.`,
      names: namesOf(exploding),
    },
  ];
}

/** `The gradient of "a" vanishes`, or `7 gradients vanish, that of "a" most`. */
function told(rows: readonly Having[], worst: Having, verb: "explode" | "vanish"): string {
  const name = quote(worst.row.name);
  if (rows.length > 1) return `${rows.length} gradients ${verb}, that of ${name} most`;
  return `The gradient of ${name} ${verb === "explode" ? "explodes" : "vanishes"}`;
}

/**
 * The rows that vanish, and the largest size that does not explode.
 *
 * A vector counts only if nothing in its module is larger: the gradient of a bias before a normalization, or of the keys
 * of attention, is zero but for rounding. What is multiplied by a factor that starts near zero is small by design. What is
 * zero behind a row that vanishes has become so on the way.
 */
function vanishingOf(
  having: readonly Having[],
  exploding: readonly Having[],
  loss: number | null,
): { readonly vanishing: readonly Having[]; readonly reference: number } {
  const finite = having.filter((one) => Number.isFinite(one.gradient.l2) && !exploding.includes(one));
  const reference = finite.reduce((largest, one) => Math.max(largest, sizeOf(one)), 0);
  const limit = Math.max(reference * vanishingShare, isPerfect(loss) ? 0 : vanishingSize);
  const small = finite.filter((one) => sizeOf(one) < limit && !isAllZero(one));
  const sound = new Set(
    having.filter((one) => !small.includes(one) && !isAllZero(one)).map(({ row }) => row.module),
  );
  const gates = having.filter((one) => isGate(one, gateSize) && !small.includes(one));
  const vanishing = small.filter(
    ({ row }) =>
      (row.shape.length > 1 || !sound.has(row.module)) && !gates.some((gate) => isBeside(gate.row, row)),
  );
  const first = vanishing.reduce((latest, { order }) => Math.max(latest, order), -Infinity);
  const isGone = (one: Having): boolean => isAllZero(one) && one.order < first;
  return { vanishing: having.filter((one) => vanishing.includes(one) || isGone(one)), reference };
}

function vanishingFindings(vanishing: readonly Having[], reference: number): GradientFinding[] {
  if (vanishing.length === 0) return [];
  const worst = vanishing.reduce((most, next) => (sizeOf(next) < sizeOf(most) ? next : most));
  const size = sizeOf(worst) === 0 ? "zero" : `about ${sizeText(sizeOf(worst))}`;
  const message = `${told(vanishing, worst, "vanish")}: its elements are ${size}, those of the largest ${sizeText(reference)}.`;
  return [{ code: "vanishing", message, names: namesOf(vanishing) }];
}

/**
 * Rows that are all zero, but for those that have a reason to be: what is multiplied by a parameter of zeros waits for
 * that to learn; a bias may cancel out; and where only the bias learns, it is the input that is zero, as of a first state.
 */
function deadFindings(
  zero: readonly Having[],
  having: readonly Having[],
  loss: number | null,
): GradientFinding[] {
  if (zero.length === 0 || (zero.length === having.length && isPerfect(loss))) return [];
  if (zero.length === having.length) {
    const message =
      "All gradients are zero: backward was not run since they were cleared, the loss depends on no parameter, or they are too small for their dtype.";
    return [{ code: "dead", message, names: namesOf(zero) }];
  }
  const learning = having.filter((one) => !isAllZero(one)).map(({ row }) => row);
  const gates = having.filter((one) => isGate(one, 0));
  const dead = zero.filter(({ row, order }) => {
    if (gates.some((gate) => gate.order > order || isBeside(gate.row, row))) return false;
    if (isBias(row.name)) return !learning.some(({ module }) => module === row.module);
    const bias = row.name.replace(/weight([^.]*)$/, "bias$1");
    return !learning.some(({ name }) => name === bias);
  });
  if (dead.length === 0) return [];
  const verb = dead.length === 1 ? "is dead: its gradient is" : "are dead: their gradients are";
  const message = `${listed(dead)} ${verb} zero, as behind a ReLU that is never active, a saturated sigmoid or a mask.`;
  return [{ code: "dead", message, names: namesOf(dead) }];
}

function isBias(name: string): boolean {
  return /bias[^.]*$/.test(name);
}

/** Root mean square, without what rounding adds to it. */
function sizeOfWeight({ l2, count }: NonNullable<JudgedRow["weight"]>): number {
  return count === 0 ? 0 : (l2 / Math.sqrt(count)) * (1 - 1e-6);
}

/** Whether a parameter is a factor that starts at most at `size`, as in adapters and residual branches, and learns. */
function isGate(one: Having, size: number): boolean {
  const { name, weight } = one.row;
  return weight !== null && sizeOfWeight(weight) <= size && !isAllZero(one) && !isBias(name);
}

/** Whether a gate stands in the module around a row's module, or in one next to some module around it. */
function isBeside(gate: JudgedRow, row: JudgedRow): boolean {
  if (gate.module === parentModule(row.module)) return true;
  const scope = parentModule(gate.module);
  return scope === ""
    ? parentModule(row.module) === ""
    : isInside(row.module, scope) || isInside(row.module, gate.module);
}

function isInside(module: string, scope: string | null): boolean {
  return scope !== null && scope !== "" && (module === scope || module.startsWith(`${scope}.`));
}

function silentFinding({ row, off }: Having): GradientFinding[] {
  const { name, silent } = row;
  if (silent === null) return [];
  const { outputs, of } = silent;
  const say = (count: number, why: string): GradientFinding[] => [
    { code: "dead", message: `${quote(name)} is dead in ${count} of ${of} outputs: ${why}.`, names: [name] },
  ];
  if (outputs >= silentShare * of && of >= manyOutputs) {
    return say(outputs, "their gradient is zero, as behind a ReLU that is never active");
  }
  if (off === 0 || off < offShare * of) return [];
  return say(off, "their gradient is zero, and they are so far below zero that a ReLU is never active");
}

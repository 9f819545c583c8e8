/**
 * The equations of `einsum`: read, checked, and turned into positions of dimensions.
 */

import { torchError } from "../errors.ts";
import type { Tensor } from "../tensor/tensor.ts";

/** Stands for the dimensions that `...` covers. */
export const ellipsis = "...";

/** The labels of each operand and of the result; `...` is one of them. */
export interface Equation {
  readonly operands: readonly (readonly string[])[];
  readonly output: readonly string[];
}

function refusal(text: string): Error {
  return torchError("RuntimeError", `einsum(): ${text}`);
}

/** Reads the labels of one term; `where` names it in messages, `start` is its place in the equation. */
function labelsOf(term: string, start: number, where: string, isOutput: boolean): string[] {
  const labels: string[] = [];
  for (let k = 0; k < term.length; k++) {
    const character = term[k]!;
    if (character === " ") continue;
    if (character === ".") {
      if (labels.includes(ellipsis)) {
        throw refusal(
          isOutput
            ? "found '.' for output but an ellipsis (...) was already found"
            : `found '.' for ${where} for which an ellipsis was already found`,
        );
      }
      if (term.slice(k, k + 3) !== ellipsis) {
        throw refusal(`found '.' for ${where} that is not part of any ellipsis`);
      }
      labels.push(ellipsis);
      k += 2;
    } else if (/[a-zA-Z]/.test(character)) labels.push(character);
    else {
      throw refusal(
        `invalid subscript given at index ${start + k} in the equation string, subscripts must be in [a-zA-Z]`,
      );
    }
  }
  return labels;
}

/** The labels that appear once, capitals first, behind the ellipsis: the result where the equation names none. */
function impliedOutput(operands: readonly (readonly string[])[]): string[] {
  const all = operands.flat();
  const once = all.filter((label) => label !== ellipsis && all.indexOf(label) === all.lastIndexOf(label));
  return [...(all.includes(ellipsis) ? [ellipsis] : []), ...once.sort()];
}

/**
 * Reads an equation for its operands.
 *
 * Throws: PyTorch's RuntimeErrors for what is no equation, and where it does not fit the operands.
 */
export function readEquation(equation: string, tensors: readonly Tensor[]): Equation {
  const arrow = equation.indexOf("->");
  const left = arrow < 0 ? equation : equation.slice(0, arrow);
  const terms = left.split(",");
  let start = 0;
  const operands = terms.map((term, number) => {
    const labels = labelsOf(term, start, `operand ${number}`, false);
    start += term.length + 1;
    return labels;
  });
  if (terms.length > tensors.length) {
    throw refusal("fewer operands were provided than specified in the equation");
  }
  if (terms.length < tensors.length) {
    throw refusal("more operands were provided than specified in the equation");
  }
  operands.forEach((labels, number) => {
    const rank = tensors[number]!.shape.length;
    const hasEllipsis = labels.includes(ellipsis);
    const named = labels.length - (hasEllipsis ? 1 : 0);
    if (hasEllipsis ? named <= rank : named === rank) return;
    throw refusal(
      hasEllipsis
        ? `the number of subscripts in the equation (${named}) is more than the number of dimensions (${rank}) for operand ${number}`
        : `the number of subscripts in the equation (${named}) does not match the number of dimensions (${rank}) for operand ${number} and no ellipsis was given`,
    );
  });
  if (arrow < 0) return { operands, output: impliedOutput(operands) };
  const output = labelsOf(equation.slice(arrow + 2), arrow + 2, "output", true);
  const known = new Set(operands.flat());
  output.forEach((label, place) => {
    if (label === ellipsis) return;
    if (output.indexOf(label) < place) {
      throw refusal(`output subscript ${label} appears more than once in the output`);
    }
    if (!known.has(label)) {
      throw refusal(`output subscript ${label} does not appear in the equation for any input operand`);
    }
  });
  return { operands, output };
}

/**
 * The history of a tensor: its gradient record, the edge that leads to the node that made it, and how in-place writes
 * change it, for views and their bases too.
 *
 * Note [views and in-place]: a view shares its base's version. A write through the view replaces the base's node by
 * `CopySlices`, which sends the part of the gradient that lies in the view through the write and lets the rest pass. A
 * view notices by the version that its node is outdated, and then is "the base, looked at with these strides".
 */

import type { DType } from "../dtype.ts";
import { torchError } from "../errors.ts";
import { toSize } from "../shape.ts";
import { realDtype } from "../tensor/promotion.ts";
import type { GradFn, Tensor, ViewOrigin } from "../tensor/tensor.ts";
import { typeText } from "../tensor/tensor.ts";
import { anomalyMode } from "./anomaly-mode.ts";
import { arithmetic } from "./arithmetic.ts";
import type { StridedFacts } from "./arithmetic.ts";
import { gradMode } from "./grad-mode.ts";
import type { Gradients, TensorHook } from "./node.ts";
import { Node, asNode, releasedError, sequenceNow } from "./node.ts";

/** What a tensor carries for gradients beside its node. */
export class GradientRecord {
  gradient: Tensor | null = null;
  /** Of a leaf: the node that collects its gradient. */
  accumulator: AccumulateGrad | null = null;
  /** Of a leaf: called with it after its gradient was updated. */
  readonly afterAccumulation: Map<number, (self: Tensor) => void> = new Map();
  retainsGradient = false;
}

/** The record of a tensor, made when first asked for. */
export function recordOf(self: Tensor): GradientRecord {
  self.gradientRecord ??= new GradientRecord();
  return self.gradientRecord as GradientRecord;
}

/** The sequence of the ends of the graph: they run before all other nodes that are ready, as in PyTorch. */
const beforeAll = Number.MAX_SAFE_INTEGER;

/** Whether a node is the end of the graph at a leaf, of this or another copy of the package. */
export function isAccumulateGrad(node: Node | null | undefined): node is AccumulateGrad {
  return node?.sequence === beforeAll;
}

/** The end of the graph at a leaf: what arrives here is added to the leaf's gradient by the engine. */
export class AccumulateGrad extends Node {
  readonly name: string = "AccumulateGrad";
  readonly leaf: Tensor;
  /** The sequence of the latest node that uses the leaf; see `sequenceNow`. */
  usedAt: number = 0;
  /** The sequence at which a pass back came here last. */
  passedAt: number = 0;
  /** Stands for the leaf where it must not be kept alive. */
  mark: object = {};

  constructor(leaf: Tensor) {
    super([], [], leaf.shape, leaf.dtype, leaf.strides, beforeAll);
    this.leaf = leaf;
  }

  override apply(): Gradients {
    return [];
  }
}

/** Has a leaf that got another shape or dtype collect by these from now on; its hooks stay. */
export function renewAccumulator(self: Tensor): void {
  const former = (self.gradientRecord as GradientRecord | null)?.accumulator ?? null;
  if (former === null) return;
  const renewed = new AccumulateGrad(self);
  renewed.outputHooks = former.outputHooks;
  renewed.usedAt = former.usedAt;
  renewed.passedAt = former.passedAt;
  renewed.mark = former.mark;
  recordOf(self).accumulator = renewed;
}

/** Whether gradients are wanted for a tensor: it is a leaf that collects them, or was computed from one that does. */
export function requiresGrad(self: Tensor): boolean {
  return self.node !== null || self.collectsGradient || (self.base !== null && requiresGrad(self.base));
}

/** The node that made a tensor, renewed where a write to its base outdated it; null for leaves. */
export function gradFnOf(self: Tensor): Node | null {
  const { base } = self;
  // A view of what has no gradient may still be a leaf itself.
  if (base === null || self.nodeVersion === self.version.value || !requiresGrad(base))
    return asNode(self.node);
  const renewed = new AsStridedView(base, self);
  moveRetained(self, renewed);
  self.node = renewed;
  self.outputNumber = 0;
  self.nodeVersion = self.version.value;
  return renewed;
}

/** The node that takes a tensor's gradient: what made it, or for a leaf what collects; null where none is wanted. */
export function gradientNodeOf(self: Tensor): Node | null {
  if (self.base === null) {
    if (self.node !== null) return self.node as Node;
  } else {
    const node = gradFnOf(self);
    if (node !== null) return node;
  }
  if (!self.collectsGradient) return null;
  const record = recordOf(self);
  record.accumulator ??= new AccumulateGrad(self);
  record.accumulator.usedAt = sequenceNow();
  return record.accumulator;
}

/**
 * Lets a computed tensor keep its gradient.
 *
 * Throws: PyTorch's RuntimeError for a tensor that requires none.
 */
export function retainGrad(self: Tensor): void {
  if (!requiresGrad(self)) {
    throw torchError("RuntimeError", "can't retain_grad on Tensor that has requires_grad=False");
  }
  const node = gradFnOf(self);
  if (node === null) return;
  node.hooksOf(self.outputNumber).retainedBy = self;
  recordOf(self).retainsGradient = true;
}

/** A view whose base was written to: the base's gradient at the places of the view. */
class AsStridedView extends Node {
  readonly name: string = "AsStridedBackward0";
  readonly #base: TypedFacts;
  readonly #view: TypedFacts;

  constructor(base: Tensor, view: Tensor) {
    super([gradientNodeOf(base)], [base.outputNumber], view.shape, view.dtype, view.strides);
    this.#base = stridedFacts(base);
    this.#view = stridedFacts(view);
  }

  override apply(gradients: Gradients): Gradients {
    const [gradient] = gradients;
    return [
      gradient === null || gradient === undefined ? null : viewAdjoint(gradient, this.#base, this.#view),
    ];
  }
}

/** A base into which one of its views was written: the view's part of the gradient goes through the write. */
class CopySlices extends Node {
  readonly name: string = "CopySlices";
  readonly #base: TypedFacts;
  readonly #view: TypedFacts;
  #write: Node | null;

  constructor(base: Tensor, view: Tensor, write: Node) {
    super(
      [gradientNodeOf(base), ...write.next.slice(1)],
      [base.outputNumber, ...write.nextOutput.slice(1)],
      base.shape,
      base.dtype,
      base.strides,
    );
    this.#base = stridedFacts(base);
    this.#view = stridedFacts(view);
    this.#write = write;
  }

  override apply(gradients: Gradients): Gradients {
    if (this.#write === null) throw releasedError();
    const [gradient] = gradients;
    if (gradient === null || gradient === undefined) return this.next.map(() => null);
    const ops = arithmetic();
    const whole = ops.cloneStrided(gradient, this.#base.strides);
    const part = viewOfGradient(whole, this.#base, this.#view);
    const results = this.#write.apply([ops.clone(part)]);
    const [through] = results;
    if (through === null || through === undefined) ops.copyInto(part, ops.zeros(part));
    else ops.copyInto(part, through);
    return [this.next[0] === null || this.next[0] === undefined ? null : whole, ...results.slice(1)];
  }

  override release(): void {
    this.#write?.release();
    this.#write = null;
  }
}

/** Where the elements of a tensor lie, and how wide they are. */
interface TypedFacts extends StridedFacts {
  readonly dtype: DType;
}

function stridedFacts(self: Tensor): TypedFacts {
  return { dtype: self.dtype, shape: self.shape, strides: self.strides, offset: self.offset };
}

/** Where a tensor lies, counted in real numbers: complex ones are pairs along a last dimension. */
function realFacts(facts: TypedFacts): TypedFacts {
  if (facts.dtype.kind !== "complex") return facts;
  const shape = toSize([...facts.shape, 2]);
  const strides = [...facts.strides.map((stride) => 2 * stride), 1];
  return { dtype: realDtype(facts.dtype), shape, strides, offset: 2 * facts.offset };
}

/** A gradient of complex numbers as one of their parts; others as they are. */
function ofParts(gradient: Tensor): Tensor {
  return gradient.isComplex() ? arithmetic().viewAsReal(gradient) : gradient;
}

/** The adjoint of a view by strides, also of a view of the parts of complex numbers or of parts as such numbers. */
function viewAdjoint(gradient: Tensor, base: TypedFacts, view: TypedFacts): Tensor {
  const ops = arithmetic();
  if (base.dtype === view.dtype) return ops.asStridedAdjoint(gradient, base, view);
  const whole = ops.asStridedAdjoint(ofParts(gradient), realFacts(base), realFacts(view));
  return base.dtype.kind === "complex" ? ops.viewAsComplex(whole) : whole;
}

/** The part of a base's gradient that is a view's, on the same memory. */
function viewOfGradient(whole: Tensor, base: TypedFacts, view: TypedFacts): Tensor {
  const ops = arithmetic();
  if (base.dtype === view.dtype) {
    return ops.asStrided(whole, view.shape, view.strides, view.offset - base.offset);
  }
  const [from, to] = [realFacts(base), realFacts(view)];
  const part = ops.asStrided(ofParts(whole), to.shape, to.strides, to.offset - from.offset);
  return view.dtype.kind === "complex" ? ops.viewAsComplex(part) : part;
}

/**
 * Refuses an in-place write that would break the graph. `isRecorded` says whether any operand requires a gradient.
 *
 * Throws: PyTorch's RuntimeErrors for leaves, views of leaves, views made without recording and one of many views.
 */
export function checkInPlace(self: Tensor, isRecorded: boolean): void {
  if (!isRecorded || !gradMode.recording) return;
  const { base } = self;
  if (base !== null) {
    if (self.viewOrigin !== "single") throw viewOriginError(self, self.viewOrigin);
    if (requiresGrad(self) && gradFnOf(base) === null) {
      throw torchError(
        "RuntimeError",
        "a view of a leaf Variable that requires grad is being used in an in-place operation.",
      );
    }
  }
  if (self.collectsGradient && gradFnOf(self) === null) {
    throw torchError(
      "RuntimeError",
      "a leaf Variable that requires grad is being used in an in-place operation.",
    );
  }
}

const viewAdvice: Readonly<Record<Exclude<ViewOrigin, "single">, string>> = {
  multiple:
    "This view is the output of a function that returns multiple views. Such functions do not allow the output views to be modified inplace. You should replace the inplace operation by an out-of-place one.",
  "no-grad":
    "Given that this use case is ambiguous and error-prone, it is forbidden. You can clarify your code by moving both the view and the inplace either both inside the no_grad block (if you don't want the inplace to be tracked) or both outside (if you want the inplace to be tracked).",
  "custom-function":
    "This view was created inside a custom Function (or because an input was returned as-is) and the autograd logic to handle view+inplace would override the custom backward associated with the custom Function, leading to incorrect gradients. This behavior is forbidden. You can fix this by cloning the output of the custom Function.",
};

function viewOriginError(self: Tensor, origin: Exclude<ViewOrigin, "single">): Error {
  const output =
    self.node === null ? null : `Output ${self.outputNumber} of ${messageName(self.node)} is a view`;
  const what =
    origin === "no-grad" || output === null
      ? `${output === null ? "A view was" : `${output} of a view which was`} created in no_grad mode and is being modified inplace with grad mode enabled.`
      : `${output} and is being modified inplace.`;
  return torchError("RuntimeError", `${what} ${viewAdvice[origin]}`);
}

/** A tensor that retains its gradient wants that of its present value: after a write, that of the write's result. */
function moveRetained(self: Tensor, node: Node): void {
  const record = self.gradientRecord as GradientRecord | null;
  if (record === null || !record.retainsGradient) return;
  const former = asNode(self.node);
  if (former !== null) former.hooksOf(self.outputNumber).retainedBy = null;
  node.hooksOf(0).retainedBy = self;
}

/** A node as PyTorch's messages name it: without `Backward` and 0, and with its namespace if it is part of autograd itself. */
function messageName({ name }: GradFn): string {
  if (name === "CopySlices" || name === "CopyBackwards") return `torch::autograd::${name}`;
  return name.replace(/Backward0?(\d*)$/, "$1");
}

/** The error of a saved tensor that was written since; `saver` is the node of which it is an output, if it is one. */
export function changedError(saved: Tensor, expected: number, saver: GradFn | null = null): Error {
  const node = saver ?? gradFnOf(saved);
  const maker = node === null ? "" : `, which is output ${saved.outputNumber} of ${messageName(node)},`;
  const hint = anomalyMode.isOn
    ? "the backtrace further above shows the operation that failed to compute its gradient. The variable in question was changed in there or anywhere later. Good luck!"
    : "enable anomaly detection to find the operation that failed to compute its gradient, with torch.autograd.set_detect_anomaly(True, check_nan=False).";
  return torchError(
    "RuntimeError",
    `one of the variables needed for gradient computation has been modified by an inplace operation: [${typeText(saved.dtype)} [${saved.shape.join(", ")}]]${maker} is at version ${saved.version.value}; expected version ${expected} instead. Hint: ${hint}`,
  );
}

/** Makes `node`, whose input 0 is the tensor before the write, the maker of the tensor after it. */
export function rebaseHistory(self: Tensor, node: Node): void {
  const { base } = self;
  if (base === null) {
    moveRetained(self, node);
    self.node = node;
    self.outputNumber = 0;
    return;
  }
  const slices = new CopySlices(base, self, node);
  moveRetained(base, slices);
  base.node = slices;
  base.outputNumber = 0;
  self.nodeVersion = -1;
  gradFnOf(self);
}

/**
 * Ends a change of how a tensor looks at its elements, by the node of the new view; null where it is not recorded. Its base
 * keeps its own history: no element was written.
 */
export function replaceView(self: Tensor, node: GradFn | null): void {
  self.version.value++;
  if (node === null) {
    renewAccumulator(self);
    // What a view had before is a view of another shape.
    self.nodeVersion = -1;
    return;
  }
  moveRetained(self, node as Node);
  self.node = node;
  self.outputNumber = 0;
  self.nodeVersion = self.version.value;
}

/** A hook's value for a message, as Python would print its type. */
export function pythonTypeName(value: unknown): string {
  switch (typeof value) {
    case "number":
      return Number.isInteger(value) ? "int" : "float";
    case "bigint":
      return "int";
    case "string":
      return "str";
    case "boolean":
      return "bool";
    case "function":
      return "function";
    default:
      return value === null || value === undefined ? "NoneType" : Array.isArray(value) ? "list" : "dict";
  }
}

/** Runs the hooks on a gradient in order; each may replace it. */
export function runHooks(
  hooks: ReadonlyMap<number, TensorHook>,
  gradient: Tensor,
  isTensor: (value: unknown) => value is Tensor,
): Tensor {
  let current = gradient;
  for (const hook of hooks.values()) {
    const result: unknown = hook(current);
    if (result === undefined || result === null) continue;
    if (!isTensor(result)) {
      throw torchError("TypeError", `expected Variable, but hook returned '${pythonTypeName(result)}'`);
    }
    if (
      result.shape.length !== current.shape.length ||
      result.shape.some((length, k) => length !== current.shape[k])
    ) {
      throw torchError("RuntimeError", `hook '${hook.name || "<lambda>"}' has changed the size of value`);
    }
    if (result.dtype !== current.dtype) {
      throw torchError(
        "RuntimeError",
        `hook '${hook.name || "<lambda>"}' has changed the type of value (was ${typeText(current.dtype)} got ${typeText(result.dtype)})`,
      );
    }
    current = result;
  }
  return current;
}

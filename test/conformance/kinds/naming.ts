/**
 * The kind `naming`: a network, and what PyTorch says of it: names, shapes, values, texts, totals.
 *
 * Our own cases may also have `forward`: inputs, the output for them, and the gradients of its elements'
 * sum, each times the cosine of its place. These are compared within 1e-4 of the largest element, everything else exactly.
 */

import type { Module } from "../../../src/nn/index.ts";
import { arange } from "../../../src/ops/creation-sequences.ts";
import { rand } from "../../../src/ops/random-creation.ts";
import { manualSeed } from "../../../src/tensor/random/index.ts";
import type { Tensor } from "../../../src/tensor/tensor.ts";
import { isTensor } from "../../../src/tensor/tensor.ts";
import { asList, asRecord, asText, decodeNumber, decodeSeed, decodeTensor, sha1 } from "../case-data.ts";
import type { CaseRecord } from "../case-data.ts";
import type { Kind } from "../kind.ts";
import { bytesOf, networkOf, tensorOf } from "../network.ts";
import { Comparison } from "../outcome.ts";

/** How far a computed number may be from PyTorch's, as a part of the largest in its tensor. */
const tolerance = 1e-4;

/** The kind `naming`. */
export const naming: Kind = {
  name: "naming",
  check(given) {
    manualSeed(decodeSeed(given["seed"]));
    const net = networkOf(given["spec"]);
    const comparison = new Comparison();
    const next = rand(1).item();
    for (const [what, find] of Object.entries(facts)) {
      if (given[what] !== undefined) comparison.equal(what, given[what], find(net));
    }
    if (given["rng_next_rand"] !== undefined) comparison.equal("rng_next_rand", given["rng_next_rand"], next);
    if (given["state_dict"] !== undefined) {
      comparison.equal("state_dict", asList(given["state_dict"], "state_dict").map(digested), stateOf(net));
    }
    if (given["forward"] !== undefined)
      compareForward(net, asRecord(given["forward"], "forward"), comparison);
    if (given["half_dtypes"] !== undefined) {
      const found = [...net.half().stateDict()].map(([name, tensor]) => [name, tensor.dtype.name]);
      comparison.equal("half_dtypes", given["half_dtypes"], found);
    }
    return comparison.mismatches;
  },
};

/** What is compared as it is, by the name of the case's field. */
const facts: Readonly<Record<string, (net: Module) => unknown>> = {
  cls: (net) => net.getName(),
  repr: String,
  named_parameters: (net) =>
    Array.from(net.namedParameters({}), ([name, { shape, dtype, requiresGrad }]) => [
      name,
      [...shape],
      dtype.name,
      requiresGrad,
    ]),
  named_parameters_prefix_norecurse: (net) =>
    Array.from(net.namedParameters({ prefix: "root", recurse: false }), ([name]) => name),
  named_parameters_with_duplicates: (net) =>
    Array.from(net.namedParameters({ removeDuplicate: false }), ([name]) => name),
  named_buffers: (net) =>
    Array.from(net.namedBuffers({}), ([name, { shape, dtype }]) => [name, [...shape], dtype.name]),
  named_modules: (net) => Array.from(net.namedModules(), ([name, module]) => [name, module.getName()]),
  named_modules_with_duplicates: (net) =>
    Array.from(net.namedModules({ removeDuplicate: false }), ([name]) => name),
  named_children: (net) => Array.from(net.namedChildren(), ([name, module]) => [name, module.getName()]),
  state_dict_metadata: (net) => Array.from(net.stateDict().metadata, ([name, facts]) => [name, facts]),
  totals: (net) => Array.from(net.namedModules(), ([path, module]) => totalsOf(path, module)),
};

function totalsOf(path: string, module: Module): unknown {
  const count = (tensors: Iterable<Tensor>): number =>
    Array.from(tensors, (tensor) => tensor.numel()).reduce((sum, numel) => sum + numel, 0);
  const own = [...module.parameters({ recurse: false })];
  const all = [...module.parameters()];
  return {
    path,
    type: module.getName(),
    own_params: count(own),
    own_trainable: count(own.filter(({ requiresGrad }) => requiresGrad)),
    total_params: count(all),
    total_trainable: count(all.filter(({ requiresGrad }) => requiresGrad)),
    own_buffers: count(module.buffers({ recurse: false })),
    total_buffers: count(module.buffers()),
    param_bytes: all.reduce((sum, tensor) => sum + tensor.numel() * tensor.elementSize(), 0),
    n_param_tensors: all.length,
    training: module.training,
  };
}

/** The state dict as names, dtypes, shapes and digests of the bytes. */
function stateOf(net: Module): unknown[] {
  return Array.from(net.stateDict(), ([name, tensor]) =>
    isTensor(tensor)
      ? [name, { dtype: tensor.dtype.name, shape: [...tensor.shape], sha1: sha1(bytesOf(tensor)) }]
      : [name, tensor],
  );
}

/** An entry of a case, brief or full, as `stateOf` writes it. */
function digested(entry: unknown): unknown {
  const [name, value] = asList(entry, "an entry of state_dict");
  const { dtype, shape, sha1: digest, data } = asRecord(value, "a tensor");
  return [name, { dtype, shape, sha1: data === undefined ? digest : sha1(decodeTensor(value).bytes) }];
}

function compareForward(net: Module, forward: CaseRecord, comparison: Comparison): void {
  manualSeed(1);
  if (forward["eval"] === true) net.eval();
  const given: unknown = net(...asList(forward["inputs"], "inputs").map(tensorOf));
  const outputs = flat(given);
  const loss = outputs
    .filter(({ requiresGrad }) => requiresGrad)
    .map((output) =>
      output
        .mul(
          arange(output.numel())
            .cos()
            .reshape([...output.shape]),
        )
        .sum(),
    )
    .reduce((sum, part) => sum.add(part));
  loss.backward();
  const expected = asList(forward["outputs"], "outputs");
  comparison.equal("number of outputs", expected.length, outputs.length);
  outputs.forEach((output, k) => compareNumbers(`output ${k}`, expected[k], output, comparison));
  const parameters = new Map(net.namedParameters({}));
  const grads = asList(forward["grads"], "grads").map((item) => asList(item, "a gradient"));
  const sizes = grads.map(([, grad]) =>
    grad === null ? 0 : decodeNumber(asRecord(grad, "a gradient")["largest"]),
  );
  const noise = 1e-2 * Math.max(...sizes);
  for (const [name, grad] of grads) {
    const found = parameters.get(asText(name, "a name"))?.grad ?? null;
    if (grad === null || found === null) comparison.equal(`gradient of ${String(name)}`, grad, found);
    else compareNumbers(`gradient of ${String(name)}`, grad, found, comparison, noise);
  }
}

/** The tensors of an output: a tensor, or a list, tuple or named tuple of outputs. */
function flat(output: unknown): Tensor[] {
  if (isTensor(output)) return [output];
  const isMany = typeof output === "object" && output !== null && Symbol.iterator in output;
  return isMany ? [...(output as Iterable<unknown>)].flatMap(flat) : [];
}

/** Compares shape, dtype, the largest absolute element and the first ones; differences far below `noise` do not count. */
function compareNumbers(
  what: string,
  given: unknown,
  found: Tensor,
  comparison: Comparison,
  noise: number = 1e-3,
): void {
  const { dtype, shape, largest, head } = asRecord(given, what);
  comparison.equal(`${what}: dtype and shape`, [dtype, shape], [found.dtype.name, [...found.shape]]);
  const values = found.detach().to("float64").reshape(-1).tolist() as number[];
  const size = decodeNumber(largest);
  const ours = [values.reduce((max, value) => Math.max(max, Math.abs(value)), 0), ...values];
  const theirs = [size, ...asList(head, "head").map(decodeNumber)];
  const at = theirs.findIndex(
    (value, k) => !(Math.abs(value - ours[k]!) <= tolerance * Math.max(size, noise)),
  );
  if (at >= 0)
    comparison.equal(`${what}, ${at === 0 ? "largest" : `element ${at - 1}`}`, theirs[at], ours[at]);
}

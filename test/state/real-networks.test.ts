/**
 * Real files in real networks: they load without a remark, and compute what PyTorch computes with them. The numbers are
 * recorded by `real-networks.py`; the files are not part of the project.
 */

import { existsSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { arange, flatten, load, logSoftmax, nn, noGrad, relu, softmax, type Tensor } from "parascope";

const real = fileURLToPath(new URL("../../../shared/real/", import.meta.url));
const hasFiles = existsSync(real);
if (!hasFiles) console.warn("skipped: there is no ../shared/real, so no real file was loaded into a network");

const expected = JSON.parse(readFileSync(new URL("real-networks.json", import.meta.url), "utf8")) as {
  readonly mnist: readonly number[];
  readonly pnet: readonly (readonly number[])[];
};

class Mnist extends nn.Module {
  conv1 = new nn.Conv2d(1, 8, 3);
  conv2 = new nn.Conv2d(8, 16, 3);
  conv3 = new nn.Conv2d(16, 24, 3);
  norm1 = new nn.BatchNorm2d(24);
  fc1 = new nn.Linear(11_616, 32);
  fc2 = new nn.Linear(32, 10);
  norm2 = new nn.BatchNorm1d(10);

  override forward(x: Tensor): Tensor {
    x = relu(this.conv3(relu(this.conv2(relu(this.conv1(x))))));
    x = flatten(this.norm1(x), 1);
    return logSoftmax(this.norm2(this.fc2(relu(this.fc1(x)))), 1);
  }
}

class PNet extends nn.Module {
  conv1 = new nn.Conv2d(3, 10, 3);
  prelu1 = new nn.PReLU({ numParameters: 10 });
  pool1 = new nn.MaxPool2d(2, { stride: 2, ceilMode: true });
  conv2 = new nn.Conv2d(10, 16, 3);
  prelu2 = new nn.PReLU({ numParameters: 16 });
  conv3 = new nn.Conv2d(16, 32, 3);
  prelu3 = new nn.PReLU({ numParameters: 32 });
  conv4_1 = new nn.Conv2d(32, 2, 1);
  conv4_2 = new nn.Conv2d(32, 4, 1);

  override forward(x: Tensor): [Tensor, Tensor] {
    x = this.pool1(this.prelu1(this.conv1(x))) as Tensor;
    x = this.prelu3(this.conv3(this.prelu2(this.conv2(x))));
    return [softmax(this.conv4_1(x), 1), this.conv4_2(x)];
  }
}

/** An input that both sides can make. */
function wave(...shape: readonly number[]): Tensor {
  const count = shape.reduce((product, length) => product * length, 1);
  return arange(count, { dtype: "float32" })
    .mul(0.1)
    .sin()
    .reshape([...shape]);
}

function largestDifference(found: Tensor, numbers: readonly number[]): number {
  const values = found.reshape(-1).tolist() as number[];
  expect(values).toHaveLength(numbers.length);
  return values.reduce((largest, value, k) => Math.max(largest, Math.abs(value - numbers[k]!)), 0);
}

describe.skipIf(!hasFiles)("real files", () => {
  it("the digits network of burn loads from both of its files, and gives PyTorch's numbers", async () => {
    const net = new Mnist();
    expect(String(net.loadStateDict(await load(`${real}mnist.safetensors`)))).toBe(
      "<All keys matched successfully>",
    );
    expect(String(net.loadStateDict(await load(`${real}mnist.pt`)))).toBe("<All keys matched successfully>");
    const output = noGrad(() => net.eval()(wave(2, 1, 28, 28)));
    expect(largestDifference(output, expected.mnist)).toBeLessThan(1e-4);
  });

  it("the first network of MTCNN loads from its legacy file, and gives PyTorch's numbers", async () => {
    const net = new PNet();
    expect(String(net.loadStateDict(await load(`${real}mtcnn-pnet.legacy.pt`)))).toBe(
      "<All keys matched successfully>",
    );
    const outputs = noGrad(() => net.eval()(wave(1, 3, 20, 24)));
    outputs.forEach((output, k) => expect(largestDifference(output, expected.pnet[k]!)).toBeLessThan(1e-4));
  });

  it("one network's file is refused by another, which stays as it was", async () => {
    const net = new PNet();
    const before = String(net.stateDict());
    const state = await load(`${real}mnist.pt`);
    expect(() => net.loadStateDict(state)).toThrow(
      /^Error\(s\) in loading state_dict for PNet:\n\tMissing key\(s\) in state_dict: "prelu1\.weight".*size mismatch for conv1\.weight/s,
    );
    expect(String(net.stateDict())).toBe(before);
  });
});

/** The 8×8 digits, and two networks that read them. */

import { fileURLToPath } from "node:url";
import { data, load, nn, type Tensor } from "parascope";

/** An image of shape (1, 8, 8) with values from 0 to 1, and the digit that it shows. */
export type Digit = [image: Tensor, digit: Tensor];

/** All 1797 digits, in the order of the file. */
export async function loadDigits(): Promise<data.TensorDataset<Digit>> {
  const file = fileURLToPath(new URL("../data/digits.npz", import.meta.url));
  const arrays = await load<Map<string, Tensor>>(file);
  const images = arrays.get("images")!.to("float32").div(16).unsqueeze(1);
  return new data.TensorDataset<Digit>(images, arrays.get("labels")!.to("int64"));
}

/** Two linear layers: 9 610 parameters. */
export class DigitsMLP extends nn.Module {
  hidden: nn.Linear = new nn.Linear(64, 128);
  output: nn.Linear = new nn.Linear(128, 10);

  /** Shape: (N, 1, 8, 8) → (N, 10). */
  override forward(images: Tensor): Tensor {
    const x = this.hidden(images.flatten(1)).relu();
    return this.output(x);
  }
}

/** Two convolutions and a linear layer: 6 090 parameters. */
export class DigitsCNN extends nn.Module {
  conv1: nn.Conv2d = new nn.Conv2d(1, 16, 3, { padding: 1 });
  conv2: nn.Conv2d = new nn.Conv2d(16, 32, 3, { padding: 1 });
  pool: nn.MaxPool2d = new nn.MaxPool2d(2);
  output: nn.Linear = new nn.Linear(32 * 2 * 2, 10);

  /** Shape: (N, 1, 8, 8) → (N, 10). */
  override forward(images: Tensor): Tensor {
    let x = this.pool(this.conv1(images).relu());
    x = this.pool(this.conv2(x).relu());
    return this.output(x.flatten(1));
  }
}

/** The network that the programs of documents 001 and 002 share. */

import { nn, type Tensor } from "parascope";

/** Two linear layers. */
export class SimpleModel extends nn.Module {
  linear1: nn.Linear = new nn.Linear(10, 5);
  linear2: nn.Linear = new nn.Linear(5, 2);

  override forward(x: Tensor): Tensor {
    x = this.linear1(x);
    return this.linear2(x);
  }
}

/** The network that the later programs of document 001 take from its first one. */

import { nn, type Tensor } from "parascope";

/** Two linear layers. */
export class SimpleModel extends nn.Module {
  linear1: nn.Linear = new nn.Linear(10, 5);
  linear2: nn.Linear = new nn.Linear(5, 2);

  override forward(x: Tensor): Tensor {
    x = this.linear1(x);
    x = this.linear2(x);
    return x;
  }
}

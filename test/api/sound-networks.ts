/** Networks that are sound, fresh and while they train, each with something that looks like a fault and is none. */

import { nn, ones, rand, randint, randn, type Tensor, zeros } from "parascope";

const F = nn.functional;

function linear(inFeatures: number, outFeatures: number): nn.Linear {
  return new nn.Linear(inFeatures, outFeatures);
}

function classified(output: Tensor, classes: number): Tensor {
  return F.crossEntropy(output, randint(0, classes, [output.shape[0]!]));
}

/** A layer's adapter: what B multiplies is nothing at first. */
class Adapted extends nn.Module {
  base = linear(8, 8);
  down = new nn.Linear(8, 2, { bias: false });
  up = new nn.Linear(2, 8, { bias: false });

  constructor() {
    super();
    this.base.requiresGrad_(false);
    nn.init.zeros_(this.up.weight);
  }

  override forward(x: Tensor): Tensor {
    return this.base(x).add(this.up(this.down(x)));
  }
}

/** A residual block whose branch is switched off at first. */
class Gated extends nn.Module {
  branch = linear(8, 8);
  gate = new nn.Parameter(zeros(1));

  override forward(x: Tensor): Tensor {
    return x.add(this.branch(x).mul(this.gate));
  }
}

/** A factor for each channel, in a module of its own. */
class Scale extends nn.Module {
  gamma = new nn.Parameter(ones(8).mul(1e-6));

  override forward(x: Tensor): Tensor {
    return x.mul(this.gamma);
  }
}

class Scaled extends nn.Module {
  mlp = new nn.Sequential(linear(8, 16), new nn.GELU(), linear(16, 8));
  scale = new Scale();

  override forward(x: Tensor): Tensor {
    return x.add(this.scale(this.mlp(x)));
  }
}

class ResidualBlock extends nn.Module {
  conv1 = new nn.Conv2d(8, 8, 3, { padding: 1 });
  bn1 = new nn.BatchNorm2d(8);
  conv2 = new nn.Conv2d(8, 8, 3, { padding: 1 });
  bn2 = new nn.BatchNorm2d(8);

  override forward(x: Tensor): Tensor {
    const inner = F.relu(this.bn1(this.conv1(x)));
    return F.relu(this.bn2(this.conv2(inner)).add(x));
  }
}

/** Attention whose keys have a bias: it moves all scores alike, and so changes nothing. */
class Attention extends nn.Module {
  query = linear(16, 16);
  key = linear(16, 16);
  value = linear(16, 16);

  override forward(x: Tensor): Tensor {
    return x.add(F.scaledDotProductAttention(this.query(x), this.key(x), this.value(x)));
  }
}

class Recurrent extends nn.Module {
  table = new nn.Embedding(50, 16);
  rnn = new nn.LSTM(16, 16, { numLayers: 2, batchFirst: true, bidirectional: true });
  head = linear(32, 3);

  override forward(words: Tensor): Tensor {
    const [output] = this.rnn(this.table(words));
    return this.head(output.at(":, -1"));
  }
}

/** A language model with tied words and a table of more positions than are used. */
class Language extends nn.Module {
  words = new nn.Embedding(60, 16);
  positions = new nn.Parameter(randn(64, 16).mul(0.02));
  encoder = new nn.TransformerEncoder(
    new nn.TransformerEncoderLayer(16, 2, { dimFeedforward: 32, batchFirst: true, normFirst: true }),
    3,
  );
  norm = new nn.LayerNorm(16);
  head = new nn.Linear(16, 60, { bias: false });

  constructor() {
    super();
    this.head.weight = this.words.weight;
  }

  override forward(words: Tensor): Tensor {
    const input = this.words(words).add(this.positions.at(`:${words.shape[1]!}`));
    return this.head(this.norm(this.encoder(input)));
  }
}

/** A network, and what makes a loss of it. */
export interface Sound {
  readonly model: nn.Module;
  readonly loss: () => Tensor;
}

/** A network of which a loss is made from one input. */
function fitted<M extends nn.Module>(model: M, loss: (model: M) => Tensor): Sound {
  return { model, loss: () => loss(model) };
}

/** The networks by what is special about them. */
export const soundNetworks: Readonly<Record<string, () => Sound>> = {
  "a perceptron": () =>
    fitted(
      new nn.Sequential(linear(784, 256), new nn.ReLU(), linear(256, 256), new nn.ReLU(), linear(256, 10)),
      (m) => classified(m(rand(32, 784)), 10),
    ),
  "one sample through ReLUs": () =>
    fitted(new nn.Sequential(linear(10, 64), new nn.ReLU(), linear(64, 3)), (m) =>
      classified(m(randn(1, 10)), 3),
    ),
  "a fit of one variable": () =>
    fitted(new nn.Sequential(linear(1, 64), new nn.ReLU(), linear(64, 1)), (m) =>
      F.mseLoss(m(rand(64, 1)), rand(64, 1)),
    ),
  "biases before normalizations": () =>
    fitted(
      new nn.Sequential(
        new nn.Conv2d(3, 8, 3),
        new nn.BatchNorm2d(8),
        new nn.ReLU(),
        new ResidualBlock(),
        new ResidualBlock(),
        new nn.AdaptiveAvgPool2d(1),
        new nn.Flatten(),
        linear(8, 4),
      ),
      (m) => classified(m(randn(4, 3, 10, 10)), 4),
    ),
  "a bias of keys": () =>
    fitted(new nn.Sequential(new Attention(), new Attention(), linear(16, 4)), (m) =>
      classified(m(randn(3, 5, 16)).view(-1, 4), 4),
    ),
  "attention over one place": () =>
    fitted(new nn.TransformerEncoderLayer(16, 2, { batchFirst: true }), (m) =>
      F.mseLoss(m(randn(4, 1, 16)), randn(4, 1, 16)),
    ),
  "recurrent layers": () => fitted(new Recurrent(), (m) => classified(m(randint(0, 50, [4, 30])), 3)),
  "tied words and spare positions": () =>
    fitted(new Language(), (m) => classified(m(randint(0, 60, [2, 9])).view(-1, 60), 60)),
  adapters: () =>
    fitted(new nn.Sequential(new Adapted(), new nn.ReLU(), new Adapted(), linear(8, 2)), (m) =>
      classified(m(randn(16, 8)), 2),
    ),
  "gates that start at zero": () =>
    fitted(new nn.Sequential(new Gated(), new Gated(), new Gated(), linear(8, 2)), (m) =>
      classified(m(randn(16, 8)), 2),
    ),
  "branches scaled by a millionth": () =>
    fitted(new nn.Sequential(linear(8, 8), new Scaled(), new Scaled(), linear(8, 2)), (m) =>
      classified(m(randn(16, 8)), 2),
    ),
  "few of many actions": () =>
    fitted(new nn.Sequential(linear(4, 64), new nn.ReLU(), linear(64, 18)), (m) =>
      F.mseLoss(m(randn(6, 4)).gather(1, randint(0, 18, [6, 1])), randn(6, 1)),
    ),
  "transposed convolutions": () =>
    fitted(
      new nn.Sequential(
        new nn.ConvTranspose2d(8, 8, 4, { stride: 2 }),
        new nn.ReLU(),
        new nn.ConvTranspose2d(8, 1, 4, { stride: 2 }),
      ),
      (m) => F.mseLoss(m(randn(2, 8, 3, 3).relu()), zeros(2, 1, 18, 18)),
    ),
  "a critic whose bias cancels": () =>
    fitted(new nn.Sequential(linear(2, 32), new nn.LeakyReLU(), linear(32, 1)), (m) =>
      m(randn(32, 2))
        .mean()
        .sub(m(randn(32, 2).add(3)).mean()),
    ),
  "a loss that is summed": () =>
    fitted(new nn.Sequential(linear(100, 64), new nn.ReLU(), linear(64, 100)), (m) =>
      F.mseLoss(m(rand(256, 100)), rand(256, 100), { reduction: "sum" }),
    ),
  bfloat16: () =>
    fitted(new nn.Sequential(linear(16, 32), new nn.GELU(), linear(32, 4)).to("bfloat16"), (m) =>
      classified((m(randn(16, 16).to("bfloat16")) as Tensor).float(), 4),
    ),
};

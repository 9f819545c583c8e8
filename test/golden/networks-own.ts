/** The twins of the classes in `networks.py`. */

import {
  nn,
  noGrad,
  ones,
  pyFloat,
  rand,
  randn,
  stack,
  cat,
  arange,
  full,
  tensor,
  zeros,
} from "../../src/index.ts";
import type { Tensor } from "../../src/index.ts";

const { functional: F } = nn;

class Residual extends nn.Module {
  conv1 = new nn.Conv2d(2, 4, 3, { stride: 2, padding: 1, bias: false });
  bn1 = new nn.BatchNorm2d(4);
  conv2 = new nn.Conv2d(4, 4, 3, { padding: 1, bias: false });
  bn2 = new nn.BatchNorm2d(4);
  downsample = new nn.Sequential(new nn.Conv2d(2, 4, 1, { stride: 2, bias: false }), new nn.BatchNorm2d(4));
  fc = new nn.Linear(4, 3);

  override forward(x: Tensor): Tensor {
    const y = this.bn2(this.conv2(F.relu(this.bn1(this.conv1(x)))));
    return this.fc(F.relu(y.add(this.downsample(x))).mean([2, 3]));
  }
}

class Unet extends nn.Module {
  down = new nn.ModuleList([new nn.Conv2d(1, 3, 3, { padding: 1 }), new nn.Conv2d(3, 4, 3, { padding: 1 })]);
  pool = new nn.MaxPool2d(2);
  up = new nn.ConvTranspose2d(4, 3, 2, { stride: 2 });
  last = new nn.Conv2d(6, 1, 1);

  override forward(x: Tensor): Tensor {
    const first = F.silu(this.down[0]!(x));
    const second = F.silu(this.down[1]!(this.pool(first)));
    return this.last(cat([this.up(second), first], { dim: 1 }));
  }
}

class Variational extends nn.Module {
  encode = new nn.Sequential(new nn.Linear(6, 5), new nn.Tanh());
  mu = new nn.Linear(5, 2);
  logvar = new nn.Linear(5, 2);
  decode = new nn.Sequential(
    new nn.Linear(2, 5),
    new nn.ELU(),
    new nn.Dropout(0.25),
    new nn.Linear(5, 6),
    new nn.Sigmoid(),
  );

  override forward(x: Tensor): Tensor[] {
    const hidden = this.encode(x);
    const [mu, logvar] = [this.mu(hidden), this.logvar(hidden)];
    const noise = randn(...mu.shape).mul(logvar.mul(0.5).exp());
    return [this.decode(mu.add(noise)), mu, logvar];
  }
}

class TiedLanguageModel extends nn.Module {
  embed = new nn.Embedding(9, 4, { paddingIdx: 0 });
  rnn = new nn.LSTM(4, 4, { numLayers: 2, batchFirst: true });
  head = new nn.Linear(4, 9);

  constructor() {
    super();
    this.head.weight = this.embed.weight;
  }

  override forward(words: Tensor): Tensor {
    return this.head(this.rnn(this.embed(words))[0]).logSoftmax(-1);
  }
}

class Block extends nn.Module {
  ln_1 = new nn.LayerNorm(6);
  c_attn = new nn.Linear(6, 18);
  c_proj = new nn.Linear(6, 6);
  mlp = new nn.ModuleDict({
    c_fc: new nn.Linear(6, 12),
    act: new nn.GELU("tanh"),
    c_proj: new nn.Linear(12, 6),
  });
  mask = new nn.Buffer(ones(4, 4).tril().bool(), { persistent: false });

  override forward(x: Tensor): Tensor {
    const [q, k, v] = this.c_attn(this.ln_1(x)).split(6, -1) as [Tensor, Tensor, Tensor];
    const scores = q.matmul(k.transpose(-2, -1)).div(6 ** 0.5);
    const weights = scores.maskedFill(this.mask.logicalNot(), -Infinity).softmax(-1);
    const y = x.add(this.c_proj(weights.matmul(v)));
    const { mlp } = this;
    return y.add(mlp.get("c_proj")(mlp.get("act")(mlp.get("c_fc")(y))));
  }
}

class Gpt extends nn.Module {
  transformer = new nn.ModuleDict({
    wte: new nn.Embedding(7, 6),
    wpe: new nn.Embedding(4, 6),
    h: new nn.ModuleList([new Block(), new Block()]),
    ln_f: new nn.LayerNorm(6, { bias: false }),
  });
  lm_head = new nn.Linear(6, 7, { bias: false });

  constructor() {
    super();
    this.lm_head.weight = this.transformer.get("wte").weight;
  }

  override forward(words: Tensor): Tensor {
    const parts = this.transformer;
    let x = parts
      .get("wte")(words)
      .add(parts.get("wpe")(arange(4)));
    for (const block of parts.get("h")) x = block(x);
    return this.lm_head(parts.get("ln_f")(x));
  }
}

class Experts extends nn.Module {
  gate = new nn.Linear(3, 3, { bias: false });
  experts = new nn.ModuleList(
    Array.from(
      { length: 3 },
      () => new nn.Sequential(new nn.Linear(3, 4), new nn.Mish(), new nn.Linear(4, 2)),
    ),
  );

  constructor() {
    super();
    this.experts[1]!.requiresGrad_(false);
  }

  override forward(x: Tensor): Tensor {
    const weights = this.gate(x).softmax(-1);
    return Array.from(this.experts, (expert, k) => expert(x).mul(weights.narrow(1, k, 1))).reduce(
      (sum, part) => sum.add(part),
    );
  }
}

class Twins extends nn.Module {
  left = new nn.Sequential(new nn.Linear(4, 4), new nn.PReLU(4));
  right = this.left;
  similar = new nn.CosineSimilarity();
  scale = new nn.Parameter(full([1], 3, { dtype: "float32" }));

  override forward(a: Tensor, b: Tensor): Tensor {
    return this.similar(this.left(a), this.right(b)).mul(this.scale);
  }
}

class Averages extends nn.Module {
  mean = new nn.Buffer(zeros(3));
  steps = new nn.Buffer(tensor(0));
  last = new nn.Buffer(zeros(2, 3), { persistent: false });
  linear: nn.Linear;
  norm: nn.BatchNorm1d;

  constructor() {
    super();
    this.registerBuffer("unset", null);
    this.linear = new nn.Linear(3, 3);
    this.norm = new nn.BatchNorm1d(3, { momentum: null });
  }

  override forward(x: Tensor): Tensor {
    noGrad(() => {
      this.mean.mul_(0.9).add_(x.mean(0).mul(0.1));
      this.steps.add_(1);
      this.last.copy_(x.at(":2"));
    });
    return this.norm(this.linear(x.sub(this.mean)));
  }
}

class Polynomial extends nn.Module {
  terms = new nn.ParameterList(Array.from({ length: 3 }, () => new nn.Parameter(randn(2))));
  named = new nn.ParameterDict({ shift: new nn.Parameter(zeros(2)), gain: new nn.Parameter(rand(2)) });

  constructor() {
    super();
    this.registerParameter("none", null);
  }

  override forward(x: Tensor): Tensor {
    const powers = Array.from(this.terms, (term, k) => term.mul(x.pow(k))).reduce((sum, part) =>
      sum.add(part),
    );
    return powers.add(this.named.get("shift")).mul(this.named.get("gain"));
  }
}

class Attending extends nn.Module {
  encoder = new nn.GRU(3, 4, { bidirectional: true });
  query = new nn.Bilinear(4, 8, 1);
  cell = new nn.GRUCell(8, 4);
  out = nn.utils.weightNorm(new nn.Linear(4, 2));

  override forward(x: Tensor): Tensor {
    const [states] = this.encoder(x);
    let hidden: Tensor = zeros(x.shape[1]!, 4);
    const outputs: Tensor[] = [];
    for (let step = 0; step < 2; step++) {
      const weights = this.query(hidden.expand(states.shape[0]!, -1, -1).contiguous(), states).softmax(0);
      hidden = this.cell(weights.mul(states).sum(0), hidden);
      outputs.push(this.out(hidden));
    }
    return stack(outputs);
  }
}

class Mobile extends nn.Module {
  depth = new nn.Conv2d(4, 4, 3, { padding: 1, groups: 4, bias: false });
  norm = new nn.GroupNorm(2, 4);
  squeeze = new nn.Sequential(
    new nn.AdaptiveAvgPool2d(1),
    new nn.Conv2d(4, 2, 1),
    new nn.Hardswish(),
    new nn.Conv2d(2, 4, 1),
    new nn.Hardsigmoid(),
  );
  point = new nn.Conv2d(4, 8, 1);
  shuffle = new nn.PixelShuffle(2);

  override forward(x: Tensor): Tensor {
    const y = F.relu6(this.norm(this.depth(x)));
    return this.shuffle(this.point(y.mul(this.squeeze(y))));
  }
}

class Vision extends nn.Module {
  patches = new nn.Conv2d(1, 4, 2, { stride: 2 });
  token = new nn.Parameter(zeros(1, 1, 4));
  positions = new nn.Parameter(randn(1, 5, 4).mul(0.02));
  encoder = new nn.TransformerEncoder(
    new nn.TransformerEncoderLayer(4, 2, {
      dimFeedforward: 8,
      dropout: pyFloat(0),
      activation: "gelu",
      batchFirst: true,
      normFirst: true,
    }),
    2,
    { norm: new nn.LayerNorm(4), enableNestedTensor: false },
  );
  head = new nn.Linear(4, 3);

  override forward(x: Tensor): Tensor {
    const patches = this.patches(x).flatten(2).transpose(1, 2);
    const all = cat([this.token.expand(patches.shape[0]!, -1, -1), patches], { dim: 1 }).add(this.positions);
    return this.head(this.encoder(all).at(":, 0"));
  }
}

class Temporal extends nn.Module {
  pad = new nn.ConstantPad1d([4, 0], pyFloat(0));
  convs = new nn.ModuleList(Array.from({ length: 3 }, () => new nn.Conv1d(2, 2, 3, { dilation: 2 })));
  norm = new nn.InstanceNorm1d(2, { affine: true, trackRunningStats: true });
  pool = new nn.LPPool1d(2, 2);

  constructor() {
    super();
    this.convs[2]!.weight = this.convs[0]!.weight;
  }

  override forward(x: Tensor): Tensor {
    let y = x;
    for (const conv of this.convs) y = y.add(conv(this.pad(y)).tanh());
    return this.pool(this.norm(y));
  }
}

/** The classes by their names, which are those of PyTorch's. */
export const ownNetworks: Readonly<Record<string, new () => nn.Module>> = {
  Residual,
  Unet,
  Variational,
  TiedLanguageModel,
  Gpt,
  Experts,
  Twins,
  Averages,
  Polynomial,
  Attending,
  Mobile,
  Vision,
  Temporal,
};

/** GPT-2, with the names that the files of the transformers library have. */

import { arange, nn, ones, type Tensor, zeros } from "parascope";

/** The sizes of a GPT-2; the defaults are those of the smallest one, with 124 million parameters. */
export interface GPT2Config {
  readonly vocabulary?: number;
  readonly positions?: number;
  readonly width?: number;
  readonly layers?: number;
  readonly heads?: number;
}

/** Where the parameters are made: `{ device: "meta" }` makes none, for a network that is loaded from a file. */
type Options = nn.FactoryOptions;

/** A linear layer whose weight is stored the other way round. */
class Conv1D extends nn.Module {
  weight: nn.Parameter;
  bias: nn.Parameter;

  constructor(inFeatures: number, outFeatures: number, options: Options) {
    super();
    this.weight = new nn.Parameter(zeros(inFeatures, outFeatures, options));
    this.bias = new nn.Parameter(zeros(outFeatures, options));
  }

  override forward(x: Tensor): Tensor {
    return x.matmul(this.weight).add(this.bias);
  }
}

class Attention extends nn.Module {
  heads: number;
  c_attn: Conv1D;
  c_proj: Conv1D;

  constructor(width: number, heads: number, options: Options) {
    super();
    this.heads = heads;
    this.c_attn = new Conv1D(width, 3 * width, options);
    this.c_proj = new Conv1D(width, width, options);
  }

  /** Shape: (N, length, width) → the same. */
  override forward(x: Tensor): Tensor {
    const [samples, length, width] = x.shape as unknown as [number, number, number];
    const headWidth = width / this.heads;
    const [query, key, value] = this.c_attn(x)
      .split(width, 2)
      .map((part) => part.view(samples, length, this.heads, headWidth).transpose(1, 2)) as [
      Tensor,
      Tensor,
      Tensor,
    ];
    const scores = query.matmul(key.transpose(-2, -1)).div(Math.sqrt(headWidth));
    // No position sees what comes after it.
    const seen = ones(length, length).tril().eq(0);
    const weights = scores.maskedFill(seen, -Infinity).softmax(-1);
    return this.c_proj(weights.matmul(value).transpose(1, 2).reshape(samples, length, width));
  }
}

class MLP extends nn.Module {
  c_fc: Conv1D;
  c_proj: Conv1D;
  act: nn.GELU = new nn.GELU({ approximate: "tanh" });

  constructor(width: number, options: Options) {
    super();
    this.c_fc = new Conv1D(width, 4 * width, options);
    this.c_proj = new Conv1D(4 * width, width, options);
  }

  override forward(x: Tensor): Tensor {
    return this.c_proj(this.act(this.c_fc(x)));
  }
}

class Block extends nn.Module {
  ln_1: nn.LayerNorm;
  attn: Attention;
  ln_2: nn.LayerNorm;
  mlp: MLP;

  constructor(width: number, heads: number, options: Options) {
    super();
    this.ln_1 = new nn.LayerNorm(width, options);
    this.attn = new Attention(width, heads, options);
    this.ln_2 = new nn.LayerNorm(width, options);
    this.mlp = new MLP(width, options);
  }

  override forward(x: Tensor): Tensor {
    x = x.add(this.attn(this.ln_1(x)));
    return x.add(this.mlp(this.ln_2(x)));
  }
}

class Transformer extends nn.Module {
  wte: nn.Embedding;
  wpe: nn.Embedding;
  h: nn.ModuleList<readonly Block[]>;
  ln_f: nn.LayerNorm;

  constructor(config: Required<GPT2Config>, options: Options) {
    super();
    const { vocabulary, positions, width, layers, heads } = config;
    this.wte = new nn.Embedding(vocabulary, width, options);
    this.wpe = new nn.Embedding(positions, width, options);
    this.h = new nn.ModuleList(Array.from({ length: layers }, () => new Block(width, heads, options)));
    this.ln_f = new nn.LayerNorm(width, options);
  }

  override forward(tokens: Tensor): Tensor {
    let x = this.wte(tokens).add(this.wpe(arange(tokens.size(1))));
    for (const block of this.h) x = block(x);
    return this.ln_f(x);
  }
}

/** Gives, for every token of a text, the scores of the tokens that may follow it. */
export class GPT2 extends nn.Module {
  transformer: Transformer;
  lm_head: nn.Linear;

  constructor(config: GPT2Config = {}, options: Options = {}) {
    super();
    const { vocabulary = 50_257, positions = 1024, width = 768, layers = 12, heads = 12 } = config;
    this.transformer = new Transformer({ vocabulary, positions, width, layers, heads }, options);
    this.lm_head = new nn.Linear(width, vocabulary, { bias: false, ...options });
    this.lm_head.weight = this.transformer.wte.weight;
  }

  /** Shape: (N, length) → (N, length, vocabulary). */
  override forward(tokens: Tensor): Tensor {
    return this.lm_head(this.transformer(tokens));
  }
}

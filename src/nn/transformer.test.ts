import { expect, test } from "vitest";
import { randn } from "../ops/random-creation.ts";
import { MultiheadAttention } from "./attention.ts";
import { Linear } from "./linear.ts";
import { TransformerDecoderLayer, TransformerEncoderLayer } from "./transformer-layers.ts";
import { Transformer, TransformerEncoder } from "./transformer.ts";

const small = { dimFeedforward: 8, dropout: 0 } as const;

test("the compiler knows the parameters of a transformer by name", () => {
  const net = new Transformer({ ...small, dModel: 4, nhead: 2, numEncoderLayers: 2, numDecoderLayers: 1 });
  expect(net.getParameter("encoder.layers.1.self_attn.in_proj_weight").shape).toEqual([12, 4]);
  expect(net.getParameter("decoder.layers.0.multihead_attn.out_proj.bias").shape).toEqual([4]);
  // @ts-expect-error the decoder's attention to the encoder has another name
  expect(() => net.getParameter("decoder.layers.0.cross_attn.in_proj_weight")).toThrow(
    "TransformerDecoderLayer has no attribute `cross_attn`",
  );
});

test("an encoder's layers are equal copies that share nothing with each other or the layer they are made of", () => {
  const layer = new TransformerEncoderLayer(4, 2, small);
  const encoder = new TransformerEncoder(layer, 2);
  const [first, second] = [0, 1].map((k) => encoder.layers.at(k)!.linear1.weight) as [
    Linear["weight"],
    Linear["weight"],
  ];
  expect(first.tolist()).toEqual(second.tolist());
  first.data.zero_();
  expect(second.tolist()).toEqual(layer.linear1.weight.tolist());
});

test("a causal mask lets no place see those behind it", () => {
  const layer = new TransformerEncoderLayer(4, 2, small).eval();
  const x = randn(5, 1, 4);
  const srcMask = Transformer.generateSquareSubsequentMask(5);
  const whole = layer(x, { srcMask });
  const part = layer(x.narrow(0, 0, 3), { srcMask: Transformer.generateSquareSubsequentMask(3) });
  expect(Number(whole.narrow(0, 0, 3).sub(part).abs().max().item())).toBeLessThan(1e-5);
  const hinted = layer(x, { srcMask, isCausal: true });
  expect(Number(whole.sub(hinted).abs().max().item())).toBeLessThan(1e-5);
});

test("a mask of bools closes what a float mask of −∞ closes", () => {
  const attention = new MultiheadAttention(4, 2);
  const x = randn(3, 2, 4);
  const float = Transformer.generateSquareSubsequentMask(3);
  const [a, weights] = attention(x, x, x, { attnMask: float });
  const [b] = attention(x, x, x, { attnMask: float.ne(0) });
  expect(a.tolist()).toEqual(b.tolist());
  expect(weights!.shape).toEqual([2, 3, 3]);
});

test("a decoder layer takes an activation of one's own, also a module with parameters", () => {
  const layer = new TransformerDecoderLayer(4, 2, { ...small, activation: new Linear(8, 8) });
  expect([...layer.stateDict().keys()].slice(-2)).toEqual(["activation.weight", "activation.bias"]);
  const plain = new TransformerDecoderLayer(4, 2, { ...small, activation: (x) => x.sin() });
  expect(plain(randn(2, 1, 4), randn(3, 1, 4)).shape).toEqual([2, 1, 4]);
});

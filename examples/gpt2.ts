/**
 * Runs a GPT-2 that the transformers library saved: the tokens that are likeliest to follow some others.
 * Without a file it shows what there is to load: the parameters of a small one.
 *
 *     npm run -s example gpt2 model.safetensors 464 2068 7586
 */

import { load, noGrad, tensor } from "parascope";
import { GPT2 } from "./networks/gpt2.ts";

const [file, ...given] = process.argv.slice(2);
if (file === undefined) showNames();
else await predict(file, given.length > 0 ? given.map(Number) : [464, 2068, 7586]);

function showNames(): void {
  const model = new GPT2({ vocabulary: 64, positions: 16, width: 32, layers: 1, heads: 2 });
  for (const [name, parameter] of model.namedParameters()) console.log(name, String(parameter.shape));
  console.log("Name a file of GPT-2, and tokens if you like, to see what comes next.");
}

async function predict(file: string, tokens: readonly number[]): Promise<void> {
  const state = await load(file);
  // The output layer is the embedding again, which safetensors keep only once.
  state.set("lm_head.weight", state.get("transformer.wte.weight")!);

  // On meta no weights are made and drawn, only to be replaced by those of the file.
  const model = new GPT2({}, { device: "meta" });
  console.log(String(model.loadStateDict(state, { assign: true })));
  model.eval();

  const logits = noGrad(() => model(tensor([tokens])));
  const { values, indices } = logits.at(0, -1).topk(5);
  console.log("next:", (indices.tolist() as number[]).join(" "));
  console.log("scores:", String(values));
}

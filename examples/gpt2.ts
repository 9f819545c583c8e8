/**
 * Runs a GPT-2 that the transformers library saved: the tokens that are likeliest to follow some others.
 *
 *     npm run -s example gpt2 model.safetensors 464 2068 7586
 */

import { load, noGrad, tensor } from "parascope";
import { GPT2 } from "./gpt2-network.ts";

const [file = "model.safetensors", ...given] = process.argv.slice(2);
const tokens = tensor([given.length > 0 ? given.map(Number) : [464, 2068, 7586]]);

const state = await load(file);
// The output layer is the embedding again, which safetensors keep only once.
state.set("lm_head.weight", state.get("transformer.wte.weight")!);

// On meta no weights are made and drawn, only to be replaced by those of the file.
const model = new GPT2({}, { device: "meta" });
console.log(String(model.loadStateDict(state, { assign: true })));
model.eval();

const logits = noGrad(() => model(tokens));
const { values, indices } = logits.at(0, -1).topk(5);
console.log("next:", (indices.tolist() as number[]).join(" "));
console.log("scores:", String(values));

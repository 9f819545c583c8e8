/**
 * Teaches a small GPT to write like one of this project's documents, letter by letter, and lets it write.
 *
 *     npm run -s example char-gpt
 *     npm run -s example char-gpt --steps 5000 --file README.md
 */

import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { arange, cat, manualSeed, nn, noGrad, optim, randint, stack, type Tensor, tensor } from "parascope";

const { values } = parseArgs({
  options: {
    steps: { type: "string", default: "250" },
    file: { type: "string", default: fileURLToPath(new URL("../docs/decisions.md", import.meta.url)) },
  },
});
const steps = Number(values.steps);
const context = 48;
const batchSize = 16;

const text = readFileSync(values.file, "utf8");
const letters = [...new Set(text)].sort();
const numbers = new Map(letters.map((letter, number) => [letter, number]));
const tokens = tensor(Array.from(text, (letter) => numbers.get(letter)!));

/** Gives, for every letter of some texts, the scores of the letters that may follow it. */
class CharGPT extends nn.Module {
  letters: nn.Embedding;
  positions: nn.Embedding;
  blocks: nn.TransformerEncoder;
  head: nn.Linear;

  constructor(vocabulary: number, width: number, layers: number) {
    super();
    this.letters = new nn.Embedding(vocabulary, width);
    this.positions = new nn.Embedding(context, width);
    const block = new nn.TransformerEncoderLayer(width, 4, {
      dimFeedforward: 4 * width,
      dropout: 0,
      batchFirst: true,
      normFirst: true,
    });
    this.blocks = new nn.TransformerEncoder(block, layers, {
      norm: new nn.LayerNorm(width),
      enableNestedTensor: false,
    });
    this.head = new nn.Linear(width, vocabulary);
  }

  /** Shape: (N, length) → (N, length, vocabulary). */
  override forward(tokens: Tensor): Tensor {
    const length = tokens.size(1);
    const x = this.letters(tokens).add(this.positions(arange(length)));
    // No letter sees those that come after it.
    const mask = nn.Transformer.generateSquareSubsequentMask(length);
    return this.head(this.blocks(x, { mask, isCausal: true }));
  }
}

/** Pieces of the text, and the same pieces one letter later. */
function randomBatch(): [inputs: Tensor, targets: Tensor] {
  const starts = randint(0, tokens.size(0) - context, [batchSize]).tolist() as number[];
  const piece = (start: number): Tensor => tokens.narrow(0, start, context);
  return [stack(starts.map(piece)), stack(starts.map((start) => piece(start + 1)))];
}

manualSeed(0);
const model = new CharGPT(letters.length, 64, 2);
const optimizer = new optim.AdamW(model.parameters());
const scheduler = new optim.lrScheduler.OneCycleLR(optimizer, 1.5e-2, { totalSteps: steps });
const lossOf = new nn.CrossEntropyLoss();
console.log(`${text.length} letters of ${letters.length} kinds`);

for (let step = 1; step <= steps; step++) {
  const [inputs, targets] = randomBatch();
  optimizer.zeroGrad();
  const loss = lossOf(model(inputs).flatten(0, 1), targets.flatten());
  loss.backward();
  nn.utils.clipGradNorm_(model.parameters(), 1);
  optimizer.step();
  scheduler.step();
  if (step === 1 || step % Math.ceil(steps / 10) === 0) {
    console.log(`step ${step}: loss ${loss.item().toFixed(3)}`);
  }
}

/** Goes on from a beginning, letter by letter, each drawn by its scores. */
function write(beginning: string, count: number): string {
  let written = tensor([Array.from(beginning, (letter) => numbers.get(letter)!)]);
  for (let k = 0; k < count; k++) {
    const scores: Tensor = model(written.at(`:, -${context}:`)).at(0, -1);
    const next = scores.softmax(-1).multinomial(1);
    written = cat([written, next.unsqueeze(0)], 1);
  }
  return (written.at(0).tolist() as number[]).map((number) => letters[number]).join("");
}

model.eval();
console.log(`\n${noGrad(() => write("\n", 300))}`);

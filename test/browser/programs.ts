/**
 * What the tests do with the package, the same in Node, in a page and in a worker: programs by name, whose answers are
 * plain data. Nothing here knows where it runs.
 */

import {
  BlobSource,
  catalogOf,
  compare,
  folderOf,
  FormatError,
  gradients,
  initialSeed,
  load,
  manualSeed,
  MemoryFolder,
  nn,
  open,
  openHubFile,
  openUrl,
  optim,
  ParascopeError,
  randint,
  randn,
  randperm,
  renderGradientText,
  renderScanText,
  renderText,
  report,
  saveBytes,
  saveShards,
  scan,
  snapshot,
  UrlFolder,
} from "parascope";
import type { ByteSource, Catalog, DTypeName, Tensor } from "parascope";

/** A network with most of what networks are made of, its products large enough for the fast kernels. */
class Classifier extends nn.Module {
  features = new nn.Sequential(
    new nn.Conv2d(3, 8, 3, { padding: 1 }),
    new nn.BatchNorm2d(8),
    new nn.ReLU(),
    new nn.MaxPool2d(2),
  );
  norm = new nn.LayerNorm(128);
  hidden = new nn.Linear(128, 64);
  dropout = new nn.Dropout(0.1);
  head = new nn.Linear(64, 10);

  override forward(x: Tensor): Tensor {
    const features = this.features(x).flatten(1);
    return this.head(this.dropout(nn.functional.gelu(this.hidden(this.norm(features)))));
  }
}

async function sha256(bytes: Uint8Array): Promise<string> {
  const digest = await crypto.subtle.digest("SHA-256", bytes.slice());
  return Array.from(new Uint8Array(digest), (byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** The digest of every entry's bytes, by name. */
async function digests(catalog: Catalog): Promise<Record<string, string>> {
  const found: Record<string, string> = {};
  for (const entry of catalog.entries) found[entry.name] = await sha256(await catalog.read(entry));
  return found;
}

/** Lists a file and reads all of it. */
async function listed(file: Blob | Uint8Array | ArrayBuffer | ByteSource, name: string): Promise<unknown> {
  const catalog = await open(file, { name });
  const lines = renderText(report(catalog, { source: name }), { width: 120 });
  return { lines, digests: await digests(catalog) };
}

/** A read at the end of a file that is too long to be read as a whole. */
async function peeked(file: Blob | ByteSource): Promise<unknown> {
  const catalog = await open(file, { name: "large.safetensors" });
  const last = catalog.entries.at(-1)!;
  const { totals } = report(catalog);
  const bytes = await catalog.read(last, { start: 0, end: 8 });
  return { count: catalog.entries.length, parameters: totals.parameters, last: last.name, bytes: [...bytes] };
}

function classifier(seed: number): Classifier {
  manualSeed(seed);
  return new Classifier();
}

/** Trains some steps; gives the losses and what stands in the network after it. */
function trained(steps: number): { model: Classifier; losses: number[]; loss: Tensor } {
  const model = classifier(7);
  const optimizer = new optim.AdamW(model.parameters(), { lr: 1e-2 });
  const inputs = randn(16, 3, 8, 8);
  const targets = randint(0, 10, [16]);
  const losses: number[] = [];
  let loss = inputs;
  for (let step = 0; step < steps; step++) {
    optimizer.zeroGrad();
    loss = nn.functional.crossEntropy(model(inputs), targets);
    loss.backward();
    optimizer.step();
    losses.push(Number(loss.item()));
  }
  return { model, losses, loss };
}

/** Functions that may round otherwise in another engine. */
const elementwise = [
  ...([
    "sin",
    "cos",
    "tan",
    "asin",
    "acos",
    "atan",
    "sinh",
    "cosh",
    "tanh",
    "asinh",
    "acosh",
    "atanh",
  ] as const),
  ...(["exp", "exp2", "expm1", "log", "log2", "log10", "log1p", "sqrt", "rsqrt", "sigmoid"] as const),
  ...(["erf", "erfc", "erfinv", "lgamma", "digamma", "reciprocal", "square", "round", "floor"] as const),
];

/** The programs. */
export const programs = {
  /** Makes this place one without relaxed SIMD, as some engines are. Comes before the first product. */
  withoutRelaxedSimd: (): Promise<unknown> => {
    WebAssembly.validate = () => false;
    return Promise.resolve(null);
  },

  /** A file by its bytes. */
  bytes: (bytes: readonly number[], name: string): Promise<unknown> => listed(Uint8Array.from(bytes), name),

  buffer: (bytes: readonly number[], name: string): Promise<unknown> =>
    listed(Uint8Array.from(bytes).buffer, name),

  blob: (bytes: readonly number[], name: string): Promise<unknown> =>
    listed(new Blob([Uint8Array.from(bytes)]), name),

  file: (bytes: readonly number[], name: string): Promise<unknown> =>
    listed(new File([Uint8Array.from(bytes)], name), name),

  url: async (address: string, name: string): Promise<unknown> => listed(await openUrl(address), name),

  /** The name and the code of the error that opening an address ends with. */
  urlError: async (address: string): Promise<unknown> => {
    try {
      await openUrl(address, { retries: 0 });
      return null;
    } catch (error) {
      if (!(error instanceof ParascopeError)) throw error;
      return { name: error.name, code: error.code, message: error.message, hint: error.hint };
    }
  },

  largeUrl: async (address: string): Promise<unknown> => peeked(await openUrl(address)),

  /** A checkpoint of `byteLength` zeros as a Blob, and how many bytes of it were read to list it. */
  largeBlob: async (head: readonly number[], byteLength: number): Promise<unknown> => {
    const piece = new Blob([new Uint8Array(2 ** 24)]);
    const pieces = Array.from({ length: byteLength / 2 ** 24 }, () => piece);
    const blob = new Blob([Uint8Array.from(head), ...pieces]);
    let read = 0;
    const source: ByteSource = {
      size: blob.size,
      read: async (start, end) => {
        read += end - start;
        return new Uint8Array(await blob.slice(start, end).arrayBuffer());
      },
    };
    return { size: blob.size, found: await peeked(source), again: await peeked(blob), read };
  },

  /** What `load` gives, as the sums of its tensors. */
  load: async (bytes: readonly number[]): Promise<unknown> => {
    const state = await load(new Blob([Uint8Array.from(bytes)]));
    return Array.from(state, ([name, tensor]) => [name, String(tensor.shape), tensor.double().sum().item()]);
  },

  /** The streams of a seed. */
  random: (): Promise<unknown> => {
    manualSeed(42);
    const drawn = [randn(20), randn(3, { dtype: "float64" }), randperm(20), randint(0, 1000, [8])];
    return Promise.resolve({ seed: String(initialSeed()), drawn: drawn.map((tensor) => tensor.tolist()) });
  },

  /** A network of a seed: its printed form, its names, its weights. */
  network: async (): Promise<unknown> => {
    const model = classifier(0);
    return {
      printed: String(model),
      classes: Array.from(model.modules(), (module) => module.getName()),
      digests: await digests(catalogOf(model)),
    };
  },

  train: async (steps: number): Promise<unknown> => {
    const { model, losses } = trained(steps);
    return { losses, digests: await digests(catalogOf(model)) };
  },

  /** A product of the size that the fast kernels are for. */
  product: async (): Promise<unknown> => {
    manualSeed(1);
    const product = randn(40, 300).matmul(randn(300, 50));
    const elements = randn(5000).mul(randn(5000)).add(1).relu();
    const [first, second] = [product, elements].map(
      (tensor) => new Uint8Array(Float32Array.from(tensor.flatten().tolist() as number[]).buffer),
    );
    return { product: await sha256(first!), elements: await sha256(second!) };
  },

  /** Saves a network, in each format, opens it again and loads it into another one. */
  save: async (): Promise<unknown> => {
    const model = classifier(3);
    const results: unknown[] = [];
    for (const name of ["model.pt", "model.safetensors"]) {
      const bytes = await saveBytes(model.stateDict(), { name });
      const other = classifier(4);
      const answer = other.loadStateDict(await load(bytes, { name }));
      results.push({
        digest: await sha256(bytes),
        same:
          JSON.stringify(await digests(catalogOf(other))) === JSON.stringify(await digests(catalogOf(model))),
        answer: String(answer),
      });
    }
    return results;
  },

  /** Saves a network in several files, and opens them as a folder of Files. */
  shards: async (): Promise<unknown> => {
    const model = classifier(5);
    const written = new MemoryFolder();
    const names = await saveShards(model.stateDict(), written, { shardByteLength: 20_000 });
    const files = Array.from(written.files, ([name, bytes]) => new File([bytes], name));
    const folder = folderOf(files.map((file) => [file.name, new BlobSource(file)]));
    return { names, digests: await digests(await open(folder, { name: "dropped" })) };
  },

  /** The model of a repository, by its name. */
  hub: async (endpoint: string): Promise<unknown> => {
    const { source, name } = await openHubFile("hf://me/net", { endpoint });
    return { name, found: await listed(source, name) };
  },

  /** A checkpoint of several files beside an index on a server. */
  urlFolder: async (address: string): Promise<unknown> => {
    const folder = new UrlFolder(address);
    const index = await folder.open("model.safetensors.index.json");
    return digests(await open(index, { name: "model.safetensors.index.json", folder }));
  },

  scan: async (bytes: readonly number[], name: string): Promise<unknown> => {
    const found = await scan(new Blob([Uint8Array.from(bytes)]), { name });
    return { result: found.result, lines: renderScanText(found) };
  },

  gradients: (): Promise<unknown> => {
    const { model, loss } = trained(1);
    const before = snapshot(model);
    const found = gradients(model, { loss, before });
    return Promise.resolve({
      lines: renderGradientText(found, { width: 120 }),
      findings: found.findings,
      unchanged: compare(before, model).tensors.every(({ state }) => state === "unchanged"),
    });
  },

  /** What elementwise functions give in a dtype, by name; NaN and infinities are null, and JSON knows no -0. */
  functions: (dtype: DTypeName): Promise<unknown> => {
    manualSeed(2);
    const x = randn(2000).mul(3).to(dtype);
    return Promise.resolve(
      Object.fromEntries(
        elementwise.map((name) => [
          name,
          (x[name]().double().tolist() as number[]).map((value) =>
            Number.isFinite(value) ? value + 0 : null,
          ),
        ]),
      ),
    );
  },

  /** What a user's mistake is answered with. */
  errors: async (): Promise<unknown> => {
    const texts: unknown[] = [];
    const attempts: readonly (() => unknown)[] = [
      () => classifier(0)(randn(1, 2)),
      () => nn.functional.linear(randn(2, 3), randn(2, 4)),
      () => open(new Blob(["<html>"])),
    ];
    for (const attempt of attempts) {
      try {
        await attempt();
      } catch (error) {
        texts.push([(error as Error).name, (error as Error).message, error instanceof FormatError]);
      }
    }
    return texts;
  },
} as const;

/** The name of a program. */
export type ProgramName = keyof typeof programs;

/** Runs a program by its name. */
export function runProgram(name: ProgramName, args: readonly unknown[]): Promise<unknown> {
  const program = programs[name] as (...input: readonly unknown[]) => Promise<unknown>;
  return program(...args);
}

/** What a page does with a file that its user chose or dropped: list it, and read its last element. */
export { listed, peeked };

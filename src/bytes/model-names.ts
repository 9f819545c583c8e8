/** What programs call the files of a model. */

/** Names that say that a file is the model, the best first: the order in which the transformers library looks for them. */
export const modelNames: readonly string[] = [
  "model.safetensors",
  "model.safetensors.index.json",
  "diffusion_pytorch_model.safetensors",
  "diffusion_pytorch_model.safetensors.index.json",
  "adapter_model.safetensors",
  "pytorch_model.bin",
  "pytorch_model.bin.index.json",
  "adapter_model.bin",
];

/** Matches names that checkpoints have. */
export const checkpointName: RegExp = /\.(?:safetensors|pt|pth|bin|ckpt|pt2|gguf|onnx)$/i;

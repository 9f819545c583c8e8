/** What files that are no checkpoint, or none that can be opened yet, are recognised by: bytes at fixed places. */

/** A kind of file and what to say about it. */
export interface Signature {
  /** Where the bytes stand. */
  readonly at: number;
  /** The bytes, one a character. */
  readonly magic: string;
  /** Continues "the file is …". */
  readonly what: string;
  /** Stable identifier of the error. */
  readonly code: string;
  readonly hint: string;
}

const unpackHint = "Unpack it and open the checkpoint inside.";
const notYetHint =
  "This version opens what PyTorch writes (also TorchScript, torch.export and torch.package), safetensors, pickles, NumPy files, GGUF and ONNX.";
const resaveHint =
  "Load it with PyTorch and save it again with torch.save(...), or open the safetensors file if there is one.";

/** Hint for weights of other frameworks. */
export const foreignHint: string =
  "Load it with the program that wrote it, and save its arrays as safetensors or with numpy.savez(...).";

function archive(magic: string, what: string): Signature {
  return { at: 0, magic, what: `${what} archive`, code: "archive", hint: unpackHint };
}

/** The second byte of a zlib stream says how hard it was compressed. */
function zlib(level: string): Signature {
  const what = "compressed with zlib, as joblib does where it is told to compress";
  const hint = "Load it with joblib, and save its arrays with numpy.savez(...).";
  return { at: 0, magic: `\x78${level}`, what, code: "archive", hint };
}

function other(magic: string, what: string, at: number = 0): Signature {
  return { at, magic, what, code: "not-a-checkpoint", hint: "Look for the file that holds the weights." };
}

function later(magic: string, what: string, at: number = 0, hint: string = notYetHint): Signature {
  return { at, magic, what, code: "unsupported-format", hint };
}

const ggmlHint = "Convert it to GGUF with the scripts of llama.cpp, or fetch the model as GGUF.";

/** Asked in this order; the first that matches names the file. */
export const signatures: readonly Signature[] = [
  later(
    "PYTORCH1",
    "a container of PyTorch's 1.0 preview, which PyTorch itself no longer reads",
    0,
    "Only the preview release can convert it.",
  ),
  later("PTMF", "a PyTorch mobile model in flatbuffer form (.ptl)", 4),
  later("TFL3", "a TensorFlow Lite model", 4, foreignHint),
  later("\x89HDF\r\n\x1a\n", "an HDF5 file (Keras or older TensorFlow)", 0, foreignHint),
  later("lmgg", "a GGML model, of the time before GGUF", 0, ggmlHint),
  later("fmgg", "a GGML model, of the time before GGUF", 0, ggmlHint),
  later("tjgg", "a GGML model, of the time before GGUF", 0, ggmlHint),
  later("\x12\x01\0\0\0\0\0\0", "a list of arrays of MXNet", 0, foreignHint),
  later("\x0c\xdb\x20\xde", "a part of an Orbax checkpoint (JAX)", 0, foreignHint),
  archive("\x1f\x8b", "a gzip"),
  archive("BZh", "a bzip2"),
  archive("\xfd7zXZ\0", "an xz"),
  archive("\x28\xb5\x2f\xfd", "a Zstandard"),
  archive("7z\xbc\xaf\x27\x1c", "a 7-Zip"),
  archive("Rar!\x1a\x07", "a RAR"),
  archive("\x04\x22\x4d\x18", "an LZ4"),
  zlib("\x01"),
  zlib("\x5e"),
  zlib("\x9c"),
  zlib("\xda"),
  other("\x89PNG\r\n\x1a\n", "a PNG picture, or the start of one"),
  other("\xff\xd8\xff", "a JPEG picture"),
  other("GIF8", "a GIF picture"),
  other("WEBP", "a WebP picture", 8),
  other("WAVE", "a sound (WAV)", 8),
  other("ftyp", "a video (MP4)", 4),
  other("%PDF-", "a PDF document"),
  other("\x7fELF", "a program or library (ELF)"),
  other("MZ\x90\0", "a program or library (Windows)"),
  other("SQLite format 3\0", "an SQLite database"),
  other("PAR1", "a Parquet table"),
  other("ARROW1\0\0", "an Arrow table"),
];

/** Hint for formats that a later version will open and PyTorch can convert now. */
export const convertHint: string = `${notYetHint} ${resaveHint}`;

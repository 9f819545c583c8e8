import { describe, expect, it } from "vitest";
import { bytesOf, buildZip } from "../../test/fixtures/zip-builder.ts";
import { folderOf } from "../bytes/folder.ts";
import { MemorySource } from "../bytes/memory-source.ts";
import { open } from "./open.ts";

/** Bytes given as text, one a character. */
const raw = (text: string): Uint8Array => Uint8Array.from(text, (character) => character.charCodeAt(0));
const zipOf = (...names: string[]): Uint8Array => buildZip(names.map((name) => ({ name, data: "x" })));

const pointer = [
  "version https://git-lfs.github.com/spec/v1",
  "oid sha256:4d7a214614ab2935c943f9e0ff69d22eadbb8f32b1258daaa5e2ca24d17e2393",
  "size 497764120",
  "",
].join("\n");

describe("a file that no format claims", () => {
  it.each<[string, Uint8Array, string, RegExp]>([
    ["an empty file", raw(""), "empty-file", /^opening a checkpoint: the file is empty: it has 0 bytes$/],
    ["a Git LFS pointer", raw(pointer), "git-lfs-pointer", /\(497764120 bytes, sha256:4d7a[0-9a-f]+\)$/],
    ["a cut Git LFS pointer", raw(pointer.slice(0, 45)), "git-lfs-pointer", /a Git LFS pointer/],
    ["an HTML page", raw("\n <!DOCTYPE html><html>"), "html-page", /an HTML page/],
    ["an HTML page without doctype", raw("<HTML><head>"), "html-page", /an HTML page/],
    ["an XML answer", raw('<?xml version="1.0"?><Error>'), "xml-document", /an XML document/],
    ["a gzip", raw("\x1f\x8b\x08\0"), "archive", /a gzip archive/],
    ["a 7-Zip", raw("7z\xbc\xaf\x27\x1c\0"), "archive", /a 7-Zip archive/],
    ["a Zstandard", raw("\x28\xb5\x2f\xfd"), "archive", /a Zstandard archive/],
    ["a RAR", raw("Rar!\x1a\x07\x01\0"), "archive", /a RAR archive/],
    ["HDF5", raw("\x89HDF\r\n\x1a\n"), "unsupported-format", /an HDF5 file/],
    ["a mobile model", raw("\0\0\0\0PTMF"), "unsupported-format", /flatbuffer/],
    ["the preview container", raw("PYTORCH1"), "unsupported-format", /preview/],
    ["other JSON", raw('{"hidden_size": 768}'), "not-a-checkpoint", /a JSON text/],
    ["a text", raw("Hello\u001b[31m".slice(0, 5)), "not-a-checkpoint", /a text that begins with "Hello"$/],
    ["zeros", new Uint8Array(1000), "not-a-checkpoint", /starts with 512 zero bytes/],
    [
      "noise",
      raw("\xde\xad\xbe\xef"),
      "not-a-checkpoint",
      /too short to be a checkpoint: it has 4 bytes and starts with de ad be ef$/,
    ],
    ["a PNG", raw("\x89PNG\r\n\x1a\n"), "not-a-checkpoint", /a PNG picture/],
    ["an empty zip", buildZip([]), "empty-zip", /a zip without any records/],
    ["an interrupted save", zipOf("m/data/0", "m/version"), "torch-zip-incomplete", /without its data\.pkl/],
    ["a pickle in no folder", zipOf("data.pkl"), "zip-no-root", /data\.pkl is in no folder/],
    [
      "a packed checkpoint",
      zipOf("readme.md", "run/model.pt"),
      "not-a-checkpoint",
      /2 records such as "run\/model\.pt"/,
    ],
    ["a list of JSON", raw('[{"name": 1}]'), "not-a-checkpoint", /a JSON text/],
    ["a text that is not ASCII", raw("h\xc3\xa9llo"), "not-a-checkpoint", /a text that begins with "héllo"$/],
    ["a text in another encoding", raw("h\xe9llo w\xf6rld"), "not-a-checkpoint", /of no known kind/],
    [
      "weights of Flax",
      raw("\x81\xa6params\x81\xa6kernel\xc4\0"),
      "unsupported-format",
      /a MessagePack map whose first key is "params"/,
    ],
    ["what only looks like a map", raw("\x81\xbfab\0\0\0\0\0\0"), "not-a-checkpoint", /of no known kind/],
    ["a zlib stream", raw("\x78\x9c\0\0"), "archive", /compressed with zlib, as joblib does/],
    [
      "a pickle of joblib",
      raw("\x80\x04\x8c\x13joblib.numpy_pickle\x94\x0c"),
      "unsupported-format",
      /a pickle of joblib, whose arrays/,
    ],
    ["GGML", raw("tjgg\x01\0\0\0"), "unsupported-format", /before GGUF/],
    ["a WebP", raw("RIFF\x10\0\0\0WEBPVP8 "), "not-a-checkpoint", /a WebP picture/],
    [
      "an index of TensorFlow",
      raw(`\0${"x".repeat(60)}\x57\xfb\x80\x8b\x24\x75\x47\xdb`),
      "unsupported-format",
      /the index of a TensorFlow checkpoint/,
    ],
    [
      "a zip behind other bytes",
      Uint8Array.from([...raw("junk"), ...zipOf("m/data.pkl")]),
      "zip-prefix",
      /4 other bytes before it, which PyTorch does not open$/,
    ],
    [
      "a zip without its beginning",
      zipOf("m/data.pkl", "m/data/0", "m/version").subarray(50),
      "zip-no-beginning",
      /ends as a zip archive does/,
    ],
    ["another zip", zipOf("a\u001b[2Jb"), "not-a-checkpoint", /1 record such as "a\\x1b\[2Jb"/],
    ["a truncated zip", zipOf("m/data.pkl").subarray(0, 60), "zip-truncated", /zip/],
  ])("is named: %s", async (_what, bytes, code, message) => {
    const error: unknown = await open(bytes).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ name: "FormatError", code, message: expect.stringMatching(message) });
    expect((error as { hint: unknown }).hint).toBeTypeOf("string");
  });
});

describe("a folder without a checkpoint of PyTorch", () => {
  it.each<[string, string[], RegExp]>([
    ["nothing", [], /with no files in it/],
    ["other files", ["a.txt", "b.py"], /with no checkpoint among its 2 files/],
    [
      "Orbax",
      ["_METADATA", "manifest.ocdbt", "d/0/x"],
      /with an Orbax checkpoint \(JAX\), not one of PyTorch/,
    ],
    ["a SavedModel", ["saved_model.pb", "variables/variables.index"], /a TensorFlow SavedModel/],
    [
      "TensorFlow's checkpoint",
      ["checkpoint", "m.index", "m.data-00000-of-00001"],
      /a TensorFlow checkpoint/,
    ],
    ["Core ML", ["Manifest.json", "Data/com.apple.CoreML/weights/weight.bin"], /a Core ML package/],
    ["Flax", ["config.json", "flax_model.msgpack"], /weights of Flax \(JAX\)/],
    ["Keras", ["model.h5"], /weights of Keras/],
  ])("is said to hold %s", async (_what, names, message) => {
    const folder = folderOf(names.map((name) => [name, new MemorySource(raw("x"))] as const));
    await expect(open(folder)).rejects.toMatchObject({
      code: "folder-checkpoint",
      message: expect.stringMatching(message),
    });
  });
});

describe("open", () => {
  const file = bytesOf(`\x02\0\0\0\0\0\0\0{}`);

  it("takes bytes, a buffer, a Blob, and a source", async () => {
    const source = { size: file.length, read: async (start: number, end: number) => file.slice(start, end) };
    for (const openable of [file, file.slice().buffer, new Blob([file.slice()]), source, Buffer.from(file)]) {
      expect((await open(openable)).format).toBe("safetensors");
    }
  });

  it("says when it is given something else", async () => {
    await expect(open("model.pt" as unknown as Uint8Array)).rejects.toMatchObject({ code: "not-a-source" });
    await expect(open(null as unknown as Uint8Array)).rejects.toMatchObject({ code: "not-a-source" });
  });
});

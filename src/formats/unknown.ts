/** What a file is that no format claims: one sentence from its bytes, and what to do. Never a guess from its name. */

import { FormatError, LimitError, quote } from "../errors.ts";
import type { Candidate } from "./format.ts";
import { convertHint, foreignHint, signatures } from "./signatures.ts";

/** The answer to "what is it?". */
interface Finding {
  /** Continues "the file is …". */
  readonly what: string;
  readonly code: string;
  readonly hint: string;
}

/** The error for a file that no format claims. Reads its first bytes and, of a zip, the directory. */
export async function unknownFile(candidate: Candidate): Promise<FormatError> {
  const { what, code, hint } = await identify(candidate);
  return new FormatError(`opening a checkpoint: the file is ${what}`, { code, hint });
}

/** Bytes below which nothing is a checkpoint: the length of a safetensors header, and a header. */
const shortest = 10;

const downloadHint = "Fetch the file again; the download or the copy did not finish.";

async function identify(candidate: Candidate): Promise<Finding> {
  const { source, head } = candidate;
  if (source.size === 0) {
    return { what: "empty: it has 0 bytes", code: "empty-file", hint: downloadHint };
  }
  if (candidate.isZip) return identifyZip(candidate);
  if (candidate.startsWith("PK\x05\x06")) {
    return { what: "a zip without any records", code: "empty-zip", hint: downloadHint };
  }
  for (const { at, magic, what, code, hint } of signatures) {
    if (candidate.startsWith(magic, at)) return { what, code, hint };
  }
  const text = latin1(head);
  return (
    identifyForeign(candidate, text) ??
    identifyText(text) ??
    (await identifyZipEnd(candidate)) ??
    (await identifyTable(candidate)) ??
    (head.every((byte) => byte === 0)
      ? {
          what: `not a checkpoint: it starts with ${head.length} zero bytes`,
          code: "not-a-checkpoint",
          hint: `Space was set aside for it and never filled. ${downloadHint}`,
        }
      : {
          what: `${source.size < shortest ? "too short to be a checkpoint" : "of no known kind"}: it has ${source.size} bytes and starts with ${hex(head.subarray(0, 8))}`,
          code: "not-a-checkpoint",
          hint: source.size < shortest ? downloadHint : "Expected a torch.save file or a safetensors file.",
        })
  );
}

/** Kinds of zip by a record of theirs. */
const zipKinds: readonly { readonly record: RegExp; readonly what: string; readonly hint: string }[] = [
  { record: /^model\.weights\.h5$/, what: "a Keras model", hint: foreignHint },
  { record: /^word\/document\.xml$|^xl\/workbook\.xml$/, what: "an office document", hint: convertHint },
];

/** Weights of other programs, by how their first bytes look; a name only says which of two it is. */
function identifyForeign({ name }: Candidate, text: string): Finding | undefined {
  const foreign = (what: string, hint: string = foreignHint): Finding => ({
    what,
    code: "unsupported-format",
    hint,
  });
  // A map of up to 15 items, or of more, and a first key of up to 31 characters that is a word.
  const msgpack = /^(?:[\x81-\x8f]|\xde[^]{2})([\xa1-\xbf])([\w.]+)/.exec(text);
  if (msgpack !== null && msgpack[2]!.length >= msgpack[1]!.charCodeAt(0) - 0xa0) {
    const key = msgpack[2]!.slice(0, msgpack[1]!.charCodeAt(0) - 0xa0);
    return foreign(`a MessagePack map whose first key is ${quote(key)}, as Flax (JAX) saves weights`);
  }
  if (/^\x08[\x01-\x20]\x12/.test(text) && name?.endsWith(".mlmodel")) return foreign("a Core ML model");
  if (text.startsWith("model_checkpoint_path:")) {
    return foreign(
      "the list of TensorFlow's checkpoints in a folder",
      "Their weights are in the files beside it; TensorFlow can load them and save them with numpy.savez(...).",
    );
  }
  return undefined;
}

/** A file that ends as a zip does and begins as something else. */
async function identifyZipEnd(candidate: Candidate): Promise<Finding | undefined> {
  try {
    const { prefixByteLength } = await candidate.zip();
    if (prefixByteLength === 0) return undefined;
    return {
      what: `a zip archive with ${prefixByteLength} other bytes before it, which PyTorch does not open`,
      code: "zip-prefix",
      hint: `Something was put before it: tail -c +${prefixByteLength + 1} FILE gives the archive alone.`,
    };
  } catch (error) {
    if (!(error instanceof FormatError || error instanceof LimitError)) throw error;
    if (error.code === "zip-not-found" || error instanceof LimitError) return undefined;
    return {
      what: "damaged: it ends as a zip archive does, and its beginning is missing or was changed",
      code: "zip-no-beginning",
      hint: "Fetch or copy the file again.",
    };
  }
}

/** The last bytes of a table of LevelDB, which TensorFlow keeps the index of a checkpoint in. */
const tableMagic = "\x57\xfb\x80\x8b\x24\x75\x47\xdb";

async function identifyTable({ source, signal }: Candidate): Promise<Finding | undefined> {
  if (source.size < tableMagic.length) return undefined;
  const end = await source.read(source.size - tableMagic.length, source.size, signal);
  if (latin1(end) !== tableMagic) return undefined;
  return {
    what: "a table of LevelDB, such as the index of a TensorFlow checkpoint",
    code: "unsupported-format",
    hint: foreignHint,
  };
}

async function identifyZip(candidate: Candidate): Promise<Finding> {
  const { entries } = await candidate.zip();
  const names = entries.map(({ name }) => name);
  for (const { record, what, hint } of zipKinds) {
    if (!names.some((name) => record.test(name))) continue;
    return { what: `${what}, not a PyTorch file`, code: "not-a-checkpoint", hint };
  }
  if (names.includes("data.pkl")) {
    return {
      what: "a zip whose data.pkl is in no folder; PyTorch writes and reads it in one",
      code: "zip-no-root",
      hint: "Something has repacked the file, or it only imitates a checkpoint; get it from its source.",
    };
  }
  if (names.some((name) => /^[^/]+\/(?:data\/|version$|byteorder$|\.format_version$)/.test(name))) {
    return {
      what: "a torch.save zip without its data.pkl: saving it was interrupted",
      code: "torch-zip-incomplete",
      hint: "The program that wrote it stopped too early or the disk was full; use an earlier checkpoint.",
    };
  }
  const inside = names.find((name) => /\.(?:pt|pth|bin|ckpt|safetensors)$/.test(name));
  return {
    what: `a zip of ${names.length} record${names.length === 1 ? "" : "s"}${
      names.length === 0 ? "" : ` such as ${quote(inside ?? names[0]!)}`
    }, not a PyTorch file`,
    code: "not-a-checkpoint",
    hint:
      inside === undefined
        ? "A torch.save file has a record data.pkl in a folder."
        : "Unpack it and open the checkpoint inside.",
  };
}

function identifyText(text: string): Finding | undefined {
  if (text.startsWith("version https://git-lfs.github.com/spec/")) {
    const oid = /^oid (\S{1,80})$/m.exec(text)?.[1];
    const size = /^size (\d{1,16})$/m.exec(text)?.[1];
    const facts = oid === undefined || size === undefined ? "" : ` (${size} bytes, ${oid})`;
    return {
      what: `a Git LFS pointer, not the checkpoint it points to${facts}`,
      code: "git-lfs-pointer",
      hint: "Fetch the real file with: git lfs pull",
    };
  }
  const start = text.replace(/^(?:\xef\xbb\xbf)?\s*/, "").toLowerCase();
  if (/^(?:<!doctype html|<html|<head|<body|<!--)/.test(start)) {
    return {
      what: "an HTML page, such as a server's error or log-in page",
      code: "html-page",
      hint: "Look at it in a browser to see what went wrong, and download the checkpoint itself.",
    };
  }
  if (start.startsWith("<?xml") || /^<[a-z]+[\s>]/.test(start)) {
    return {
      what: "an XML document, such as a storage server's error message",
      code: "xml-document",
      hint: "Look into it with an editor to see what went wrong, and download the checkpoint itself.",
    };
  }
  if (/^[{[]\s*(?:["[{}\]\d-]|true|false|null)/.test(start)) {
    return {
      what: "a JSON text, such as a configuration or a server's answer, not a checkpoint",
      code: "not-a-checkpoint",
      hint: "Look into it with an editor; the weights are in another file, or have to be fetched again.",
    };
  }
  const written = textOf(text);
  if (written !== null) {
    const line = written.trim().split(/[\r\n]/, 1)[0] ?? "";
    return {
      what: `a text that begins with ${quote(line.slice(0, 60))}`,
      code: "not-a-checkpoint",
      hint: "Expected a torch.save file or a safetensors file.",
    };
  }
  return undefined;
}

/** The text whose first bytes these are; null where they are none. */
function textOf(bytes: string): string | null {
  if (!/^[\t\n\r\x20-\x7e\x80-\xff]+$/.test(bytes)) return null;
  try {
    // The last character may be cut.
    const decoder = new TextDecoder("utf-8", { fatal: true });
    return decoder.decode(
      Uint8Array.from(bytes, (character) => character.charCodeAt(0)),
      { stream: true },
    );
  } catch {
    return null;
  }
}

function latin1(bytes: Uint8Array): string {
  return String.fromCharCode(...bytes);
}

function hex(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join(" ");
}

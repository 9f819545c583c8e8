/** `hf://owner/repo[@revision][/file]`: the address of a repository, or of a file in it, on the Hugging Face Hub. */

import { quote, UsageError } from "../errors.ts";

/** What an `hf://` address names. */
export interface HubAddress {
  readonly type: "model" | "dataset" | "space";
  /** `owner/repo`. */
  readonly repo: string;
  /** A branch, a tag or a commit; null for the default, `main`. */
  readonly revision: string | null;
  /** The file's path in the repository; null for the repository as a whole. */
  readonly file: string | null;
}

/** The word before the owner, as in `hf://datasets/owner/repo`. */
const types: ReadonlyMap<string, HubAddress["type"]> = new Map([
  ["models", "model"],
  ["datasets", "dataset"],
  ["spaces", "space"],
]);

const scheme = /^hf:\/\//i;
const plainName = /^(?!\.+$)[\w.-]+$/;
/** Revisions with slashes that need no escaping; a slash in another one is written `%2F`. */
const plainRevision = /^refs\/(?:pr\/\d+|convert\/[\w-]+)(?=\/|$)/;

/**
 * Reads an `hf://` address, in the spelling of Python's `HfFileSystem`.
 *
 * Throws: `UsageError` with code `"hub-address"`.
 *
 * @example
 * parseHubAddress("hf://openai-community/gpt2@main/model.safetensors").file; // "model.safetensors"
 */
export function parseHubAddress(address: string): HubAddress {
  const wrong = (found: string): UsageError =>
    new UsageError(`opening ${quote(address)}: ${found}, expected hf://owner/repo[@revision][/file]`, {
      code: "hub-address",
      hint: "For example hf://openai-community/gpt2 or hf://openai-community/gpt2@main/model.safetensors.",
    });
  if (!scheme.test(address)) throw wrong("it does not begin with hf://");
  const parts = address.replace(scheme, "").replace(/\/$/, "").split("/");
  const type = types.get(parts[0]!);
  if (type !== undefined) parts.shift();
  const [owner = "", named = "", ...rest] = parts;
  const at = named.indexOf("@");
  const name = at < 0 ? named : named.slice(0, at);
  if (!plainName.test(owner) || !plainName.test(name))
    throw wrong("it does not name an owner and a repository");

  let path = rest.join("/");
  let revision: string | null = null;
  if (at >= 0) {
    const tail = [named.slice(at + 1), ...rest].join("/");
    const written = plainRevision.exec(tail)?.[0] ?? tail.split("/", 1)[0]!;
    revision = unescapedRevision(written);
    if (revision === null) throw wrong(`its revision is ${quote(written)}`);
    path = tail.slice(written.length + 1);
  }
  // A web address with such a part would lead elsewhere on the server.
  if (path !== "" && path.split("/").some((part) => /^\.{0,2}$/.test(part))) {
    throw wrong(`its file is ${quote(path)}`);
  }
  return { type: type ?? "model", repo: `${owner}/${name}`, revision, file: path === "" ? null : path };
}

/** The revision without its escapes; null when it is none. */
function unescapedRevision(written: string): string | null {
  try {
    const revision = decodeURIComponent(written);
    return revision === "" || revision.split("/").some((part) => /^\.{0,2}$/.test(part)) ? null : revision;
  } catch {
    return null;
  }
}

/** An `https://` address: what it may be, what of it may be shown, and what the file behind it is called. */

import { quote, UsageError } from "../errors.ts";

/** An address that may be fetched. */
export interface WebAddress {
  /** Without user name, password and fragment. */
  readonly url: URL;
  /** The user name and password that stood in it, as a header; empty without them. */
  readonly headers: Readonly<Record<string, string>>;
}

/**
 * Reads an address.
 *
 * Note [plain http]: over `http://` anybody on the way can read and change what is fetched, and headers with secrets
 * are sent in the clear. To this machine itself there is no way; beyond it the caller has to say `allowHttp`.
 *
 * Throws: `UsageError` with code `"address"` or `"insecure-address"`.
 */
export function parseWebAddress(address: string | URL, allowHttp: boolean): WebAddress {
  let url: URL;
  try {
    url = new URL(address);
  } catch {
    throw new UsageError(`opening ${quote(String(address))}: it is not a web address`, {
      code: "address",
      hint: "Expected something like https://example.com/model.pt.",
    });
  }
  if (url.protocol !== "https:" && url.protocol !== "http:") {
    throw new UsageError(`opening ${quote(shownAddress(url))}: found ${url.protocol}//, expected https://`, {
      code: "address",
      hint: "Only https:// and http:// addresses can be fetched.",
    });
  }
  if (!allowHttp && isExposed(url)) {
    throw new UsageError(`opening ${quote(shownAddress(url))}: the connection would not be encrypted`, {
      code: "insecure-address",
      hint: "Use https://. If you trust the network, say so: allowHttp in a program, PARASCOPE_ALLOW_HTTP=1 for the command.",
    });
  }
  const { username, password } = url;
  url.username = "";
  url.password = "";
  url.hash = "";
  if (username === "" && password === "") return { url, headers: {} };
  const pair = new TextEncoder().encode(`${unescapedText(username)}:${unescapedText(password)}`);
  return { url, headers: { authorization: `Basic ${btoa(String.fromCharCode(...pair))}` } };
}

/** Whether a connection to the address is unencrypted and leaves this machine. */
export function isExposed({ protocol, hostname }: URL): boolean {
  const isLoopback = /^(?:localhost|.+\.localhost|127\.\d+\.\d+\.\d+|\[::1\])$/.test(hostname);
  return protocol === "http:" && !isLoopback;
}

/** The address for a message: without password and query, where pre-signed addresses carry their signature. */
export function shownAddress(url: URL): string {
  return `${url.protocol}//${url.host}${url.pathname}${url.search === "" ? "" : "?…"}`;
}

/** What the file behind an address is called: the last part of its path, or the host where there is none. */
export function fileNameOf(url: URL): string {
  const last = url.pathname.slice(url.pathname.lastIndexOf("/") + 1);
  return last === "" ? url.host : unescapedText(last);
}

/** Undoes percent escapes; a text with broken ones stays as it is. */
function unescapedText(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/**
 * Text in a pickle: UTF-8 as Python writes it, byte strings of Python 2, and the escaped forms of protocol 0. A result
 * of undefined means that the bytes are not such text; the caller knows where they stand.
 */

const strictUtf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** Strings up to this length are put together by hand, which costs less than a call of the decoder. */
const shortText = 48;

function decodeStrictly(bytes: Uint8Array): string | undefined {
  try {
    return strictUtf8.decode(bytes);
  } catch {
    return undefined;
  }
}

/** The bytes as ISO 8859-1: each byte is the character of its number. */
export function latin1(bytes: Uint8Array): string {
  let text = "";
  // In slices, because `fromCharCode` takes its characters as arguments, whose number is limited.
  for (let start = 0; start < bytes.length; start += 8192) {
    text += String.fromCharCode(...bytes.subarray(start, start + 8192));
  }
  return text;
}

/** The bytes of a string of ISO 8859-1; undefined when it has a character beyond. */
export function latin1Bytes(text: string): Uint8Array | undefined {
  const bytes = new Uint8Array(text.length);
  for (let index = 0; index < text.length; index++) {
    const code = text.charCodeAt(index);
    if (code > 0xff) return undefined;
    bytes[index] = code;
  }
  return bytes;
}

/**
 * UTF-8 with lone surrogates, which Python's `surrogatepass` writes as three bytes each and a strict decoder refuses.
 */
function decodeWithSurrogates(bytes: Uint8Array): string | undefined {
  let text = "";
  let strictFrom = 0;
  // A surrogate is 0xED followed by a byte from 0xA0 to 0xBF; between them the text is strict.
  for (let at = bytes.indexOf(0xed); at >= 0; at = bytes.indexOf(0xed, at + 3)) {
    const second = bytes[at + 1] ?? 0;
    const third = bytes[at + 2] ?? 0;
    if (second < 0xa0 || second > 0xbf) continue;
    if (third < 0x80 || third > 0xbf) return undefined;
    const before = decodeStrictly(bytes.subarray(strictFrom, at));
    if (before === undefined) return undefined;
    text += before + String.fromCharCode(0xd000 | ((second & 0x3f) << 6) | (third & 0x3f));
    strictFrom = at + 3;
  }
  const rest = decodeStrictly(bytes.subarray(strictFrom));
  return strictFrom === 0 || rest === undefined ? undefined : text + rest;
}

/** UTF-8 as Python's pickle writes it: strict, but for lone surrogates. */
export function utf8(bytes: Uint8Array): string | undefined {
  if (bytes.length <= shortText) {
    let text = "";
    for (let index = 0; index < bytes.length; index++) {
      const byte = bytes[index]!;
      if (byte > 0x7f) return decodeStrictly(bytes) ?? decodeWithSurrogates(bytes);
      text += String.fromCharCode(byte);
    }
    return text;
  }
  return decodeStrictly(bytes) ?? decodeWithSurrogates(bytes);
}

const encoder = new TextEncoder();

/** Text as UTF-8 as Python's pickle writes it: a lone surrogate takes three bytes. */
export function utf8Bytes(text: string): Uint8Array {
  if (!/\p{Surrogate}/u.test(text)) return encoder.encode(text);
  const bytes: number[] = [];
  for (const character of text) {
    const code = character.codePointAt(0)!;
    if (code < 0xd800 || code > 0xdfff) for (const byte of encoder.encode(character)) bytes.push(byte);
    else bytes.push(0xe0 | (code >> 12), 0x80 | ((code >> 6) & 0x3f), 0x80 | (code & 0x3f));
  }
  return Uint8Array.from(bytes);
}

/** A `str` of Python 2, which is bytes: text as UTF-8 where it is that, else as ISO 8859-1. */
export function python2Text(bytes: Uint8Array): string {
  return decodeStrictly(bytes) ?? latin1(bytes);
}

/** Text of the UNICODE opcode: ISO 8859-1 with `\uXXXX` and `\UXXXXXXXX`. */
export function rawUnicodeEscape(bytes: Uint8Array): string | undefined {
  let sound = true;
  const text = latin1(bytes).replace(/\\(u[0-9a-fA-F]{4}|U[0-9a-fA-F]{8}|[^])/g, (whole, escape: string) => {
    if (escape.length === 1) {
      // A short `\u` is a fault, any other backslash stands for itself.
      sound &&= escape !== "u" && escape !== "U";
      return whole;
    }
    const code = Number.parseInt(escape.slice(1), 16);
    sound &&= code <= 0x10ffff;
    return sound ? String.fromCodePoint(code) : "";
  });
  return sound ? text : undefined;
}

const namedEscapes: ReadonlyMap<string, string> = new Map([
  ["\n", ""],
  ["\\", "\\"],
  ["'", "'"],
  ['"', '"'],
  ["a", "\x07"],
  ["b", "\b"],
  ["f", "\f"],
  ["n", "\n"],
  ["r", "\r"],
  ["t", "\t"],
  ["v", "\v"],
]);

/** The bytes of a quoted Python 2 string, as the STRING opcode carries it: `'a\n\x00'`. */
export function quotedBytes(line: Uint8Array): Uint8Array | undefined {
  const quote = line[0];
  if (line.length < 2 || quote !== line.at(-1) || (quote !== 0x22 && quote !== 0x27)) return undefined;
  let sound = true;
  const text = latin1(line.subarray(1, -1)).replace(
    /\\(x[0-9a-fA-F]{2}|[0-7]{1,3}|[^]|$)/g,
    (whole, escape: string) => {
      const named = namedEscapes.get(escape);
      if (named !== undefined) return named;
      if (/^[0-7]/.test(escape)) return String.fromCharCode(Number.parseInt(escape, 8) & 0xff);
      if (escape.length === 3) return String.fromCharCode(Number.parseInt(escape.slice(1), 16));
      // A short `\x` and a backslash at the end are faults, any other one stands for itself.
      sound &&= escape !== "x" && escape !== "";
      return whole;
    },
  );
  return sound ? latin1Bytes(text) : undefined;
}

/**
 * Names: how the keys that lead to a tensor become one string and come apart again, which module a name belongs to,
 * and the order in which people expect names. Patterns over names are in `selector.ts`.
 */

/** The keys that lead to something in a file: strings, or numbers for list positions and integer keys. */
export type Path = readonly (string | number)[];

/**
 * One key as a level of a name: `~` becomes `~0`, `/` becomes `~1` (the escapes of JSON Pointer, RFC 6901).
 *
 * @example
 * escapeLevel("w/b~"); // "w~1b~0"
 */
export function escapeLevel(key: string): string {
  return /[~/]/.test(key) ? key.replaceAll("~", "~0").replaceAll("/", "~1") : key;
}

/**
 * The name of a path: its levels joined by `/`. A bare tensor, whose path is empty, is called `""`.
 *
 * @example
 * joinPath(["state_dict", "conv1.weight"]); // "state_dict/conv1.weight"
 * joinPath(["state", 0, "a/b"]); // "state/0/a~1b"
 */
export function joinPath(path: Path): string {
  return path.map((key) => (typeof key === "number" ? String(key) : escapeLevel(key))).join("/");
}

/**
 * The levels of a name, unescaped. Numbers come back as strings, because a name does not tell `0` from `"0"`.
 *
 * @example
 * splitPath("state/0/a~1b"); // ["state", "0", "a/b"]
 */
export function splitPath(name: string): string[] {
  if (name === "") return [];
  return name.split("/").map((level) => level.replaceAll("~1", "/").replaceAll("~0", "~"));
}

/**
 * The name of the module that the thing at `path` belongs to: the name without the last dotted part of its last level.
 *
 * @example
 * moduleOf(["state_dict", "conv1.weight"]); // "state_dict/conv1"
 * moduleOf(["state", 0, "exp_avg"]); // "state/0"
 * moduleOf(["weight"]); // ""
 */
export function moduleOf(path: Path): string {
  if (path.length === 0) return "";
  const last = path[path.length - 1]!;
  // A number has no dotted parts: -1.5 is one key.
  const dot = typeof last === "number" ? -1 : last.lastIndexOf(".");
  if (dot <= 0) return joinPath(path.slice(0, -1));
  return joinPath([...path.slice(0, -1), (last as string).slice(0, dot)]);
}

/**
 * The module around a module, or null for the outermost, `""`: its name without the last part, dotted or `/`.
 *
 * @example
 * parentModule("state_dict/layer1.0"); // "state_dict/layer1"
 * parentModule("state_dict/layer1"); // "state_dict"
 * parentModule("state_dict"); // ""
 */
export function parentModule(name: string): string | null {
  if (name === "") return null;
  const slash = name.lastIndexOf("/");
  const dot = name.lastIndexOf(".");
  // As in `moduleOf`, a dot that opens a level separates nothing.
  if (dot > slash + 1) return name.slice(0, dot);
  return slash < 0 ? "" : name.slice(0, slash);
}

const zero = 0x30;
const nine = 0x39;

/** Separators sort before all other characters, so that a module's names stay together: `a.b`, `a.c`, `a-b`. */
function rank(code: number): number {
  return code === 0x2f ? -2 : code === 0x2e ? -1 : code;
}

/** The index after the run of digits that starts at `start`. */
function endOfDigits(text: string, start: number): number {
  let end = start;
  for (let code = text.charCodeAt(end); code >= zero && code <= nine; code = text.charCodeAt(end)) end++;
  return end;
}

/** Compares two runs of digits as numbers of any length. */
function compareDigits(a: string, b: string): number {
  const left = a.replace(/^0+/, "");
  const right = b.replace(/^0+/, "");
  if (left.length !== right.length) return left.length - right.length;
  return left < right ? -1 : left > right ? 1 : 0;
}

/**
 * Compares names as people count: `layer2` before `layer10`. A total order, the same in every locale; names that differ
 * only in leading zeros are ordered by their characters.
 *
 * @example
 * ["layer10", "layer2"].sort(naturalCompare); // ["layer2", "layer10"]
 */
export function naturalCompare(a: string, b: string): number {
  let i = 0;
  let j = 0;
  while (i < a.length && j < b.length) {
    const left = a.charCodeAt(i);
    const right = b.charCodeAt(j);
    if (left >= zero && left <= nine && right >= zero && right <= nine) {
      const leftEnd = endOfDigits(a, i);
      const rightEnd = endOfDigits(b, j);
      const order = compareDigits(a.slice(i, leftEnd), b.slice(j, rightEnd));
      if (order !== 0) return order;
      i = leftEnd;
      j = rightEnd;
      continue;
    }
    if (left !== right) return rank(left) - rank(right);
    i++;
    j++;
  }
  const order = a.length - i - (b.length - j);
  if (order !== 0) return order;
  return a < b ? -1 : a > b ? 1 : 0;
}

/** How many columns of a terminal a text takes up, and how to shorten it. Texts are printable and on one line. */

/** Characters of one column and one code unit each: ASCII, and the lines that every name of a tree begins with. */
const narrow = /^[\x20-\x7e\u2500-\u257f]*$/;

/** Marks and joiners, which stand in the column of the character before them. */
const combining = /^(?:\p{Mn}|\p{Me}|\p{Cf})$/u;

/** Characters two columns wide: East Asian Wide and Fullwidth (Unicode Annex 11), pictures. */
const wide =
  /^[\u1100-\u115f\u2e80-\u303e\u3041-\ua4cf\ua960-\ua97c\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6\u{1f300}-\u{1f64f}\u{1f680}-\u{1f6ff}\u{1f900}-\u{1faff}\u{20000}-\u{3fffd}]$/u;

function characterWidth(character: string): number {
  if (combining.test(character)) return 0;
  return wide.test(character) ? 2 : 1;
}

/** Columns that `text` takes up. */
export function displayWidth(text: string): number {
  if (narrow.test(text)) return text.length;
  let width = 0;
  for (const character of text) width += characterWidth(character);
  return width;
}

/** As many characters as fit into `width` columns. */
function fitting(characters: readonly string[], width: number): string {
  let left = width;
  let end = 0;
  while (end < characters.length) {
    const next = characterWidth(characters[end]!);
    if (next > left) break;
    left -= next;
    end++;
  }
  return characters.slice(0, end).join("");
}

/**
 * Shortens a text in the middle, where names differ least, to at most `width` columns.
 *
 * @example
 * shorten("encoder.layers.11.self_attn.weight", 20); // "encoder.l…ttn.weight"
 */
export function shorten(text: string, width: number): string {
  if (displayWidth(text) <= width) return text;
  if (width <= 1) return width === 1 ? "…" : "";
  const characters = [...text];
  const front = Math.floor((width - 1) / 2);
  const back = fitting(characters.toReversed(), width - 1 - front);
  return `${fitting(characters, front)}…${[...back].toReversed().join("")}`;
}

/** Fills a text with spaces to `width` columns. */
export function pad(text: string, width: number, align: "left" | "right"): string {
  const spaces = " ".repeat(Math.max(0, width - displayWidth(text)));
  return align === "left" ? text + spaces : spaces + text;
}

/**
 * Breaks a text between words into lines of at most `width` columns, those after the first indented; words that are
 * wider themselves are shortened.
 *
 * @example
 * wrap("one two three", 9, 2); // ["one two", "  three"]
 */
export function wrap(text: string, width: number, indent: number): string[] {
  const lines: string[] = [];
  let line = "";
  for (const word of text.split(" ")) {
    const start = lines.length === 0 ? "" : " ".repeat(indent);
    const longer = line === "" ? start + word : `${line} ${word}`;
    if (line === "" || displayWidth(longer) <= width) line = longer;
    else {
      lines.push(line);
      line = " ".repeat(indent) + word;
    }
  }
  return [...lines, line].map((each) => shorten(each, width));
}

/** Counts and sizes as people read them: `124.4 M`, `1.7 KB`. Powers of 1000, as disks and `ls -h --si` have them. */

const scales = ["", "K", "M", "G", "T", "P", "E"] as const;

/** Three or four digits and the scale they are in; below 1000 the number itself. */
function scaled(value: number): { digits: string; scale: string } {
  let exponent = 0;
  let rest = value;
  // 999.95 would print as 1000.0.
  while (exponent < scales.length - 1 && (exponent === 0 ? rest >= 1000 : rest >= 999.95)) {
    rest /= 1000;
    exponent++;
  }
  return { digits: exponent === 0 ? String(rest) : rest.toFixed(1), scale: scales[exponent]! };
}

/**
 * A count for people.
 *
 * @example
 * countText(124439808); // "124.4 M"
 * countText(432); // "432"
 */
export function countText(count: number): string {
  const { digits, scale } = scaled(count);
  return scale === "" ? digits : `${digits} ${scale}`;
}

/**
 * A number of bytes for people; KB is 1000 bytes.
 *
 * @example
 * bytesText(1728); // "1.7 KB"
 * bytesText(12); // "12 B"
 */
export function bytesText(byteLength: number): string {
  const { digits, scale } = scaled(byteLength);
  return `${digits} ${scale}B`;
}

/**
 * A count with its digits in groups of three.
 *
 * @example
 * exactCountText(124439808); // "124,439,808"
 */
export function exactCountText(count: number): string {
  return String(count).replace(/\B(?=(\d{3})+$)/g, ",");
}

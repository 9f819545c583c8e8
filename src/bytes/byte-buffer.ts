/** A growing run of bytes with writers for binary fields: the counterpart of the cursor. */

/**
 * Bytes appended one field after another; integers are little-endian.
 *
 * @example
 * const buffer = new ByteBuffer();
 * buffer.u32(0x04034b50);
 * buffer.bytes; // Uint8Array [0x50, 0x4b, 3, 4]
 */
export class ByteBuffer {
  #held: Uint8Array<ArrayBuffer>;
  #view: DataView<ArrayBuffer>;
  #length = 0;

  /** `room` is how many bytes are set aside at first. */
  constructor(room: number = 256) {
    this.#held = new Uint8Array(room);
    this.#view = new DataView(this.#held.buffer);
  }

  /** Number of bytes written. */
  get length(): number {
    return this.#length;
  }

  /** What was written, sharing memory with the buffer. */
  get bytes(): Uint8Array<ArrayBuffer> {
    return this.#held.subarray(0, this.#length);
  }

  /** An unsigned byte. */
  u8(value: number): void {
    const at = this.#take(1);
    this.#held[at] = value;
  }

  /** An unsigned 16-bit integer. */
  u16(value: number): void {
    const at = this.#take(2);
    this.#view.setUint16(at, value, true);
  }

  /** An unsigned 32-bit integer; of a signed one its two's complement. */
  u32(value: number): void {
    const at = this.#take(4);
    this.#view.setUint32(at, value, true);
  }

  /** An unsigned 64-bit integer below 2^53. */
  u64(value: number): void {
    const at = this.#take(8);
    this.#view.setUint32(at, value % 2 ** 32, true);
    this.#view.setUint32(at + 4, Math.floor(value / 2 ** 32), true);
  }

  /** A 64-bit float, highest byte first, as pickles have it. */
  f64BigEndian(value: number): void {
    const at = this.#take(8);
    this.#view.setFloat64(at, value, false);
  }

  /** Bytes as they are. */
  append(bytes: Uint8Array): void {
    const at = this.#take(bytes.length);
    this.#held.set(bytes, at);
  }

  /** `count` times the same byte. */
  fill(byte: number, count: number): void {
    const at = this.#take(count);
    this.#held.fill(byte, at, at + count);
  }

  #take(byteLength: number): number {
    const at = this.#length;
    this.#length += byteLength;
    if (this.#length > this.#held.length) {
      const grown = new Uint8Array(Math.max(this.#length, 2 * this.#held.length));
      grown.set(this.#held.subarray(0, at));
      this.#held = grown;
      this.#view = new DataView(grown.buffer);
    }
    return at;
  }
}

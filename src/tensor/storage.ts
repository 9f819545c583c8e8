/**
 * The memory of tensors: a run of bytes that several tensors may look into. Owns allocation and its limit; knows no
 * shapes.
 *
 * Note [slabs]: a new small ArrayBuffer costs half a microsecond and more, a typed array over an existing one 0.02. So
 * small storages are cut from shared slabs that are never reused: a slab's bytes start as zeros and are handed out
 * once, and the collector frees the slab when the last tensor over it is gone.
 */

import type { DType, ItemArray } from "../dtype.ts";
import { byteLengthOf } from "../dtype.ts";
import { LimitError, internal } from "../errors.ts";
import type { DeviceName } from "./device.ts";
import { toDevice } from "./device.ts";

/** Bytes of one slab, and the largest storage that is cut from one. */
const slabByteLength = 64 * 1024;
const largestInSlab = 4 * 1024;

let slab = new ArrayBuffer(slabByteLength);
let slabUsed = 0;
let nextSerial = 1;

/** A run of bytes in an ArrayBuffer, or only its size on `meta`. */
export class Storage {
  declare readonly buffer: ArrayBuffer;
  /** Where in `buffer` the storage starts. */
  declare readonly byteOffset: number;
  declare readonly byteLength: number;
  declare readonly device: DeviceName;
  /** Rises with every storage made: what has a greater one than a moment's is younger than that moment. */
  declare readonly serial: number;
  /** How many gradients under way in a backward pass lie in this storage; see Note [stealing] in autograd. */
  declare deliveries: number;
  /** The view made last time; a `#name` would cost more than the rest of the constructor. */
  declare private items: ItemArray | undefined;

  constructor(
    buffer: ArrayBuffer,
    byteOffset: number,
    byteLength: number,
    device: DeviceName,
    items?: ItemArray,
  ) {
    this.buffer = buffer;
    this.byteOffset = byteOffset;
    this.byteLength = byteLength;
    this.device = device;
    this.serial = nextSerial++;
    this.deliveries = 0;
    this.items = items;
  }

  /** The storage's bytes, without a copy. */
  get bytes(): Uint8Array<ArrayBuffer> {
    return new Uint8Array(this.buffer, this.byteOffset, this.buffer.byteLength === 0 ? 0 : this.byteLength);
  }

  /** The whole storage as the typed array in which `dtype` lies, without a copy; made once for each dtype in use. */
  itemsOf(dtype: DType): ItemArray {
    const known = this.items;
    if (known !== undefined && known.constructor === dtype.Items) return known;
    const length = this.device === "meta" ? 0 : Math.floor(this.byteLength / dtype.Items.BYTES_PER_ELEMENT);
    const items = new dtype.Items(this.buffer, this.byteOffset, length);
    this.items ??= items;
    return items;
  }
}

const noBytes = new ArrayBuffer(0);

/**
 * Fresh zeroed memory for `count` elements.
 *
 * Throws: `LimitError` where the platform gives no buffer of that size; PyTorch's errors for devices that are not here.
 */
export function allocate(dtype: DType, count: number, device: DeviceName = "cpu"): Storage {
  const byteLength = byteLengthOf(dtype, count);
  if (device !== "cpu" && toDevice(device) === "meta") return new Storage(noBytes, 0, byteLength, "meta");
  // Written so that NaN does not pass: it would begin the slab anew, under the tensors that lie in it.
  if (!(byteLength >= 0 && byteLength <= largestInSlab)) {
    if (!(byteLength >= 0)) throw internal(`a tensor of ${byteLength} bytes was asked for`);
    const buffer = newBuffer(byteLength);
    return new Storage(buffer, 0, byteLength, "cpu", new dtype.Items(buffer));
  }
  if (slabUsed + byteLength > slabByteLength) {
    slab = new ArrayBuffer(slabByteLength);
    slabUsed = 0;
  }
  const byteOffset = slabUsed;
  slabUsed = (slabUsed + byteLength + 7) & ~7;
  const itemCount = byteLength / dtype.Items.BYTES_PER_ELEMENT;
  return new Storage(slab, byteOffset, byteLength, "cpu", new dtype.Items(slab, byteOffset, itemCount));
}

/** The serial that the next storage will have. */
export function serialNow(): number {
  return nextSerial;
}

function newBuffer(byteLength: number): ArrayBuffer {
  try {
    return new ArrayBuffer(byteLength);
  } catch (cause) {
    throw new LimitError(
      `allocating a tensor: found a size of ${byteLength} bytes, more than can be had here`,
      {
        code: "allocation",
        hint: 'Use a smaller shape, or device: "meta" for a shape without data.',
        torchType: "RuntimeError",
        cause,
      },
    );
  }
}

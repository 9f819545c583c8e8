/**
 * Finds every pickle of a file: of an archive in each record, one after another in a stream, in the bytes that a pickle
 * holds, and where no format expects one. It looks at more than `open` does, and believes nothing: whatever Python's
 * loader would run counts, however it begins and whatever the file is called.
 *
 * Weights are not read: of a record only its first bytes tell whether it is a pickle or an archive.
 */

import { maxRatio } from "../bytes/inflate.ts";
import { MemorySource } from "../bytes/memory-source.ts";
import { SliceSource } from "../bytes/slice-source.ts";
import type { ByteSource } from "../bytes/source.ts";
import { isTarHeader } from "../bytes/tar.ts";
import { FormatError, quote } from "../errors.ts";
import type { Limits } from "../limits.ts";
import type { Survey } from "../pickle/survey.ts";
import { beginsAsPickle, pickleHeadByteLength, surveyPickle } from "../pickle/survey.ts";
import { latin1 } from "../pickle/text.ts";
import { TorchReader } from "../pickle/torch.ts";
import type { Extent, FileSearch } from "./archive-search.ts";
import { searchTar, searchZip, searchZipAtEnd } from "./archive-search.ts";
import { leavesFolder, traversal } from "./archive-signs.ts";
import { compressionOf, inflated } from "./compressed.ts";
import { hdf5Signs, isHdf5 } from "./keras-signs.ts";
import { readLegacy } from "./legacy-file.ts";
import { npyHeaderByteLength, npyMagic, pickledNpy } from "./npy-header.ts";
import { huntPickles, isPickle } from "./pickle-hunt.ts";
import { ScanBudget } from "./scan-budget.ts";
import { inside, ScanLedger } from "./scan-ledger.ts";
import { judgeTemplateFile, templateFile } from "./template-signs.ts";
import type { CarvedRecord } from "./zip-carving.ts";
import { carveZip, inflateCarved } from "./zip-carving.ts";

/** Archives and pickles inside each other. Real: a `.pt2` with a torch.save with a pickled tensor, 3. */
const deepest = 8;

/** Bytes of a place that are searched for what does not belong there. Beyond it the report says so. */
const searchedByteLength = 64 * 2 ** 20;

/** Bytes fetched for a pickle before its length is known, and how much more each time. */
const firstByteLength = 64 * 2 ** 10;
const growth = 4;

/** The first pickle of a legacy torch.save file, and how many it has before its storages. */
const legacyMagic = 0x1950a86a20f9469cfc6cn;
const legacyPickles = 5;

/** Names of records that are pickles, however they begin. */
const pickleName = /(?:\.(?:pkl|pickle|pck|p|dill|joblib|cloudpickle)|(?:^|\/)\.metadata)$/i;

/** Whether the first bytes of a file are those of something that can hold pickles. */
function isContainer(head: Uint8Array): boolean {
  const text = latin1(head.subarray(0, 8));
  return text.startsWith("PK\x03\x04") || text.startsWith(npyMagic) || isTarHeader(head);
}

/**
 * Whether a file could be a pickle. Python needs no mark at the beginning: any opcodes do, so where the usual
 * beginnings are missing, the first bytes are tried.
 */
function mayBePickle(head: Uint8Array, byteLength: number, limits: Limits): boolean {
  if (beginsAsPickle(head)) return true;
  const { fault, globals } = surveyPickle(head, { limits });
  return globals.length > 0 || (fault?.code === "pickle-truncated" && head.length < byteLength);
}

/** How sure it is that there is a pickle. */
type Certainty =
  /** The name says so: what does not read as one is a fault. */
  | "named"
  /** The first bytes say so. */
  | "begun"
  /** Nothing says so: only what reads as one counts. */
  | "possible";

/** How files are searched. */
export interface FinderOptions {
  readonly limits: Limits;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Collects the pickles of files.
 *
 * @example
 * const finder = new PickleFinder({ limits });
 * await finder.file(source, "");
 * finder.ledger.pickles; // each with the names in it
 */
export class PickleFinder implements FileSearch {
  readonly ledger: ScanLedger = new ScanLedger();
  readonly limits: Limits;
  readonly signal: AbortSignal | undefined;
  /** That of the outermost file. */
  budget: ScanBudget = new ScanBudget(0);

  constructor(options: FinderOptions) {
    this.limits = options.limits;
    this.signal = options.signal;
  }

  /**
   * Looks through a file, or through one inside another.
   *
   * `where` names it in the report; `name` is what it is called, which makes some files pickles.
   *
   * Throws: what the source throws.
   */
  async file(source: ByteSource, where: string, name: string = where, depth: number = 0): Promise<void> {
    if (source.size === 0) return;
    if (depth === 0) this.budget = new ScanBudget(source.size);
    if (depth > deepest) {
      const message = `files lie in files more than ${deepest} levels deep; what is below was not looked at`;
      this.ledger.warning("nested-too-deep", where, message);
      return;
    }
    const head = await this.#read(source, 0, Math.min(pickleHeadByteLength, source.size));
    const text = latin1(head.subarray(0, 8));
    if (text.startsWith("PK\x03\x04")) {
      // A piece of a distributed checkpoint is many archives, one after another, with other bytes between them.
      if (name.endsWith(".distcp")) await this.between(source, where, depth);
      else await searchZip(this, source, where, depth);
      return;
    }
    const isTar = isTarHeader(head);
    let members: readonly Extent[] = [];
    if (isHdf5(head)) this.ledger.findings.push(...(await hdf5Signs(source, where, this)));
    else if (text.startsWith(npyMagic)) await this.#npy(source, head, where, depth);
    else if (isTar) members = await searchTar(this, source, where, depth);
    if (templateFile.test(name)) await judgeTemplateFile(source, where, this.ledger, this.signal);
    const isInflated = await this.#inflated(source, head, where, name, depth);
    if (isTar && beginsAsPickle(head)) {
      this.ledger.polyglot(where, "it begins as a pickle and is a tar archive");
      await this.#stream(source, where, depth, "begun");
    } else if (!isTar && !isInflated) {
      const isNamed = pickleName.test(name);
      if (isNamed) await this.#stream(source, where, depth, "named");
      else if (beginsAsPickle(head)) await this.#stream(source, where, depth, "begun");
      else if (mayBePickle(head, source.size, this.limits))
        await this.#stream(source, where, depth, "possible");
    }
    if (depth === 0 || beginsAsPickle(head)) await searchZipAtEnd(this, source, where, depth, members);
  }

  isOfInterest(head: Uint8Array, name: string): boolean {
    const isNamed = pickleName.test(name) || compressionOf(head) !== null;
    return isNamed || isContainer(head) || mayBePickle(head, Number.POSITIVE_INFINITY, this.limits);
  }

  #read(source: ByteSource, start: number, end: number): Promise<Uint8Array> {
    return source.read(start, end, this.signal);
  }

  // Streams of pickles

  /** The pickles from the start of a source on. */
  async #stream(source: ByteSource, where: string, depth: number, certainty: Certainty): Promise<void> {
    // Of a record that may be weights little is fetched; of a file that somebody may load, as much as of any odd place.
    const doubtful = depth > 0 ? firstByteLength : searchedByteLength;
    const patience = certainty === "possible" ? doubtful : Number.POSITIVE_INFINITY;
    const first = await this.#survey(source, 0, patience);
    // What begins as one and breaks can be anything; where it has named something first, somebody meant a pickle.
    if (certainty === "possible" && !isPickle(first)) return;
    if (first.fault !== null && certainty === "begun") {
      if (!(depth === 0 ? first.globals.length > 0 : isPickle(first))) return;
    }
    await this.#pickle(first, 0, where, depth);
    if (first.fault !== null) {
      this.ledger.fault(first.fault, where);
      await this.search(source, first.end, source.size, where, depth);
      return;
    }
    if (first.integer === legacyMagic) await this.#legacy(source, first.end, where, depth);
    else await this.#rest(source, first.end, where, depth);
  }

  /** Surveys one pickle, fetching as much as it turns out to need, and no more than `patience` before it names something. */
  async #survey(
    source: ByteSource,
    start: number,
    patience: number = Number.POSITIVE_INFINITY,
  ): Promise<Survey> {
    const most = Math.min(source.size - start, this.limits.pickleBytes);
    for (let length = Math.min(most, firstByteLength); ; length = Math.min(most, length * growth)) {
      const bytes = await this.#read(source, start, start + length);
      const survey = surveyPickle(bytes, { limits: this.limits });
      if (survey.fault?.code !== "pickle-truncated" || length === most) return survey;
      if (length >= patience && survey.globals.length === 0) return survey;
    }
  }

  /** Notes a pickle, and looks into the files that it holds. */
  async #pickle(survey: Survey, start: number, where: string, depth: number): Promise<void> {
    const { globals, end, protocol, fault, changed, embedded } = survey;
    const isComplete = fault === null;
    this.ledger.pickles.push({ where, start, end: start + end, protocol, isComplete, globals });
    for (const name of changed) {
      const message = `loading it sets attributes of ${quote(name)}, a class or module that other code uses`;
      this.ledger.danger("changed-global", where, message);
    }
    for (const bytes of embedded) {
      const isZip = bytes[0] === 0x50;
      if (isZip || this.#isFile(bytes))
        await this.file(new MemorySource(bytes), inside(where, "bytes"), "", depth + 1);
    }
  }

  #isFile(bytes: Uint8Array): boolean {
    const survey = surveyPickle(bytes, { limits: this.limits });
    return isPickle(survey) || survey.integer === legacyMagic;
  }

  /** The other four pickles of a legacy file, and what follows its storages. */
  async #legacy(source: ByteSource, position: number, where: string, depth: number): Promise<void> {
    let start = position;
    for (let count = 1; count < legacyPickles && start < source.size; count++) {
      const survey = await this.#survey(source, start);
      await this.#pickle(survey, start, where, depth);
      start += survey.end;
      if (survey.fault === null) continue;
      this.ledger.fault(survey.fault, where);
      await this.search(source, start, source.size, where, depth);
      return;
    }
    try {
      const { limits, signal } = this;
      const { trailingByteLength } = await readLegacy(source, {
        torch: new TorchReader(limits),
        limits,
        signal,
      });
      if (trailingByteLength > 0) await this.trailing(source, source.size - trailingByteLength, where, depth);
    } catch (error) {
      this.ledger.fault(error, where);
      await this.search(source, start, source.size, where, depth);
    }
  }

  /** Pickles after the first one, which Python's own loader never sees and other loaders may. */
  async #rest(source: ByteSource, position: number, where: string, depth: number): Promise<void> {
    let start = position;
    let more = 0;
    while (start < source.size) {
      const head = await this.#read(source, start, Math.min(source.size, start + pickleHeadByteLength));
      if (!beginsAsPickle(head)) break;
      const survey = await this.#survey(source, start);
      await this.#pickle(survey, start, where, depth);
      more++;
      start += survey.end;
      if (survey.fault !== null) break;
    }
    if (more > 0) {
      const follow = more === 1 ? "another pickle follows" : `${more} other pickles follow`;
      const message = `${follow} the first at byte ${position}; some loaders read only the first`;
      this.ledger.warning("hidden-pickle", where, message);
    }
    if (start < source.size) await this.trailing(source, start, where, depth);
  }

  async trailing(source: ByteSource, start: number, where: string, depth: number): Promise<void> {
    const message = `${source.size - start} bytes follow its end at byte ${start}`;
    this.ledger.warning("trailing-bytes", where, message);
    await this.search(source, start, source.size, where, depth);
  }

  search(source: ByteSource, start: number, end: number, where: string, depth: number): Promise<void> {
    return this.#search(source, start, end, where, depth, false);
  }

  searchRecords(source: ByteSource, end: number, where: string, depth: number): Promise<void> {
    return this.#search(source, 0, end, where, depth, true);
  }

  /** Searches a place for pickles, and for records of a zip, which may be where pickles are expected. */
  async #search(
    source: ByteSource,
    start: number,
    end: number,
    where: string,
    depth: number,
    hasRecords: boolean,
  ): Promise<void> {
    if (start >= end || depth >= deepest) return;
    const searched = Math.min(end, start + searchedByteLength);
    const bytes = await this.#read(source, start, searched);
    const { found, isComplete } = huntPickles(bytes, this.limits, this.budget);
    const records = carveZip(bytes);
    const expected = new Map(hasRecords ? records.map(({ dataStart, name }) => [dataStart, name]) : []);
    for (const hit of found) {
      const at = start + hit.start;
      const record = expected.get(hit.start);
      if (record === undefined) {
        this.ledger.warning("hidden-pickle", where, `a pickle lies at byte ${at}, where nothing reads one`);
      }
      const survey = { ...hit.survey, end: hit.survey.end - hit.start };
      await this.#pickle(survey, at, inside(where, record ?? `byte ${at}`), depth + 1);
    }
    await this.#carved(bytes, records, start, where, depth);
    if (isComplete && searched === end) return;
    const message = `of the bytes ${start} to ${end}, which belong to nothing, not all were searched`;
    if (isComplete) this.ledger.note("not-searched", where, message);
    else this.#givenUp(where);
  }

  /** Bytes that no honest file has so many of: what look like beginnings of pickles, and are none. */
  #givenUp(where: string): void {
    if (this.ledger.faults.some(({ code }) => code === "scan-work")) return;
    const message = "it is full of what looks like pickles and is none, so that not all of it was searched";
    this.ledger.faults.push({ code: "scan-work", where, message });
  }

  async between(source: ByteSource, where: string, depth: number): Promise<void> {
    const bytes = await this.#read(source, 0, Math.min(source.size, searchedByteLength));
    const { found, isComplete } = huntPickles(bytes, this.limits, this.budget);
    for (const { start, survey } of found) {
      await this.#pickle({ ...survey, end: survey.end - start }, start, where, depth + 1);
    }
    if (!isComplete) this.#givenUp(where);
    if (bytes.length === source.size) return;
    const message = "not all of it was searched for pickles between its elements";
    this.ledger.note("not-searched", where, message);
  }

  /** Records that only their own headers tell of. Stored ones were searched with what is around them. */
  async #carved(
    bytes: Uint8Array,
    records: readonly CarvedRecord[],
    base: number,
    where: string,
    depth: number,
  ): Promise<void> {
    for (const record of records) {
      const { name, start, isDeflated } = record;
      if (leavesFolder(name)) this.ledger.findings.push(traversal(name, where));
      if (!isDeflated) continue;
      let inner: Uint8Array | null;
      try {
        inner = await inflateCarved(bytes, record, this.budget, this.signal);
      } catch (error) {
        return this.ledger.fault(error, where);
      }
      if (inner === null) continue;
      const { found, isComplete } = huntPickles(inner, this.limits, this.budget);
      const place = inside(where, `${name} at byte ${base + start}`);
      for (const { start: at, survey } of found) {
        await this.#pickle({ ...survey, end: survey.end - at }, at, place, depth + 1);
      }
      if (!isComplete) return this.#givenUp(where);
    }
  }

  /** Looks into a file that is compressed as a whole; whether it is one. */
  async #inflated(
    source: ByteSource,
    head: Uint8Array,
    where: string,
    name: string,
    depth: number,
  ): Promise<boolean> {
    const compression = compressionOf(head);
    if (compression === null || source.size > searchedByteLength) return false;
    // The file itself is inflated but once; of one inside it, a byte more than there is room for tells that it is too large.
    const room = depth === 0 ? searchedByteLength : this.budget.room + 1;
    const most = Math.min(searchedByteLength, room, source.size * maxRatio);
    let inner: MemorySource | null = null;
    try {
      inner = await inflated(source, compression, most, this.signal);
    } catch (error) {
      // Two bytes of weights may look like the beginning of a compressed file.
      if (compression === "gzip") this.ledger.fault(error, where);
      else if (!(error instanceof FormatError)) throw error;
    }
    try {
      // What breaks may have done so at its end.
      if (depth > 0) this.budget.inflate(inner?.size ?? most, "looking into a compressed file");
    } catch (error) {
      this.ledger.fault(error, where);
      return true;
    }
    if (inner === null) return compression === "gzip";
    const extent = inner.size === searchedByteLength ? `its first ${inner.size} bytes` : "all of it";
    this.ledger.note("compressed", where, `it is compressed as a whole; ${extent} was looked into`);
    await this.file(inner, inside(where, "inflated"), name.replace(/\.(?:gz|z)$/i, ""), depth + 1);
    return true;
  }

  /** An array of Python objects is a pickle behind a header. */
  async #npy(source: ByteSource, head: Uint8Array, where: string, depth: number): Promise<void> {
    try {
      const start = npyHeaderByteLength(head);
      if (start >= source.size) return;
      const pickled = pickledNpy(await this.#read(source, 0, start), this.limits);
      if (pickled === "no") return;
      const elements = new SliceSource(source, start, source.size);
      await this.#stream(elements, where, depth, pickled === "yes" ? "named" : "possible");
    } catch (error) {
      this.ledger.fault(error, where);
    }
  }
}

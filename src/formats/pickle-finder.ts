/**
 * Finds every pickle of a file: of an archive in each record, one after another in a stream, in the bytes that a pickle
 * holds, and where no format expects one. It looks at more than `open` does, and believes nothing: an archive is read
 * as its directory says and, where that is contradicted, as its records say.
 *
 * Weights are not read: of a record only its first bytes tell whether it is a pickle or an archive.
 */

import { inflateStart } from "../bytes/inflate-start.ts";
import { MemorySource } from "../bytes/memory-source.ts";
import { SliceSource } from "../bytes/slice-source.ts";
import type { ByteSource } from "../bytes/source.ts";
import { isTarHeader, tarMembers } from "../bytes/tar.ts";
import type { Zip, ZipEntry } from "../bytes/zip.ts";
import { openZip } from "../bytes/zip.ts";
import { FormatError, LimitError, quote } from "../errors.ts";
import type { FoundPickle, ScanFinding, ScanRemark } from "../inspect/scan-report.ts";
import type { Limits } from "../limits.ts";
import type { Survey } from "../pickle/survey.ts";
import { beginsAsPickle, pickleHeadByteLength, surveyPickle } from "../pickle/survey.ts";
import { latin1 } from "../pickle/text.ts";
import { TorchReader } from "../pickle/torch.ts";
import { readLegacy } from "./legacy-file.ts";
import { npyHeaderByteLength, npyMagic } from "./npy-header.ts";
import { isMisleading, leavesFolder, programsAmong, traversal } from "./archive-signs.ts";
import { huntPickles, isPickle } from "./pickle-hunt.ts";
import { carveZip } from "./zip-carving.ts";

/** Archives and pickles inside each other. Real: a `.pt2` with a torch.save with a pickled tensor, 3. */
const deepest = 8;

/** Bytes of a place that are searched for what does not belong there. Beyond it the report says so. */
const searchedByteLength = 64 * 2 ** 20;

/** Bytes fetched for a pickle before its length is known, and how much more each time. */
const firstByteLength = 64 * 2 ** 10;
const growth = 4;

/** Room after a record that needs no look: the data descriptor, which follows some. */
const usualGap = 24;

/** The first pickle of a legacy torch.save file, and how many it has before its storages. */
const legacyMagic = 0x1950a86a20f9469cfc6cn;
const legacyPickles = 5;

/** Names of records that are pickles, however they begin. */
const pickleName = /(?:\.(?:pkl|pickle|p|joblib)|(?:^|\/)\.metadata)$/i;

/** Whether the first bytes of a record are those of something that can hold pickles. */
function isOfInterest(head: Uint8Array): boolean {
  const text = latin1(head.subarray(0, 8));
  return (
    text.startsWith("PK\x03\x04") || text.startsWith(npyMagic) || isTarHeader(head) || beginsAsPickle(head)
  );
}

/** Where something is: the place around it, and its name in there. */
function inside(where: string, name: string): string {
  return where === "" ? name : `${where} > ${name}`;
}

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
 * finder.pickles; // each with the names in it
 */
export class PickleFinder {
  readonly pickles: FoundPickle[] = [];
  readonly findings: ScanFinding[] = [];
  readonly faults: ScanRemark[] = [];
  readonly notes: ScanRemark[] = [];
  readonly #limits: Limits;
  readonly #signal: AbortSignal | undefined;

  constructor(options: FinderOptions) {
    this.#limits = options.limits;
    this.#signal = options.signal;
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
    if (depth > deepest) {
      this.findings.push({
        code: "nested-too-deep",
        severity: "warning",
        where,
        message: `files lie in files more than ${deepest} levels deep; what is below was not looked at`,
      });
      return;
    }
    const head = await this.#read(source, 0, Math.min(pickleHeadByteLength, source.size));
    const text = latin1(head.subarray(0, 8));
    if (text.startsWith("PK\x03\x04")) {
      await this.#zip(source, where, name, depth);
      return;
    }
    const isNamed = pickleName.test(name);
    const isTar = isTarHeader(head);
    if (text.startsWith(npyMagic)) await this.#npy(source, head, where, depth);
    else if (isTar) await this.#tar(source, where, depth);
    if (isTar && beginsAsPickle(head)) {
      this.#polyglot(where, "it begins as a pickle and is a tar archive");
      await this.#stream(source, where, depth, isNamed);
    } else if (!isTar && (isNamed || beginsAsPickle(head))) {
      await this.#stream(source, where, depth, isNamed);
    }
    if (depth === 0 || beginsAsPickle(head)) await this.#zipAtEnd(source, where, depth);
  }

  #read(source: ByteSource, start: number, end: number): Promise<Uint8Array> {
    return source.read(start, end, this.#signal);
  }

  #polyglot(where: string, message: string): void {
    this.findings.push({
      code: "polyglot",
      severity: "danger",
      where,
      message: `${message}: programs differ on what it is`,
    });
  }

  /** A fault of reading: a finding where it misleads, else something that could not be read. */
  #fault(error: unknown, where: string): void {
    if (!(error instanceof FormatError || error instanceof LimitError)) throw error;
    const { code, message } = error;
    if (isMisleading(error)) this.findings.push({ code, severity: "danger", where, message });
    else this.faults.push({ code, where, message });
  }

  // Streams of pickles

  /**
   * The pickles from the start of a source on. `isCertain` says that the file has to be one; else bytes that only begin
   * like a pickle are passed over.
   */
  async #stream(source: ByteSource, where: string, depth: number, isCertain: boolean): Promise<void> {
    const first = await this.#survey(source, 0);
    // What begins as one and breaks can be anything; where it has named something first, somebody meant a pickle.
    if (first.fault !== null && !isCertain && !(depth === 0 ? first.globals.length > 0 : isPickle(first)))
      return;
    await this.#pickle(first, 0, where, depth);
    if (first.fault !== null) {
      this.#fault(first.fault, where);
      await this.#search(source, first.end, source.size, where, depth);
      return;
    }
    if (first.integer === legacyMagic) await this.#legacy(source, first.end, where, depth);
    else await this.#rest(source, first.end, where, depth);
  }

  /** Surveys one pickle, fetching as much as it turns out to need. */
  async #survey(source: ByteSource, start: number): Promise<Survey> {
    const most = Math.min(source.size - start, this.#limits.pickleBytes);
    for (let length = Math.min(most, firstByteLength); ; length = Math.min(most, length * growth)) {
      const bytes = await this.#read(source, start, start + length);
      const survey = surveyPickle(bytes, { limits: this.#limits });
      if (survey.fault?.code !== "pickle-truncated" || length === most) return survey;
    }
  }

  /** Notes a pickle, and looks into the files that it holds. */
  async #pickle(survey: Survey, start: number, where: string, depth: number): Promise<void> {
    const { globals, end, protocol, fault, changed, embedded } = survey;
    this.pickles.push({ where, start, end: start + end, protocol, isComplete: fault === null, globals });
    for (const name of changed) {
      this.findings.push({
        code: "changed-global",
        severity: "danger",
        where,
        message: `loading it sets attributes of ${quote(name)}, a class or module that other code uses`,
      });
    }
    for (const bytes of embedded) {
      const isZip = bytes[0] === 0x50;
      if (isZip || this.#isFile(bytes))
        await this.file(new MemorySource(bytes), inside(where, "bytes"), "", depth + 1);
    }
  }

  #isFile(bytes: Uint8Array): boolean {
    const survey = surveyPickle(bytes, { limits: this.#limits });
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
      this.#fault(survey.fault, where);
      await this.#search(source, start, source.size, where, depth);
      return;
    }
    try {
      const { trailingByteLength } = await readLegacy(source, {
        torch: new TorchReader(this.#limits),
        limits: this.#limits,
        signal: this.#signal,
      });
      if (trailingByteLength > 0)
        await this.#trailing(source, source.size - trailingByteLength, where, depth);
    } catch (error) {
      this.#fault(error, where);
      await this.#search(source, start, source.size, where, depth);
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
      this.findings.push({
        code: "hidden-pickle",
        severity: "warning",
        where,
        message: `${more === 1 ? "another pickle follows" : `${more} other pickles follow`} the first at byte ${position}; some loaders read only the first`,
      });
    }
    if (start < source.size) await this.#trailing(source, start, where, depth);
  }

  /** Bytes behind the end of everything that is expected. */
  async #trailing(source: ByteSource, start: number, where: string, depth: number): Promise<void> {
    this.findings.push({
      code: "trailing-bytes",
      severity: "warning",
      where,
      message: `${source.size - start} bytes follow its end at byte ${start}`,
    });
    await this.#search(source, start, source.size, where, depth);
  }

  /** Searches a place where nothing should be. */
  async #search(source: ByteSource, start: number, end: number, where: string, depth: number): Promise<void> {
    if (start >= end) return;
    const searched = Math.min(end, start + searchedByteLength);
    const bytes = await this.#read(source, start, searched);
    const { found, isComplete } = huntPickles(bytes, this.#limits);
    for (const hit of found) {
      this.findings.push({
        code: "hidden-pickle",
        severity: "warning",
        where,
        message: `a pickle lies at byte ${start + hit.start}, where nothing reads one`,
      });
      await this.#pickle(
        { ...hit.survey, end: hit.survey.end - hit.start },
        start + hit.start,
        inside(where, `byte ${start + hit.start}`),
        depth + 1,
      );
    }
    if (depth < deepest) await this.#carve(bytes, start, where, depth);
    if (isComplete && searched === end) return;
    this.notes.push({
      code: "not-searched",
      where,
      message: `of the bytes ${start} to ${end}, which belong to nothing, not all were searched`,
    });
  }

  // Archives

  async #zip(source: ByteSource, where: string, name: string, depth: number): Promise<void> {
    // A piece of a distributed checkpoint is many archives, one after another, with other bytes between them.
    if (name.endsWith(".distcp")) {
      await this.#between(source, where, depth);
      return;
    }
    // Where something stands before the archive, it is looked at next.
    for (let end = source.size; end > 0;) {
      const part = end === source.size ? source : new SliceSource(source, 0, end);
      let zip: Zip;
      try {
        zip = await openZip(part, this.#limits, this.#signal);
      } catch (error) {
        this.#fault(error, where);
        await this.#search(source, 0, end, where, depth);
        return;
      }
      await this.#records(zip, part, where, depth);
      if (zip.trailingByteLength > 0) await this.#trailing(part, end - zip.trailingByteLength, where, depth);
      end = zip.prefixByteLength;
      if (end > 0) this.#polyglot(where, `${end} bytes stand before the archive in it`);
    }
  }

  /** An archive at the end of a file that begins as something else. */
  async #zipAtEnd(source: ByteSource, where: string, depth: number): Promise<void> {
    let zip: Zip;
    try {
      zip = await openZip(source, this.#limits, this.#signal);
    } catch (error) {
      if (error instanceof FormatError || error instanceof LimitError) return;
      throw error;
    }
    this.#polyglot(where, `a zip archive of ${zip.entries.length} records stands at its end`);
    await this.#records(zip, source, where, depth);
  }

  async #records(zip: Zip, source: ByteSource, where: string, depth: number): Promise<void> {
    const names = zip.entries.map(({ name }) => name);
    for (const name of names.filter(leavesFolder)) this.findings.push(traversal(name, where));
    const programs = programsAmong(names, where);
    this.findings.push(...programs.findings);
    this.notes.push(...programs.notes);
    for (const entry of zip.entries) {
      if (entry.byteLength === 0) continue;
      const place = inside(where, entry.name);
      try {
        await this.#record(zip, entry, source, place, depth);
      } catch (error) {
        this.#fault(error, place);
        const { headerStart, limit } = entry;
        if (depth < deepest)
          await this.#search(source, headerStart, Math.min(limit, source.size), where, depth);
      }
    }
  }

  async #record(zip: Zip, entry: ZipEntry, source: ByteSource, where: string, depth: number): Promise<void> {
    const [start = 0] = await zip.locate([entry], this.#signal);
    const stored = new SliceSource(source, start, start + entry.storedByteLength);
    const gap = entry.limit - (start + entry.storedByteLength);
    if (gap > usualGap) await this.#search(source, entry.limit - gap, entry.limit, where, depth);
    if (entry.method === "deflated") {
      const length = Math.min(pickleHeadByteLength, entry.byteLength);
      const head = await inflateStart(stored, length, quote(entry.name), this.#signal);
      if (!pickleName.test(entry.name) && !isOfInterest(head)) return;
      await this.file(zip.open(entry), where, entry.name, depth + 1);
      return;
    }
    await this.file(stored, where, entry.name, depth + 1);
  }

  /** Records that only their own headers tell of. */
  async #carve(bytes: Uint8Array, base: number, where: string, depth: number): Promise<void> {
    for (const { name, start, bytes: record } of await carveZip(bytes, this.#signal)) {
      if (leavesFolder(name)) this.findings.push(traversal(name, where));
      // Stored records were searched with what is around them.
      if (record.buffer === bytes.buffer) continue;
      const { found } = huntPickles(record, this.#limits);
      const place = inside(where, `${name} at byte ${base + start}`);
      for (const { start: at, survey } of found) {
        await this.#pickle({ ...survey, end: survey.end - at }, at, place, depth + 1);
      }
    }
  }

  async #tar(source: ByteSource, where: string, depth: number): Promise<void> {
    try {
      for await (const member of tarMembers(source, this.#signal)) {
        const { name, start, byteLength, isFile } = member;
        if (leavesFolder(name)) this.findings.push(traversal(name, where));
        if (!isFile || byteLength === 0) continue;
        const bytes = new SliceSource(source, start, start + byteLength);
        const place = inside(where, name);
        // PyTorch 0.1 put pickles between the elements of its storages.
        if (depth === 0 && (name === "storages" || name === "tensors"))
          await this.#between(bytes, place, depth);
        else await this.file(bytes, place, name === "pickle" ? "data.pkl" : name, depth + 1);
      }
    } catch (error) {
      this.#fault(error, where);
    }
  }

  /** Pickles with other bytes between them. */
  async #between(source: ByteSource, where: string, depth: number): Promise<void> {
    const bytes = await this.#read(source, 0, Math.min(source.size, searchedByteLength));
    const { found, isComplete } = huntPickles(bytes, this.#limits);
    for (const { start, survey } of found) {
      await this.#pickle({ ...survey, end: survey.end - start }, start, where, depth + 1);
    }
    if (isComplete && bytes.length === source.size) return;
    const message = "not all of it was searched for pickles between its elements";
    this.notes.push({ code: "not-searched", where, message });
  }

  /** An array of Python objects is a pickle behind a header. */
  async #npy(source: ByteSource, head: Uint8Array, where: string, depth: number): Promise<void> {
    try {
      const start = npyHeaderByteLength(head);
      if (start >= source.size) return;
      const header = latin1(await this.#read(source, 0, start));
      if (!/'descr':[^{]*\|?O/.test(header)) return;
      await this.#stream(new SliceSource(source, start, source.size), where, depth, true);
    } catch (error) {
      this.#fault(error, where);
    }
  }
}

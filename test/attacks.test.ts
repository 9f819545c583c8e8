/** Attacks on time and memory, on whole files: each is answered within two seconds, and is told for what it is. */

import { readdirSync, readFileSync } from "node:fs";
import { basename } from "node:path";
import { deflateRawSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { open } from "../src/formats/open.ts";
import { scan } from "../src/formats/scan.ts";
import { buildTar } from "./fixtures/tar-builder.ts";
import { buildZip, join } from "./fixtures/zip-builder.ts";
import { processorTime } from "./processor-time.ts";

/** Milliseconds that any file of some megabytes may take. */
const most = 2000;

function bytesOf(text: string): Uint8Array {
  return Uint8Array.from(text, (character) => character.charCodeAt(0));
}

async function codeOfOpening(file: Uint8Array): Promise<string> {
  return open(file).then(
    () => "opened",
    (error: unknown) => (error as { code: string }).code,
  );
}

function safetensors(header: string, byteLength: number): Uint8Array {
  const length = new Uint8Array(8);
  new DataView(length.buffer).setUint32(0, header.length, true);
  return join(length, bytesOf(header), new Uint8Array(byteLength));
}

/** A record that claims to inflate to 40 GB, as its header and the directory say. */
function deflateBomb(): Uint8Array {
  const huge = { byteLength: 0xffff_fffe };
  return buildZip([
    { name: "m/data.pkl", data: bytesOf("\x80\x02}.") },
    { name: "m/data/0", data: new Uint8Array(1_000_000), deflate: true, local: huge, entry: huge },
  ]);
}

/** A pickle whose bytes hold a pickle, and so on. */
function nestedPickle(levels: number): Uint8Array {
  let pickle = bytesOf("\x80\x03cos\nsystem\n)R.");
  for (let level = 0; level < levels; level++) {
    const length = new Uint8Array(4);
    new DataView(length.buffer).setUint32(0, pickle.length, true);
    pickle = join(bytesOf("\x80\x03cpickle\nloads\nB"), length, pickle, bytesOf("\x85R."));
  }
  return pickle;
}

function nestedZip(levels: number): Uint8Array {
  let zip: Uint8Array = bytesOf("\x80\x03cos\nsystem\n)R.");
  for (let level = 0; level < levels; level++) zip = buildZip([{ name: `${level}`, data: zip }]);
  return zip;
}

/** The local header of a record of a zip, whose fields say what they like. */
function localHeader(fields: {
  method: number;
  storedByteLength: number;
  byteLength: number;
  nameLength: number;
  extraLength: number;
}): Uint8Array {
  const header = new Uint8Array(30);
  const view = new DataView(header.buffer);
  view.setUint32(0, 0x0403_4b50, true);
  view.setUint16(8, fields.method, true);
  view.setUint32(18, fields.storedByteLength, true);
  view.setUint32(22, fields.byteLength, true);
  view.setUint16(26, fields.nameLength, true);
  view.setUint16(28, fields.extraLength, true);
  return header;
}

/** Headers that all have the same deflated megabytes behind them, and claim one byte less. */
function sharedDeflate(count: number): Uint8Array {
  const stored = deflateRawSync(new Uint8Array(48 * megabyte));
  const fields = { method: 8, storedByteLength: stored.length, byteLength: 48 * megabyte - 1, nameLength: 0 };
  const headers = Array.from({ length: count }, (_, index) =>
    localHeader({ ...fields, extraLength: 30 * (count - index - 1) }),
  );
  return join(...headers, stored);
}

/** Headers whose names and padding reach over all headers behind them. */
function reachingHeaders(count: number, after: Uint8Array): Uint8Array {
  const fields = { method: 0, storedByteLength: 0, byteLength: 0, nameLength: 65_535, extraLength: 60_000 };
  return join(...Array.from({ length: count }, () => localHeader(fields)), after);
}

/** Records with `between` behind each, where nothing should be. */
function gappedZip(count: number, between: Uint8Array): Uint8Array {
  const record = (index: number) => ({ name: `a/${index}`, data: bytesOf("x") });
  return buildZip(
    Array.from({ length: count }, (_, index) => [
      record(index),
      { name: "", stored: between, data: between, hidden: true },
    ]).flat(),
  );
}

/** Deflated records of the same bytes, with and without the directory of the archive. */
function deflatedRecords(count: number, data: Uint8Array, isWhole: boolean): Uint8Array {
  const stored = deflateRawSync(data);
  const record = (index: number) => ({ name: `a/${index}.pkl`, data, stored, deflate: true });
  const zip = buildZip(Array.from({ length: count }, (_, index) => record(index)));
  return isWhole ? zip : zip.subarray(0, zip.length - 22);
}

/** One range that every tensor claims. */
const sharing = safetensors(
  `{${Array.from({ length: 50_000 }, (_, index) => `"${index}":{"dtype":"U8","shape":[4],"data_offsets":[0,4]}`).join(",")}}`,
  4,
);

const megabyte = 2 ** 20;

describe("opening", () => {
  // prettier-ignore
  it.each<[string, Uint8Array, string]>([
    ["50 000 tensors on the same bytes", sharing, "safetensors-overlap"],
    ["a header of brackets", safetensors(`{"a":${"[".repeat(5 * megabyte)}`, 0), "bad-json"],
    ["a header of one key of 5 MB", safetensors(`{"${"a".repeat(5 * megabyte)}":1}`, 0), "safetensors-tensor"],
    ["a record that claims to inflate to 4 GB", deflateBomb(), "opened"],
    ["a pickle that doubles a list in itself 5 million times", join(bytesOf("\x80\x02]q\0"), bytesOf("h\0a".repeat(megabyte)), bytesOf(".")), "bare-pickle"],
    ["a pickle of 2 million marks", bytesOf(`\x80\x02${"(".repeat(2 * megabyte)}`), "pickle-truncated"],
    ["zeros behind a tar's first header", join(buildTar([{ name: "pickle", data: bytesOf("\x80\x02}.") }]), new Uint8Array(5 * megabyte)), "tar-incomplete"],
  ])("%s", async (_, file, code) => {
    const started = processorTime();
    expect(await codeOfOpening(file)).toBe(code);
    expect(processorTime() - started).toBeLessThan(most);
  });
});

describe("scanning", () => {
  // prettier-ignore
  it.each<[string, Uint8Array, string]>([
    ["a pickle in a pickle, 6 times", nestedPickle(6), "dangerous-global"],
    ["a pickle in a pickle, 30 times", nestedPickle(30), "nested-too-deep"],
    ["a zip in a zip, 30 times", nestedZip(30), "nested-too-deep"],
    ["1000 zips one after another", join(...Array.from({ length: 1000 }, () => buildZip([{ name: "a", data: bytesOf("\x80\x02}.") }]))), "zip-ambiguous"],
    ["2 million beginnings of pickles behind a pickle", join(bytesOf("\x80\x02N."), bytesOf("\0\x80\x02".repeat(2 * megabyte))), "trailing-bytes"],
    ["4 million protocols behind a pickle", join(bytesOf("\x80\x02N.\0"), bytesOf("\x80\x02".repeat(4 * megabyte))), "trailing-bytes"],
    ["a million names that are none", join(bytesOf("\x80\x02N.\0"), bytesOf("ca\n".repeat(megabyte))), "trailing-bytes"],
    ["100 000 headers of records without a directory", bytesOf("PK\x03\x04".padEnd(30, "\0").repeat(100_000)), "zip-truncated"],
    ["2 million signatures of records", bytesOf("PK\x03\x04".repeat(2 * megabyte)), "zip-truncated"],
    ["2000 headers before the same deflated megabytes", sharedDeflate(2000), "scan-work"],
    ["10 000 headers that have each other as their names", reachingHeaders(10_000, new Uint8Array(megabyte)), "zip-truncated"],
    ["headers that the next one is far from", reachingHeaders(3000, bytesOf("P".repeat(8 * megabyte))), "zip-truncated"],
    ["beginnings of pickles in 500 places between records", gappedZip(500, bytesOf("\x80\x02".repeat(8000))), "scan-work"],
    ["beginnings of pickles in 1000 deflated records", deflatedRecords(1000, bytesOf("\x80\x02".repeat(32_000)), false), "scan-work"],
    ["pickles that inflate to 250 MB", deflatedRecords(40, bytesOf(`\x80\x02${"U\x04text0".repeat(900_000)}N.`), true), "scan-work"],
    ["100 000 pickles one after another", bytesOf("\x80\x02N.".repeat(100_000)), "hidden-pickle"],
    ["a record that claims to inflate to 4 GB", deflateBomb(), ""],
    ["a tar of 20 000 members", buildTar(Array.from({ length: 20_000 }, (_, index) => ({ name: `${index}`, data: bytesOf("x") }))), "archive"],
  ])("%s", async (_, file, code) => {
    const started = processorTime();
    const { findings, faults } = await scan(file);
    const codes = [...findings, ...faults].map((fact) => fact.code);
    expect(codes.length > 0 ? codes : [""]).toContain(code);
    expect(processorTime() - started).toBeLessThan(most);
  });
});

describe("names with a meaning to JavaScript", () => {
  const names = ["__proto__", "constructor", "toString", "hasOwnProperty", "valueOf"];
  const pickle = bytesOf(
    `\x80\x02}(${names.map((name) => `U${String.fromCharCode(name.length)}${name}}U\x08pollutedK\x01s`).join("")}u.`,
  );
  const header = names.map(
    (name, at) => `"${name}":{"dtype":"U8","shape":[1],"data_offsets":[${at},${at + 1}]}`,
  );

  it("stay names, in every format and report", async () => {
    const before = Object.getOwnPropertyNames(Object.prototype);
    const catalog = await open(
      safetensors(`{"__metadata__":{"__proto__":"x"},${header.join(",")}}`, names.length),
    );
    expect(catalog.entries.map(({ name }) => name)).toEqual(names);
    await open(pickle).catch(() => undefined);
    await scan(pickle, { name: "x.pkl" });
    expect(Object.getOwnPropertyNames(Object.prototype)).toEqual(before);
    expect({}).not.toHaveProperty("polluted");
  });
});

describe("names of records", () => {
  it.each(["../x", "/x", "\\x", "a/../../x", "a\\..\\x", "C:\\x", "c:x"])(
    "%j leads out of the folder",
    async (name) => {
      const file = buildZip([
        { name: "m/data.pkl", data: bytesOf("\x80\x02}.") },
        { name, data: bytesOf("x") },
      ]);
      expect((await scan(file)).findings.map(({ code }) => code)).toEqual(["path-traversal"]);
    },
  );

  it.each(["a..b", "a/b..", "...", "data/0", "c/x"])("%j does not", async (name) => {
    const file = buildZip([
      { name: "m/data.pkl", data: bytesOf("\x80\x02}.") },
      { name, data: bytesOf("x") },
    ]);
    expect((await scan(file)).findings).toEqual([]);
  });
});

describe("docs/security.md", () => {
  it("names tests that exist", () => {
    const root = new URL("..", import.meta.url);
    const tests = new Set(
      ["src", "test"].flatMap((folder) =>
        readdirSync(new URL(folder, root), { recursive: true, encoding: "utf8" }).map((path) =>
          basename(path),
        ),
      ),
    );
    const text = readFileSync(new URL("docs/security.md", root), "utf8");
    const named = [...text.matchAll(/[\w/-]+\.test\.ts/g)].map(([path]) => basename(path));
    expect(named.length).toBeGreaterThan(40);
    expect(named.filter((name) => !tests.has(name))).toEqual([]);
  });
});

/** What a scan says of files: hostile ones found in the wild, sound ones of every format, and ones built to hide. */

import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { deflateSync, gzipSync } from "node:zlib";
import { Ajv } from "ajv";
import { describe, expect, it } from "vitest";
import { folderOf } from "../src/bytes/folder.ts";
import { MemorySource } from "../src/bytes/memory-source.ts";
import { SourceError } from "../src/errors.ts";
import { scan } from "../src/formats/scan.ts";
import type { ScanReport } from "../src/inspect/scan-report.ts";
import { renderScanJson, renderScanText } from "../src/inspect/scan-text.ts";
import { scan as scanPlace } from "../src/node/scan.ts";
import { npyFile } from "./fixtures/npy-builder.ts";
import { buildTar } from "./fixtures/tar-builder.ts";
import { buildZip } from "./fixtures/zip-builder.ts";

const root = fileURLToPath(new URL("..", import.meta.url));
const real = join(root, "../shared/real");
const isMissing = !existsSync(real);

function bytesOf(text: string): Uint8Array {
  return Uint8Array.from(text, (character) => character.charCodeAt(0));
}

function read(path: string): Uint8Array {
  return new Uint8Array(readFileSync(join(root, "test/fixtures", path)));
}

/** The findings as `code name`, the names of globals for those about one. */
function codes({ findings }: ScanReport): string[] {
  return findings.map(({ code, message }) => {
    const name = code.endsWith("-global") ? /"([^"]+)"/.exec(message)?.[1] : undefined;
    return name === undefined ? code : `${code} ${name}`;
  });
}

/** A tar archive of files. */
function tarOf(members: readonly (readonly [name: string, data: Uint8Array])[]): Uint8Array {
  return buildTar(members.map(([name, data]) => ({ name, data })));
}

/** `os.system("x")` as Python 2 wrote it. */
const system = "cos\nsystem\n(S'x'\ntR.";

describe("files of the wild", () => {
  // prettier-ignore
  const expected: readonly (readonly [file: string, result: string, findings: readonly string[]])[] = [
    ["bad_pytorch.pt", "unreadable", []],
    ["broken_model.pkl", "findings", ["dangerous-global builtins.exec"]],
    ["malicious0.pkl", "findings", ["builtins.globals", "builtins.compile", "builtins.eval", "builtins.getattr", "builtins.apply"].map((name) => `dangerous-global ${name}`)],
    ["malicious1.zip", "findings", ["dangerous-global builtins.eval"]],
    ["malicious10.pkl", "findings", ["dangerous-global builtins.exec"]],
    ["malicious12.pkl", "findings", ["dangerous-global operator.attrgetter", "dangerous-global builtins.__import__"]],
    ["malicious13a.pkl", "findings", ["dangerous-global pickle.loads"]],
    ["malicious15a.pkl", "findings", ["dangerous-global builtins.getattr", "dangerous-global bdb.Bdb"]],
    ["malicious17.pkl", "findings", ["dangerous-global torch._inductor.codecache.compile_file"]],
    ["malicious19.pkl", "findings", ["dangerous-global functools.partial", "dangerous-global torch.serialization.load"]],
    ["malicious1_0x1.zip", "findings", ["dangerous-global builtins.eval", "zip-encrypted"]],
    ["malicious1_central_directory.zip", "findings", ["dangerous-global builtins.eval", "zip-name-mismatch", "hidden-pickle"]],
    ["malicious1_v0.pkl", "findings", ["dangerous-global builtins.eval"]],
    ["malicious1_v4.pkl", "findings", ["dangerous-global builtins.eval"]],
    ["malicious3.pkl", "findings", ["dangerous-global http.client.HTTPSConnection"]],
    ["malicious4.pickle", "findings", ["dangerous-global requests.api.get"]],
    ["malicious6.pkl", "findings", ["dangerous-global requests.api.get", "hidden-pickle"]],
    ["not_a_pickle.bin", "unreadable", []],
    ["pytorch_magic_bypass.pt", "findings", ["dangerous-global builtins.eval", "dangerous-global posix.system", "hidden-pickle"]],
    ["sys_module_override_sploit.pkl", "findings", ["dangerous-global ?.?", "changed-global torch._utils", "unknown-global torch._utils"]],
  ];

  it.skipIf(isMissing)("are all in the table (skipped: ../shared/real is missing)", () => {
    expect(expected.map(([file]) => file).sort()).toEqual(readdirSync(join(real, "hostile")).sort());
  });

  it.skipIf(isMissing).each(expected)("%s: %s", async (file, result, findings) => {
    const report = await scanPlace(join(real, "hostile", file));
    expect(report.result).toBe(result);
    expect(codes(report)).toEqual(findings);
    expect(report.result === "unreadable" ? report.faults.length : 1).toBe(1);
  });

  it
    .skipIf(isMissing)
    .each(
      isMissing ? [""] : readdirSync(real).filter((name) => /\.(pt|pth|bin|jit|safetensors)$/.test(name)),
    )("%s is clean", async (file) => {
    const report = await scanPlace(join(real, file));
    expect([report.result, ...codes(report), ...report.faults]).toEqual(["clean"]);
  });
});

describe("the names in a pickle", () => {
  // prettier-ignore
  it.each<[string, string, string[]]>([
    ["GLOBAL and REDUCE", system, ["dangerous-global os.system"]],
    ["INST", "(S'x'\nios\nsystem\n.", ["dangerous-global os.system"]],
    ["OBJ", "(cos\nsystem\nS'x'\no.", ["dangerous-global os.system"]],
    ["STACK_GLOBAL", "\x80\x04\x8c\x02os\x8c\x06system\x93\x8c\x01x\x85R.", ["dangerous-global os.system"]],
    ["STACK_GLOBAL with texts of the memo", "\x80\x04\x8c\x02os\x94\x8c\x06system\x94h\x00h\x01\x93\x8c\x01x\x85R.", ["dangerous-global os.system"]],
    ["STACK_GLOBAL with a dotted name", "\x80\x04\x8c\x05torch\x8c\x17serialization.os.system\x93\x8c\x01x\x85R.", ["dangerous-global torch.serialization.os.system"]],
    ["STACK_GLOBAL with what is no text", "\x80\x04K\x01K\x02\x93)R.", ["dangerous-global ?.?"]],
    ["NEWOBJ", "\x80\x02csubprocess\nPopen\n)\x81.", ["dangerous-global subprocess.Popen"]],
    ["NEWOBJ_EX", "\x80\x04csubprocess\nPopen\n)}\x92.", ["dangerous-global subprocess.Popen"]],
    ["BUILD", "\x80\x02csite\nmain\n}b.", ["dangerous-global site.main", "changed-global site.main"]],
    ["EXT1", "\x80\x02\x82\x05.", ["unknown-global copyreg.extension 5"]],
    ["a name of Python 2", "\x80\x02c__builtin__\neval\n)R.", ["dangerous-global builtins.eval"]],
    ["a call whose result is thrown away", `\x80\x02${system.slice(0, -1)}0N.`, ["dangerous-global os.system"]],
    ["a pickle that breaks after the call", `\x80\x02${system.slice(0, -1)}\xff`, ["dangerous-global os.system"]],
    ["a pickle without STOP", `\x80\x02${system.slice(0, -1)}`, ["dangerous-global os.system"]],
    ["attributes set on a class", "\x80\x02ccollections\nOrderedDict\n}X\x01\x00\x00\x00aK\x01sb.", ["changed-global collections.OrderedDict"]],
    ["nobody's class", "\x80\x02c__main__\nNet\n)\x81.", ["unknown-global __main__.Net"]],
    ["known data", "\x80\x02ccollections\ndefaultdict\ncbuiltins\nlist\n\x85R.", []],
    ["a pickle in bytes that nothing loads", `\x80\x03C${String.fromCharCode(system.length)}${system}.`, ["dangerous-global os.system"]],
    ["a pickle in a text", "S'\\x80\\x02cos\\nsystem\\n)R.'\n.", ["dangerous-global os.system"]],
    ["a second pickle", `\x80\x02N.${system}`, ["dangerous-global os.system", "hidden-pickle"]],
    ["a second pickle behind padding", `\x80\x02N.${"\0".repeat(99)}\x80\x02${system}`, ["dangerous-global os.system", "trailing-bytes", "hidden-pickle"]],
    ["a second pickle behind padding, without a protocol", "\x80\x02N.\0\0\x8c\x02os\x94\x8c\x06system\x94\x93)R.", ["dangerous-global os.system", "trailing-bytes", "hidden-pickle"]],
    ["data behind STOP", "\x80\x02N.abc", ["trailing-bytes"]],
    ["an instance made with keywords", "\x80\x02ccopyreg\n__newobj_ex__\ncsubprocess\nPopen\n)}\x87R.", ["dangerous-global subprocess.Popen"]],
  ])("by %s", async (_, pickle, findings) => {
    const report = await scan(bytesOf(pickle), { name: "x.pkl" });
    expect(codes(report)).toEqual(findings);
    expect(report.result).toBe(findings.length > 0 ? "findings" : "clean");
  });

  // Python runs any opcodes, with or without a protocol before them, and torch.load asks no name.
  // prettier-ignore
  it.each<[string, string]>([
    ["no protocol", "\x8c\x02os\x8c\x06system\x93\x8c\x01x\x85R."],
    ["protocol 0 or 1 in the opcode that came with 2", `\x80\x00${system}`],
    ["a value that is dropped", `N0${system}`],
    ["an empty list that is dropped", `]0\x8c\x02os\x8c\x06system\x93)R.`],
    ["a mark that is dropped", `(1${system}`],
    ["40 000 values that are dropped", `${"N0".repeat(40_000)}${system}`],
  ])("behind %s, under any name", async (_, pickle) => {
    for (const name of ["x.pt", "x.bin", "x.safetensors", "x"]) {
      expect(codes(await scan(bytesOf(pickle), { name }))).toEqual(["dangerous-global os.system"]);
    }
  });

  it("have their places, counts and reasons", async () => {
    const { globals } = await scan(bytesOf("\x80\x02c__builtin__\neval\n)Rc__builtin__\neval\n0."), {
      name: "x.pkl",
    });
    expect(globals).toEqual([
      {
        name: "builtins.eval",
        verdict: "dangerous",
        reason: "it runs code that the file gives it as text",
        written: "__builtin__.eval",
        where: "",
        offset: 2,
        how: "GLOBAL",
        count: 2,
        calls: 1,
      },
    ]);
  });
});

describe("pickles in archives", () => {
  const pickle = bytesOf(system);
  const clean = bytesOf("\x80\x02}.");

  // prettier-ignore
  it.each<[string, Uint8Array, string[]]>([
    ["a record that is not data.pkl", buildZip([{ name: "m/data.pkl", data: clean }, { name: "m/extra/notes.txt", data: pickle }]), ["dangerous-global os.system"]],
    ["a deflated record", buildZip([{ name: "m/data.pkl", data: pickle, deflate: true }]), ["dangerous-global os.system"]],
    ["a zip in a zip", buildZip([{ name: "m/data.pkl", data: clean }, { name: "m/inner", data: buildZip([{ name: "a", data: pickle }]) }]), ["dangerous-global os.system"]],
    ["a tar in a zip", buildZip([{ name: "m/data.pkl", data: clean }, { name: "m/inner", data: tarOf([["pickle", pickle]]) }]), ["dangerous-global os.system"]],
    ["a record that begins as no pickle usually does", buildZip([{ name: "m/data.pkl", data: clean }, { name: "m/inner.pt", data: bytesOf(`N0${system}`) }]), ["dangerous-global os.system"]],
    ["a file that is compressed as a whole", gzipSync(pickle), ["dangerous-global os.system"]],
    ["the last of many files of joblib", tarOf([...Array.from({ length: 40 }, (_, index) => [`${index}.joblib`, deflateSync(bytesOf(`\x80\x02${"N0".repeat(9000)}N.`))] as const), ["last.joblib", deflateSync(pickle)]]), ["dangerous-global os.system"]],
    ["a file of joblib", deflateSync(pickle), ["dangerous-global os.system"]],
    ["an array of objects in other quotes", npyFile('{"descr": "|O", "fortran_order": False, "shape": (1,)}\n', pickle), ["dangerous-global os.system"]],
    ["an array of objects, with spaces", npyFile("{ 'descr' : 'O', 'fortran_order' : False, 'shape' : (1,) }\n", pickle), ["dangerous-global os.system"]],
    ["an array of objects, spelt in escapes", npyFile("{'\\x64escr': '|O', 'fortran_order': False, 'shape': (1,)}\n", pickle), ["dangerous-global os.system"]],
    ["an array of records with objects", npyFile("{'descr': [('a', '<f4'), ('b', '|O')], 'fortran_order': False, 'shape': (1,)}\n", pickle), ["dangerous-global os.system"]],
    ["an array of objects", npyFile("{'descr': '|O', 'fortran_order': False, 'shape': (1,), }\n", pickle), ["dangerous-global os.system"]],
    ["a member of a tar of PyTorch 0.1", tarOf([["pickle", clean], ["tensors", bytesOf(`\x80\x02K\x00.\x80\x02${system}`)], ["storages", bytesOf("\x80\x02K\x00.")]]), ["dangerous-global os.system"]],
    ["a tar of zips", tarOf([["a.pt", buildZip([{ name: "m/data.pkl", data: clean }])], ["b.pt", buildZip([{ name: "m/data.pkl", data: pickle }])]]), ["dangerous-global os.system"]],
    ["a tar with a zip behind it", Uint8Array.from([...tarOf([["a", clean]]), ...buildZip([{ name: "m/data.pkl", data: pickle }])]), ["dangerous-global os.system", "polyglot"]],
    ["names that leave the folder", buildZip([{ name: "m/data.pkl", data: clean }, { name: "../../etc/passwd", data: clean }]), ["path-traversal"]],
    ["a tar whose names leave the folder", tarOf([["/etc/passwd", clean]]), ["path-traversal"]],
    ["Python code", buildZip([{ name: "m/data.pkl", data: clean }, { name: "m/code.py", data: clean }]), ["python-code"]],
    ["compiled code", buildZip([{ name: "m/data.pkl", data: clean }, { name: "m/model.so", data: pickle }]), ["dangerous-global os.system", "native-code"]],
    ["a record whose sizes the directory has as 0", buildZip([{ name: "m/data.pkl", data: clean }, { name: "m/x", data: pickle, entry: { byteLength: 0, storedByteLength: 0 } }]), ["dangerous-global os.system", "hidden-pickle"]],
    ["bytes behind the archive", Uint8Array.from([...buildZip([{ name: "m/data.pkl", data: clean }]), ...bytesOf("\x80\x02"), ...pickle]), ["dangerous-global os.system", "trailing-bytes", "hidden-pickle"]],
    ["a pickle that is a zip too", Uint8Array.from([...clean, ...buildZip([{ name: "a", data: pickle }])]), ["dangerous-global os.system", "polyglot", "dangerous-global os.system", "trailing-bytes", "hidden-pickle"]],
  ])("%s", async (_, file, findings) => {
    expect(codes(await scan(file)).sort()).toEqual([...findings].sort());
  });

  it("are looked for in records when the directory cannot be believed", async () => {
    const zip = buildZip([
      { name: "m/data.pkl", data: bytesOf(`${system}${" ".repeat(500)}`), deflate: true },
    ]);
    const report = await scan(zip.subarray(0, zip.length - 30));
    expect(codes(report)).toContain("dangerous-global os.system");
  });

  it("are not in an array of texts, which is clean", async () => {
    const file = npyFile("{'descr': '<U1', 'fortran_order': False, 'shape': (1,), }\n", bytesOf("a\0\0\0"));
    expect(await scan(file)).toMatchObject({ result: "clean", findings: [], faults: [] });
  });

  it("are no hidden ones in the records of a file that was cut short", async () => {
    const zip = buildZip([
      { name: "m/data.pkl", data: bytesOf("\x80\x02ccollections\nOrderedDict\n)R."), stream: true },
      { name: "m/data/0", data: new Uint8Array(64) },
    ]);
    const report = await scan(zip.subarray(0, zip.length - 30));
    expect(report).toMatchObject({ result: "unreadable", findings: [] });
    expect(report.pickles.map(({ where }) => where)).toEqual(["m/data.pkl"]);
  });

  it("in files of a folder", async () => {
    const folder = folderOf([
      ["config.json", new MemorySource(bytesOf("{}"))],
      ["a/b.bin", new MemorySource(pickle)],
    ]);
    const report = await scan(folder);
    expect(report.globals.map(({ name, where }) => [name, where])).toEqual([["os.system", "a/b.bin"]]);
  });

  it("in files beside one that cannot be fetched", async () => {
    const index = JSON.stringify({ metadata: {}, weight_map: { w: "model.safetensors" } });
    const folder = folderOf([
      ["model.safetensors.index.json", new MemorySource(bytesOf(index))],
      ["b.bin", new MemorySource(pickle)],
    ]);
    const gone = new SourceError("the file is gone", { code: "file-unreadable" });
    const open = (name: string) =>
      name === "model.safetensors" ? Promise.reject(gone) : folder.open(name, undefined);
    const report = await scan({ ...folder, list: folder.list.bind(folder), open });
    expect(codes(report)).toEqual(["dangerous-global os.system"]);
    expect(report.faults).toMatchObject([{ code: "file-unreadable", message: "the file is gone" }]);
  });

  it.skipIf(process.platform === "win32")(
    "in every file of a directory, hidden and deep ones too",
    async () => {
      const home = mkdtempSync(join(tmpdir(), "parascope-scan-"));
      const deep = "a/b/c/d/e/f";
      mkdirSync(join(home, deep), { recursive: true });
      mkdirSync(join(home, ".cache"));
      for (const name of [".hidden.pkl", ".cache/x.bin", `${deep}/x.pt`])
        writeFileSync(join(home, name), pickle);
      symlinkSync("/etc/hostname", join(home, "out.pkl"));
      const report = await scanPlace(home);
      rmSync(home, { recursive: true });
      expect(report.globals.map(({ where }) => where).sort()).toEqual([
        ".cache/x.bin",
        ".hidden.pkl",
        `${deep}/x.pt`,
      ]);
      expect(report.faults.filter(({ where }) => where !== "")).toMatchObject([
        { code: "outside-folder", where: "out.pkl" },
      ]);
    },
  );

  it("in the files that an index names", async () => {
    const map = { a: "one.bin", b: "two.bin", c: "gone.bin" };
    const index = bytesOf(JSON.stringify({ weight_map: map }));
    const folder = folderOf([
      ["one.bin", new MemorySource(pickle)],
      ["two.bin", new MemorySource(buildZip([{ name: "m/data.pkl", data: clean }]))],
    ]);
    const name = "pytorch_model.bin.index.json";
    const report = await scan(index, { name, folder });
    expect(report.globals.map((global) => [global.name, global.where])).toEqual([["os.system", "one.bin"]]);
    expect(report.faults[0]).toMatchObject({ code: "file-missing", where: "gone.bin" });
    const alone = await scan(index, { name });
    expect([alone.result, alone.faults.map(({ code }) => code)]).toEqual(["unreadable", ["files-beside"]]);
  });

  it("an index that points out of its folder", async () => {
    const index = '{"weight_map": {"w": "../../secret.safetensors"}}';
    const folder = folderOf([["model.safetensors.index.json", new MemorySource(bytesOf(index))]]);
    expect(codes(await scan(folder))).toEqual(["outside-folder"]);
  });
});

describe("programs that are no pickles", () => {
  const escape = "{{ ''.__class__.__mro__[1].__subclasses__() }}";
  const safe = "{% for m in messages %}{{ m['role'] }}__init__{% endfor %}";
  const header = '{"w":{"dtype":"U8","shape":[1],"data_offsets":[0,1]}}';
  const weights = new MemorySource(bytesOf(`${String.fromCharCode(header.length)}\0\0\0\0\0\0\0${header}\0`));

  // prettier-ignore
  it.each<[string, string, string, string[]]>([
    ["a template that reaches for Python", "tokenizer_config.json", JSON.stringify({ chat_template: escape }), ["template-code"]],
    ["a template that hides it in escapes", "tokenizer_config.json", JSON.stringify({ chat_template: escape }).replaceAll("_", "\\u005f"), ["template-code"]],
    ["a template in a file of its own", "chat_template.jinja", escape, ["template-code"]],
    ["a template that does not", "chat_template.jinja", safe, []],
    ["a template that only talks of it", "chat_template.jinja", "call __class__ {{ x }} __class__", []],
  ])("%s", async (_, name, text, findings) => {
    const folder = folderOf([["model.safetensors", weights], [name, new MemorySource(bytesOf(text))]]);
    expect(codes(await scan(folder))).toEqual(findings);
  });

  it("a template in the metadata of GGUF", async () => {
    const u64 = (value: number): string => `${String.fromCharCode(value)}\0\0\0\0\0\0\0`;
    const key = "tokenizer.chat_template";
    const pair = `${u64(key.length)}${key}\x08\0\0\0${u64(escape.length)}${escape}`;
    const gguf = bytesOf(`GGUF\x03\0\0\0${u64(0)}${u64(1)}${pair}`);
    expect(codes(await scan(gguf))).toEqual(["template-code"]);
  });

  it("layers of Keras that are Python code", async () => {
    const config = bytesOf('{"layers": [{"class_name": "Lambda", "config": {}}]}');
    const zip = buildZip([
      { name: "config.json", data: config },
      { name: "model.weights.h5", data: bytesOf("x") },
    ]);
    expect(codes(await scan(zip))).toEqual(["keras-lambda"]);
    const hdf5 = bytesOf(`\x89HDF\r\n\x1a\n${"\0".repeat(99)}{"class_name":"Lambda"}`);
    expect(codes(await scan(hdf5))).toEqual(["keras-lambda"]);
  });

  it("code beside weights, as a note", async () => {
    const folder = folderOf([
      ["model.safetensors", weights],
      ["modeling.py", new MemorySource(bytesOf("import os"))],
    ]);
    const { result, notes } = await scan(folder);
    expect([result, notes.map(({ code }) => code)]).toEqual(["clean", ["code-beside"]]);
  });
});

/** Fixtures with classes that nobody has, code, or pickles that call torch.load inside. */
const withFindings = /module|gone|exotic\.pth?$|checkpoint-protocol|tensors\.pkl|model\.package|subclass/;

describe("the fixtures of every format", () => {
  const files = readdirSync(join(root, "test/fixtures"), { recursive: true, encoding: "utf8" }).filter(
    (path) => /\.(pt|pt2|pth|jit|ptl|gguf|onnx|safetensors|npy|npz|pkl|tar|package|distcp|bin)$/.test(path),
  );

  it.each(files.filter((path) => !withFindings.test(path)))("%s is clean", async (path) => {
    const report = await scan(read(path), { name: path });
    expect(codes(report)).toEqual([]);
  });

  it.each(files.filter((path) => withFindings.test(path)))(
    "%s has nothing dangerous but torch.load",
    async (path) => {
      const { findings } = await scan(read(path), { name: path });
      const dangers = findings.filter(({ severity }) => severity === "danger").map(({ message }) => message);
      expect(
        dangers.filter((message) => !/_load_from_bytes|reduce_package_graph_module/.test(message)),
      ).toEqual([]);
    },
  );
});

describe("the report", () => {
  const validate = new Ajv({ allErrors: true, strict: true, allowUnionTypes: true }).compile(
    JSON.parse(readFileSync(join(root, "docs/scan.schema.json"), "utf8")) as object,
  );
  const escape = "\x80\x02cev\x1bil\n\xe2\x80\xaename\n.";

  it.each<[string, Uint8Array]>([
    ["a clean file", read("torch-zip/state-dict.pt")],
    ["findings", bytesOf(`\x80\x02N.${system}`)],
    ["what is no checkpoint", bytesOf("hello")],
    ["an empty file", new Uint8Array(0)],
    ["an archive of another kind", read("npy/../numpy/every.npz")],
    ["escapes in names", bytesOf(escape)],
  ])("is JSON of the documented shape for %s", async (_, file) => {
    const json: unknown = JSON.parse(renderScanJson(await scan(file, { source: "x" })));
    expect(validate(json) ? [] : validate.errors).toEqual([]);
  });

  it("shows nothing that a terminal could take for a command", async () => {
    const report = await scan(bytesOf(escape), { source: "a\u001b[31m" });
    const printed = `${renderScanText(report).join("\n")}${renderScanJson(report)}`;
    // eslint-disable-next-line no-control-regex
    expect(printed).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202a-\u202e]/);
  });

  it("says first what matters most", async () => {
    expect(renderScanText(await scan(bytesOf(`\x80\x02N.${system}`), { source: "x.pkl" }))).toEqual([
      "x.pkl: 2 findings; 2 pickles",
      'DANGER   loading it calls "os.system": it runs programs or reaches into the operating system',
      "warning  another pickle follows the first at byte 4; some loaders read only the first",
      "Nothing of it was run.",
    ]);
  });
});

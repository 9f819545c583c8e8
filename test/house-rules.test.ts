/**
 * The rules of the house, as `docs/decisions.md` explains them: imports go down the floors only, no cycles, `node:`
 * only where Node is certain, every export documented and typed, names that say something.
 */

import { existsSync, readdirSync, readFileSync } from "node:fs";
import { isBuiltin } from "node:module";
import { basename, dirname, join, relative, sep } from "node:path";
import { fileURLToPath } from "node:url";
import { rolldown } from "rolldown";
import { parseAst } from "rolldown/parseAst";
import { describe, expect, it } from "vitest";
import * as nn from "../src/nn/index.ts";

const root = fileURLToPath(new URL("..", import.meta.url));

/** Floors of `src/`, the ground first. Files in `src/` itself are the ground, but for the index files on top. */
const floors: readonly (readonly string[])[] = [
  ["."],
  ["kernels", "bytes"],
  ["tensor", "catalog"],
  ["autograd", "pickle", "inspect"],
  ["ops", "formats"],
  ["functional", "node"],
  ["nn", "optim", "data"],
  ["state"],
  ["cli"],
];

/** Folders that see less than their floor allows: the inspector knows nothing but catalogs. */
const seesOnly: ReadonlyMap<string, readonly string[]> = new Map([["inspect", [".", "catalog", "inspect"]]]);

/** Where `node:` modules and packages may be imported. */
const nodeFolders: ReadonlySet<string> = new Set(["node", "cli"]);
const packages: ReadonlyMap<string, readonly string[]> = new Map([
  ["bytes", ["@huggingface/hub"]],
  ["cli", ["commander"]],
  ["node", ["koffi"]],
]);

/** Files that may say `any`, and how often: the type of a module's `forward` needs it once. */
const anyAllowed: ReadonlyMap<string, number> = new Map([["nn/module.ts", 1]]);

/** A node of the syntax tree, as far as these rules look at it. */
interface Syntax {
  readonly type: string;
  readonly start: number;
  readonly [field: string]: unknown;
}

interface SourceFile {
  readonly path: string;
  readonly folder: string;
  readonly code: string;
  readonly program: Syntax;
  /** Every node of the tree. */
  readonly nodes: readonly Syntax[];
  /** What it imports, types and dynamic imports included. */
  readonly imports: readonly string[];
}

function isSyntax(value: unknown): value is Syntax {
  return typeof value === "object" && value !== null && "type" in value && "start" in value;
}

function nodesOf(program: Syntax): Syntax[] {
  const nodes: Syntax[] = [];
  const pending: Syntax[] = [program];
  for (let node = pending.pop(); node !== undefined; node = pending.pop()) {
    nodes.push(node);
    for (const field of Object.values(node)) {
      for (const item of Array.isArray(field) ? (field as unknown[]) : [field]) {
        if (isSyntax(item)) pending.push(item);
      }
    }
  }
  return nodes.sort((a, b) => a.start - b.start);
}

function sourceFiles(): SourceFile[] {
  const src = join(root, "src");
  return readdirSync(src, { recursive: true, encoding: "utf8" })
    .map((path) => path.replaceAll(sep, "/"))
    .filter((path) => path.endsWith(".ts") && !path.endsWith(".test.ts"))
    .sort()
    .map((path) => {
      const code = readFileSync(join(src, path), "utf8");
      const program = parseAst(code, { lang: "ts" }, path) as unknown as Syntax;
      const nodes = nodesOf(program);
      const imports = nodes.flatMap((node) => {
        const source = node["source"];
        return isSyntax(source) && typeof source["value"] === "string" ? [source["value"]] : [];
      });
      return { path, folder: dirname(path).split("/")[0]!, code, program, nodes, imports };
    });
}

const files = sourceFiles();
const ground = files.filter((file) => !isIndex(file.path));

function isIndex(path: string): boolean {
  return path === "index.ts" || path === "index.node.ts";
}

/** The path below `src/` that a relative import means; null for packages and what lies outside. */
function target(file: SourceFile, specifier: string): string | null {
  if (!specifier.startsWith(".")) return null;
  const path = join(dirname(file.path), specifier).replaceAll(sep, "/");
  return path.startsWith("..") ? null : path;
}

function floorOf(folder: string): number {
  return floors.findIndex((floor) => floor.includes(folder));
}

describe("imports", () => {
  it("name files that exist, with their extension", () => {
    const wrong = files.flatMap((file) =>
      file.imports
        .filter((specifier) => specifier.startsWith("."))
        .filter(
          (specifier) =>
            !/\.(ts|json)$/.test(specifier) || !existsSync(join(root, "src", dirname(file.path), specifier)),
        )
        .map((specifier) => `${file.path} imports ${specifier}`),
    );
    expect(wrong).toEqual([]);
  });

  it("go down the floors, types included", () => {
    const wrong = ground.flatMap((file) =>
      file.imports.flatMap((specifier) => {
        const path = target(file, specifier);
        if (path === null) return [];
        const folder = dirname(path).split("/")[0]!;
        const isDown = floorOf(folder) < floorOf(file.folder) || folder === file.folder;
        const isSeen = seesOnly.get(file.folder)?.includes(folder) ?? true;
        return isDown && isSeen && !isIndex(path) ? [] : [`${file.path} imports ${path}`];
      }),
    );
    expect(wrong).toEqual([]);
  });

  it("know the floor of every folder", () => {
    expect(files.map((file) => file.folder).filter((folder) => floorOf(folder) < 0)).toEqual([]);
  });

  it("form no cycle", () => {
    const graph = new Map(
      files.map((file) => [file.path, file.imports.flatMap((specifier) => target(file, specifier) ?? [])]),
    );
    const done = new Set<string>();
    const cycles: string[] = [];
    const visit = (path: string, trail: readonly string[]): void => {
      if (trail.includes(path)) cycles.push([...trail.slice(trail.indexOf(path)), path].join(" → "));
      if (trail.includes(path) || done.has(path)) return;
      for (const next of graph.get(path) ?? []) visit(next, [...trail, path]);
      done.add(path);
    };
    for (const path of graph.keys()) visit(path, []);
    expect(cycles).toEqual([]);
  });

  it("take from Node and from packages only where that is certain", () => {
    const wrong = files.flatMap((file) =>
      file.imports
        .filter((specifier) => !specifier.startsWith("."))
        .filter((specifier) => {
          if (isBuiltin(specifier)) return !(specifier.startsWith("node:") && nodeFolders.has(file.folder));
          return !(packages.get(file.folder)?.includes(specifier) ?? false);
        })
        .map((specifier) => `${file.path} imports ${specifier}`),
    );
    expect(wrong).toEqual([]);
  });
});

describe("the browser entry", () => {
  it("bundles without anything of Node", async () => {
    const bundle = await rolldown({
      input: join(root, "src/index.ts"),
      platform: "browser",
      logLevel: "silent",
    });
    const { output } = await bundle.generate({ format: "esm" });
    await bundle.close();
    const chunks = output.filter((file) => file.type === "chunk");
    const own = new Set(chunks.map((chunk) => chunk.fileName));
    for (const { imports, dynamicImports, code } of chunks) {
      // What is loaded late, for hf:// addresses, is in the bundle too: nothing comes from outside.
      expect([...imports, ...dynamicImports].filter((name) => !own.has(name))).toEqual([]);
      expect(code).not.toMatch(/["'`]node:/);
    }
    const [entry] = chunks;
    expect(entry!.code).not.toMatch(/\bprocess\.(env|argv|stdout|platform|versions)\b|(?<!#)\brequire\(/);
    expect(entry!.exports).toContain("open");
  });
});

/** Whether a doc comment stands right above a place in the code. */
function isDocumented(code: string, start: number): boolean {
  const before = code.slice(0, start).trimEnd();
  return before.endsWith("*/") && before.startsWith("/**", before.lastIndexOf("/*"));
}

function nameOf(declaration: Syntax): string {
  const id = declaration["id"];
  return isSyntax(id) ? String(id["name"]) : "?";
}

/** A literal says its type by itself, as for `isolatedDeclarations`. */
function isLiteral(value: unknown): boolean {
  if (!isSyntax(value)) return false;
  return value.type === "Literal" || (value.type === "UnaryExpression" && isLiteral(value["argument"]));
}

/** The parameters and result of a function that have no type. */
function untypedParts(method: Syntax, name: string, needsResult: boolean): string[] {
  const wrong: string[] = [];
  for (const parameter of method["params"] as readonly Syntax[]) {
    // `x = 1`, `...rest`, or the parameter itself; a parameter property wraps it once more.
    const inner = parameter["left"] ?? parameter["argument"] ?? parameter;
    const typed =
      isSyntax(inner) && (isSyntax(inner["typeAnnotation"]) || isSyntax(parameter["typeAnnotation"]));
    if (!typed && !isLiteral(parameter["right"])) wrong.push(`${name}: a parameter has no type`);
  }
  if (needsResult && !isSyntax(method["returnType"])) wrong.push(`${name}: the result has no type`);
  return wrong;
}

function isPrivate(member: Syntax): boolean {
  const key = member["key"];
  return (isSyntax(key) && key.type === "PrivateIdentifier") || member["accessibility"] === "private";
}

/** What in an exported declaration leaves its type to inference. */
function untyped(declaration: Syntax): string[] {
  const name = nameOf(declaration);
  switch (declaration.type) {
    case "FunctionDeclaration":
    case "TSDeclareFunction":
      return untypedParts(declaration, name, true);
    case "VariableDeclaration":
      return (declaration["declarations"] as readonly Syntax[]).flatMap((variable) => {
        const id = variable["id"] as Syntax;
        const value = variable["init"];
        const isConst =
          isSyntax(value) && (value.type === "TSAsExpression" || value.type === "TSSatisfiesExpression");
        return isSyntax(id["typeAnnotation"]) || isConst || isLiteral(value)
          ? []
          : [`${String(id["name"])}: the constant has no type`];
      });
    case "ClassDeclaration":
      return ((declaration["body"] as Syntax)["body"] as readonly Syntax[]).flatMap((member) => {
        if (isPrivate(member) || member.type === "StaticBlock") return [];
        const key = member["key"];
        const label = `${name}.${isSyntax(key) ? String(key["name"] ?? key["value"] ?? "[…]") : "?"}`;
        if (member.type === "PropertyDefinition") {
          return isSyntax(member["typeAnnotation"]) || isLiteral(member["value"])
            ? []
            : [`${label}: the field has no type`];
        }
        const kind = member["kind"];
        const value = member["value"];
        return isSyntax(value) ? untypedParts(value, label, kind !== "constructor" && kind !== "set") : [];
      });
    default:
      return [];
  }
}

describe("exports", () => {
  const declarations = ground.flatMap((file) => {
    const body = file.program["body"] as readonly Syntax[];
    return body.flatMap((statement) => {
      const declaration = statement["declaration"];
      return statement.type === "ExportNamedDeclaration" && isSyntax(declaration)
        ? [{ file, statement, declaration }]
        : [];
    });
  });

  it("are declared where they are exported, and never default", () => {
    const wrong = files.flatMap((file) =>
      (file.program["body"] as readonly Syntax[])
        .filter(
          (statement) =>
            statement.type === "ExportDefaultDeclaration" ||
            (statement.type === "ExportNamedDeclaration" &&
              !isSyntax(statement["declaration"]) &&
              !isSyntax(statement["source"])),
        )
        .map((statement) => `${file.path}: ${file.code.slice(statement.start, statement.start + 60)}`),
    );
    expect(wrong).toEqual([]);
  });

  it("are documented", () => {
    const documented = new Set(
      declarations
        .filter(({ file, statement }) => isDocumented(file.code, statement.start))
        .map(({ file, declaration }) => `${file.path}: ${nameOf(declaration)}`),
    );
    // Overloads share the comment of the first.
    const wrong = declarations
      .filter(({ file, statement, declaration }) => {
        const isOverload =
          declaration.type.includes("Function") && documented.has(`${file.path}: ${nameOf(declaration)}`);
        return !isOverload && !isDocumented(file.code, statement.start);
      })
      .map(
        ({ file, statement }) => `${file.path}: ${file.code.slice(statement.start, statement.start + 60)}`,
      );
    expect(wrong).toEqual([]);
  });

  it("of layers say their shapes", () => {
    const layers = Object.entries(nn as Readonly<Record<string, unknown>>)
      .filter(([, value]) => typeof value === "function" && value.prototype instanceof nn.Module)
      .filter(([, value]) => (value as typeof nn.Module).prototype.forward !== nn.Module.prototype.forward)
      .map(([name]) => name);
    const classes = declarations.filter(({ declaration }) => declaration.type === "ClassDeclaration");
    const saysShapes = (name: string): boolean =>
      classes.some(({ file, statement, declaration }) => {
        if (nameOf(declaration) !== name) return false;
        const before = file.code.slice(0, statement.start);
        const above = declaration["superClass"];
        return (
          before.slice(before.lastIndexOf("/**")).includes("Shape:") ||
          // Another name or a variant of a layer is as that one is.
          (isSyntax(above) && layers.includes(String(above["name"])) && saysShapes(String(above["name"])))
        );
      });
    const silent = classes
      .map(({ declaration }) => nameOf(declaration))
      .filter((name) => layers.includes(name) && !saysShapes(name));
    expect(layers.length).toBeGreaterThan(100);
    expect(silent).toEqual([]);
  });

  it("say their types", () => {
    const wrong = declarations.flatMap(({ file, declaration }) =>
      untyped(declaration).map((what) => `${file.path}: ${what}`),
    );
    expect(wrong).toEqual([]);
  });
});

describe("files", () => {
  it("begin by saying what they own", () => {
    expect(files.filter((file) => !file.code.startsWith("/**")).map((file) => file.path)).toEqual([]);
  });

  it("do not say any", () => {
    const wrong = files
      .map((file) => ({
        path: file.path,
        count: file.nodes.filter((node) => node.type === "TSAnyKeyword").length,
      }))
      .filter(({ path, count }) => count > (anyAllowed.get(path) ?? 0));
    expect(wrong).toEqual([]);
  });

  it("are named by a noun in kebab case", () => {
    const all = ["src", "test", "examples", "scripts"].flatMap((folder) =>
      readdirSync(join(root, folder), { recursive: true, encoding: "utf8" })
        .filter((path) => /\.(ts|js)$/.test(path))
        .map((path) => relative(root, join(root, folder, path)).replaceAll(sep, "/")),
    );
    const wrong = all.filter((path) => {
      const [stem = ""] = basename(path).split(".");
      return !/^[a-z0-9]+(-[a-z0-9]+)*$/.test(stem) || /^(utils?|helpers?|common|types?|misc)$/.test(stem);
    });
    expect(wrong).toEqual([]);
  });
});

/**
 * The classes in the program text of a TorchScript archive: what each says of its parameters, its buffers, and the
 * state it pickles itself as. The text is looked at line by line and never run.
 *
 * Source: torch/csrc/jit/serialization/python_print.cpp and import_source.cpp of PyTorch 2.13.
 */

/** A class of the program. */
export interface ScriptClass {
  /** Whether it is a module; others are classes, named tuples, enums and interfaces of the program. */
  readonly isModule: boolean;
  readonly parameters: ReadonlySet<string>;
  readonly buffers: ReadonlySet<string>;
  /** What `__setstate__` makes of the items of a state that is a tuple, by their places. */
  readonly stateNames: ReadonlyMap<number, string>;
}

const classLine = /^class ([^(:\s]+)(?:\((\w+)\))?:/;
const slotsLine = /^ {2}(__parameters__|__buffers__) = \["(.*)", \]\s*$/;
const methodLine = /^ {2}def (\w+)\(/;
/** `self.scale = (state)[12]` */
const itemLine = /^\s+\w+\.(\w+) = \(\w+\)\[(\d{1,6})\]\s*$/;
/** `_7 = (self).set_weight_bias((state)[10], (state)[11], )`, by which quantized layers take theirs. */
const weightLine = /\.set_weight_bias\(\(\w+\)\[(\d{1,6})\], \(\w+\)\[(\d{1,6})\]/;

interface OpenClass extends ScriptClass {
  readonly parameters: Set<string>;
  readonly buffers: Set<string>;
  readonly stateNames: Map<number, string>;
}

/**
 * The classes of one file of the program, by name.
 *
 * @example
 * scriptClasses('class Linear(Module):\n  __parameters__ = ["weight", "bias", ]\n').get("Linear")?.parameters;
 */
export function scriptClasses(text: string): ReadonlyMap<string, ScriptClass> {
  const classes = new Map<string, ScriptClass>();
  let open: OpenClass | null = null;
  let method: string | null = null;
  for (const line of text.split("\n")) {
    const header = classLine.exec(line);
    if (header !== null) {
      open = {
        isModule: header[2] === "Module",
        parameters: new Set(),
        buffers: new Set(),
        stateNames: new Map(),
      };
      method = null;
      classes.set(header[1]!, open);
    } else if (/^\S/.test(line)) {
      open = null;
    } else if (open !== null) {
      method = methodLine.exec(line)?.[1] ?? method;
      if (method === null) readSlots(line, open);
      else if (method === "__setstate__") readStateNames(line, open);
    }
  }
  return classes;
}

function readSlots(line: string, { parameters, buffers }: OpenClass): void {
  const slots = slotsLine.exec(line);
  if (slots === null) return;
  const names = slots[1] === "__parameters__" ? parameters : buffers;
  // PyTorch writes the names as they are, quotes in them included.
  for (const name of slots[2]!.split('", "')) names.add(name);
}

function readStateNames(line: string, { stateNames }: OpenClass): void {
  const item = itemLine.exec(line);
  if (item !== null) stateNames.set(Number(item[2]), item[1]!);
  const weight = weightLine.exec(line);
  if (weight === null) return;
  stateNames.set(Number(weight[1]), "weight");
  stateNames.set(Number(weight[2]), "bias");
}

/** The record with the text of the classes of a module, as a pickle names it; null for what is not of the program. */
export function scriptRecordOf(module: string): string | null {
  if (module !== "__torch__" && !module.startsWith("__torch__.")) return null;
  return module.startsWith("__torch__.torch.classes.") ? null : `code/${module.replaceAll(".", "/")}.py`;
}

/**
 * The Python class that a class of the program was made from: without the prefix that all have, and without the number
 * that tells classes apart that were compiled from one.
 *
 * @example
 * pythonClassOf("__torch__.torch.nn.modules.linear.___torch_mangle_4.Linear"); // "torch.nn.modules.linear.Linear"
 * pythonClassOf("__torch__.Net"); // "__main__.Net"
 */
export function pythonClassOf(name: string): string {
  const levels = name.split(".").filter((level) => !/^___torch_mangle_\d+$/.test(level));
  if (levels[0] !== "__torch__") return name;
  return (levels.length === 2 ? ["__main__", levels[1]] : levels.slice(1)).join(".");
}

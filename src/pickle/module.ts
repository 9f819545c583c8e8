/**
 * Whole pickled modules, recognised by what every `nn.Module` holds, whatever its class: `_parameters`, `_buffers` and
 * `_modules`. One level at a time: who walks the children remembers where they were, for modules may share and contain
 * each other.
 */

import { keyOf } from "../catalog/value.ts";
import type { DictItem, DictValue, Value } from "../catalog/value.ts";
import { constructionOf, isKind, qualifiedName } from "./globals.ts";

/** A slot of a module; its value is null when it was registered as None. */
export interface ModuleSlot {
  readonly name: string;
  readonly value: Value;
}

/** A buffer of a module. */
export interface BufferSlot extends ModuleSlot {
  /** Whether state dicts have it. */
  readonly isPersistent: boolean;
}

/** What a pickle says of one module, without its children's insides. All lists are in PyTorch's order. */
export interface ModuleRecord {
  /** The qualified name of its class, null where even that is missing. */
  readonly class: string | null;
  /** Its mode where it is recorded, else null. */
  readonly training: boolean | null;
  readonly parameters: readonly ModuleSlot[];
  readonly buffers: readonly BufferSlot[];
  readonly children: readonly ModuleSlot[];
  /** Its own attributes (`in_features`, `eps`, …), without what PyTorch keeps for itself. */
  readonly attributes: readonly DictItem[];
  /** The Python source of its class, which files of old PyTorch embed; else null. */
  readonly source: string | null;
}

/** Attributes that every module has for PyTorch's own use. Source: torch/nn/modules/module.py. */
const ownAttributes: ReadonlySet<Value> = new Set<Value>([
  "training",
  "_parameters",
  "_buffers",
  "_modules",
  "_non_persistent_buffers_set",
  "_backward_pre_hooks",
  "_backward_hooks",
  "_is_full_backward_hook",
  "_forward_hooks",
  "_forward_hooks_with_kwargs",
  "_forward_hooks_always_called",
  "_forward_pre_hooks",
  "_forward_pre_hooks_with_kwargs",
  "_state_dict_hooks",
  "_state_dict_pre_hooks",
  "_load_state_dict_pre_hooks",
  "_load_state_dict_post_hooks",
]);

function field(dict: DictValue, name: string): Value | undefined {
  return dict.items.get(keyOf(name))?.value;
}

/** The named slots of a dictionary; keys that are no text name nothing and are left out. */
function slotsOf(dict: DictValue): ModuleSlot[] {
  const slots: ModuleSlot[] = [];
  for (const { key, value } of dict.items.values())
    if (typeof key === "string") slots.push({ name: key, value });
  return slots;
}

/** The attributes of an object: its state, or the first half of a state with slots. */
function attributesOf(state: Value): DictValue | undefined {
  const own = isKind(state, "tuple") && state.items.length === 2 ? state.items[0] : state;
  return isKind(own, "dict") ? own : undefined;
}

/** How fx writes a GraphModule: a call with its attributes as argument, since its class exists only while it runs. */
const graphModules: ReadonlyMap<string, number> = new Map([
  ["torch.fx.graph_module.reduce_graph_module", 0],
  ["torch.fx.graph_module.reduce_deploy_graph_module", 1],
  ["torch.fx.graph_module.reduce_package_graph_module", 1],
]);

interface Origin {
  readonly class: string | null;
  readonly attributes: DictValue | undefined;
  readonly source: string | null;
}

function originOf(value: Value): Origin | undefined {
  if (!isKind(value, "object") || value.made === "lookup" || value.made === "extend") return undefined;
  const { class: made, args } = constructionOf(value);
  const name = qualifiedName(made);
  const graphArgument = name === undefined ? undefined : graphModules.get(name);
  if (graphArgument !== undefined) {
    const body = args[graphArgument];
    return {
      class: "torch.fx.graph_module.GraphModule",
      attributes: isKind(body, "dict") ? body : undefined,
      source: null,
    };
  }
  const attributes = attributesOf(value.state);
  if (name !== undefined) return { class: name, attributes, source: null };
  // ("module", class, path of the source file, source): a class as files before PyTorch 1.6 refer to it.
  const id = isKind(made, "persistent") && isKind(made.id, "tuple") ? made.id.items : [];
  if (id[0] !== "module") return { class: null, attributes, source: null };
  return {
    class: qualifiedName(id[1]) ?? null,
    attributes,
    source: typeof id[3] === "string" ? id[3] : null,
  };
}

/**
 * What a value says of a module; undefined when it is none. Looks at this one level only.
 *
 * @example
 * const module = moduleOf(value);
 * for (const { name, value } of module?.parameters ?? []) console.log(name, value === null);
 */
export function moduleOf(value: Value): ModuleRecord | undefined {
  const origin = originOf(value);
  if (origin?.attributes === undefined) return undefined;
  const { attributes } = origin;
  const parameters = field(attributes, "_parameters");
  const buffers = field(attributes, "_buffers");
  const children = field(attributes, "_modules");
  if (!isKind(parameters, "dict") || !isKind(buffers, "dict") || !isKind(children, "dict")) return undefined;
  const training = field(attributes, "training");
  const excluded = field(attributes, "_non_persistent_buffers_set");
  const nonPersistent = new Set(isKind(excluded, "set") || isKind(excluded, "list") ? excluded.items : []);
  return {
    class: origin.class,
    training: typeof training === "boolean" ? training : null,
    parameters: slotsOf(parameters),
    buffers: slotsOf(buffers).map(({ name, value }) => ({
      name,
      value,
      isPersistent: !nonPersistent.has(name),
    })),
    children: slotsOf(children),
    attributes: [...attributes.items.values()].filter(({ key }) => !ownAttributes.has(key)),
    source: origin.source,
  };
}

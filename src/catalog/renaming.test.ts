import { expect, it } from "vitest";
import { movedModules, renamedModules } from "./renaming.ts";

it.each<[string, [string, string][], string[], string[]]>([
  [
    "move with a prefix that goes, also those without tensors",
    [
      ["module.conv.weight", "conv.weight"],
      ["module.fc.weight", "fc.weight"],
    ],
    ["", "module", "module.conv", "module.relu", "module.fc"],
    ["", "", "conv", "relu", "fc"],
  ],
  [
    "move with a prefix that comes",
    [["fc.weight", "net.fc.weight"]],
    ["", "fc", "relu"],
    ["net", "net.fc", "net.relu"],
  ],
  [
    "move when all of their tensors do",
    [
      ["fc.weight", "head.weight"],
      ["fc.bias", "head.bias"],
      ["conv.weight", "conv.weight"],
    ],
    ["", "fc", "fc.drop", "conv"],
    ["", "head", "head.drop", "conv"],
  ],
  [
    "stay when only some of their tensors move",
    [
      ["fc.weight", "head.weight"],
      ["fc.bias", "fc.bias"],
    ],
    ["", "fc"],
    ["", "fc"],
  ],
  ["stay when a tensor gets another last part", [["fc.weight", "fc.kernel"]], ["", "fc"], ["", "fc"]],
  ["stay without tensors around them that move", [["a.weight", "a.weight"]], ["", "a", "b"], ["", "a", "b"]],
])("modules %s", (_, names, modules, expected) => {
  const moved = movedModules(new Map(names), modules);
  expect(modules.map((module) => moved.get(module))).toEqual(expected);
});

it("modules inside a container keep their container, and of two that meet the first stays", () => {
  const facts = ["sd", "sd/module", "sd/module.fc", "other", "other/module"].map((name) => ({
    name,
    class: null,
    training: null,
  }));
  const moved = new Map([
    ["", ""],
    ["module", ""],
    ["module.fc", "fc"],
  ]);
  expect(renamedModules(facts, "sd", moved).map(({ name }) => name)).toEqual([
    "sd",
    "sd/fc",
    "other",
    "other/module",
  ]);
});

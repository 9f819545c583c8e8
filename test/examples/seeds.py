"""Records what the documents' programs print with real PyTorch, into seeds.json.

    .oracle/bin/python -W ignore test/examples/seeds.py ../shared/seeds

The programs are read from the documents and run as they stand, each after `torch.manual_seed`. Those that use the class
of an earlier program get it from there. Programs that look up a name run once more with an unknown one.
"""

import ast
import contextlib
import io
import json
import pathlib
import re
import sys

import torch

SEEDS = [0, 7, 2025]
UNKNOWN = {"001-1": ("linear1.weight", "linear9.weight"), "001-2": ("linear1.weight", "linear9.weight"), "001-3": ('r"linear"', 'r"conv"')}


def printed(program, classes, seed):
    torch.manual_seed(seed)
    torch.set_printoptions(profile="default")
    space = {"__name__": "program"}
    exec("import torch\nimport torch.nn as nn\n" + classes, space)
    torch.manual_seed(seed)
    output = io.StringIO()
    with contextlib.redirect_stdout(output):
        exec(program, space)
    return output.getvalue()


def classes_of(program):
    return "\n".join(ast.unparse(node) for node in ast.parse(program).body if isinstance(node, ast.ClassDef))


outputs = {}
for document in sorted(pathlib.Path(sys.argv[1]).glob("*.txt")):
    programs = re.findall(r"^```python\n(.*?)^```$", document.read_text(), re.M | re.S)
    classes = classes_of(programs[0])
    for number, program in enumerate(programs, 1):
        name = f"{document.name[:3]}-{number}"
        before = classes if number > 1 else ""
        for seed in SEEDS:
            outputs[f"{name} {seed}"] = printed(program, before, seed)
        if name in UNKNOWN:
            known, unknown = UNKNOWN[name]
            argument = re.sub(r'^r?"|"$', "", unknown)
            outputs[f"{name} {SEEDS[0]} {argument}"] = printed(program.replace(known, unknown), before, SEEDS[0])

target = pathlib.Path(__file__).parent / "seeds.json"
target.write_text(json.dumps({"torch": torch.__version__, "outputs": outputs}, indent=1) + "\n")
print(f"{len(outputs)} outputs")

"""Lists the 149 tensors of a GPT-2 checkpoint of 498 MB as whole processes: parascope, PyTorch, safetensors.

    npm run build && python bench/list/list.py [--runs 15] [--folder FOLDER]

Needs torch, transformers and safetensors. Builds the files (random weights) once, in a temporary folder or in FOLDER,
where they stay. The sides take turns; printed are the median and the smallest time, and the largest peak memory.
"""

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]

BUILD = """
import sys, torch
from safetensors.torch import save_file
from transformers import GPT2Config, GPT2LMHeadModel
torch.manual_seed(0)
state = GPT2LMHeadModel(GPT2Config()).state_dict()
torch.save(state, sys.argv[1])
# The format has no ties: the second name of the embedding is left out, as transformers does.
save_file({name: value for name, value in state.items() if name != "lm_head.weight"}, sys.argv[2])
print(len(state), "tensors")
"""

PYTORCH = """
import sys, torch
for name, tensor in torch.load(sys.argv[1], mmap=True, weights_only=True).items():
    print(name, tuple(tensor.shape), tensor.dtype)
"""

SAFETENSORS = """
import sys
from safetensors import safe_open
with safe_open(sys.argv[1], "np") as file:
    for name in file.keys():
        part = file.get_slice(name)
        print(name, part.get_shape(), part.get_dtype())
"""


def run(command):
    """Seconds and peak memory in MB of one process, from its start to its end."""
    started = time.perf_counter()
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    seconds = time.perf_counter() - started
    process.returncode = status
    if status != 0:
        sys.exit(f"{command} failed")
    # Linux counts in KiB, macOS in bytes.
    return seconds, usage.ru_maxrss * (1 if sys.platform == "darwin" else 1024) / 1e6


def main():
    options = argparse.ArgumentParser()
    options.add_argument("--runs", type=int, default=15)
    options.add_argument("--folder", type=Path)
    given = options.parse_args()
    with tempfile.TemporaryDirectory(prefix="parascope-bench-") as temporary:
        folder = given.folder or Path(temporary)
        folder.mkdir(parents=True, exist_ok=True)
        zipped, flat = folder / "gpt2.pt", folder / "gpt2.safetensors"
        if not flat.exists():
            subprocess.run([sys.executable, "-W", "ignore", "-c", BUILD, zipped, flat], check=True)
        command = ROOT / "dist/bin/parascope.js"
        sides = {
            "parascope, .pt": ["node", command, zipped],
            "PyTorch, mmap=True, .pt": [sys.executable, "-c", PYTORCH, zipped],
            "parascope, .safetensors": ["node", command, flat],
            "safetensors from Python": [sys.executable, "-c", SAFETENSORS, flat],
            "node -e 0": ["node", "-e", "0"],
        }
        measured = {name: [] for name in sides}
        for _ in range(given.runs + 1):
            for name, side in sides.items():
                measured[name].append(run(side))
        print(f"{zipped.stat().st_size / 1e6:.0f} MB, {given.runs} runs each, after one that is not counted")
        print("| side | median | smallest | peak memory |\n|---|---|---|---|")
        for name, runs in measured.items():
            seconds = [second for second, _ in runs[1:]]
            memory = max(peak for _, peak in runs[1:])
            print(f"| {name} | {statistics.median(seconds):.3f} s | {min(seconds):.3f} s | {memory:.0f} MB |")


main()
